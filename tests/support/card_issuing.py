"""The issuing of cards over the virtual printer and encoder, both production drivers, a real journal and its books.

Only the registry is scripted: it grants what it is asked for. A test strikes the devices at a step of the card by the
journal's own entries, and looks afterwards at where every blank really is.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from adm.registry.v1 import registry_pb2 as pb
from PIL import Image, ImageDraw

from drivers import catalog
from drivers.card_printer.encoder import Settings as EncoderSettings
from drivers.card_printer.evolis import Settings as PrinterSettings
from kiosk.devices import Device
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.card_outcome import CardFailed, CardStep
from kiosk.issuance.card_station import Station
from kiosk.issuance.cards.limits import Limits
from kiosk.issuance.journal import Issuance, Journal
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.recovery import OPEN, recover
from kiosk.issuance.states import Event, State
from kiosk.issuance.stock import Handling, Item, StockEvent
from simulator.card_printer.card import Card, Spot
from simulator.card_printer.device import SERIAL
from simulator.card_printer.faults import Fault, Step
from simulator.card_printer.models import VENDOR_ID
from tests.support.encoder_bench import EncoderBench

BLANKS = 50
MOVE_S, ENCODE_S, PRINT_S, SETTLE_S, TAKE_S = 3.0, 6.0, 5.0, 1.5, 2.0
DOCUMENT = pb.Document(document_id="doc-1", kind=pb.DOCUMENT_KIND_KTP_EL, page_count=1, blank=pb.BLANK_CARD_KTP_EL)
_BEGINS = {Step.ENCODE: Event.ENCODE, Step.PRINT: Event.PRINT, Step.PRESENT: Event.COMPLETE}


def portrait() -> bytes:
    """A face of nobody: enough for a design."""
    image = Image.new("RGB", (300, 400), (60, 110, 180))
    pen = ImageDraw.Draw(image)
    pen.ellipse((80, 70, 220, 260), fill=(205, 160, 130))
    pen.rectangle((40, 270, 260, 400), fill=(90, 60, 40))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def scribble() -> bytes:
    """A signature of nobody."""
    image = Image.new("L", (300, 100), 255)
    ImageDraw.Draw(image).line([(20, 60), (80, 20), (120, 80), (180, 30), (270, 60)], fill=0, width=5)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def content(**changes: Any) -> pb.CardContent:
    """A KTP-el as the registry sends it."""
    fields = {
        "Nama": "HAMID SUROSO",
        "Tempat/Tgl Lahir": "MAGETAN, 17-08-1978",
        "Jenis Kelamin": "LAKI-LAKI",
        "Gol. Darah": "O",
        "Alamat": "JL. MELATI NO. 12",
        "RT/RW": "003/002",
        "Kel/Desa": "MAGETAN",
        "Kecamatan": "MAGETAN",
        "Agama": "ISLAM",
        "Status Perkawinan": "KAWIN",
        "Pekerjaan": "GURU",
        "Kewarganegaraan": "WNI",
        "Berlaku Hingga": "SEUMUR HIDUP",
        **changes.pop("fields", {}),
    }
    values = {
        "kind": pb.DOCUMENT_KIND_KTP_EL,
        "province_heading": "PROVINSI JAWA TIMUR",
        "regency_heading": "KABUPATEN MAGETAN",
        "fields": [pb.CardField(label=label, value=value) for label, value in fields.items() if value is not None],
        "nik": "3520061708780003",
        "photo_jpeg": portrait(),
        "signature_png": scribble(),
        "issued_line": "MAGETAN, 23-11-2026",
        "chip_biodata": '"3520061708780003"' + ',"x"' * 20,
        "replaces_card": True,
        **changes,
    }
    return pb.CardContent(**values)


class GrantingRegistry:
    """Grants one card after the other."""

    def __init__(self, card: pb.CardContent) -> None:
        self.card = card
        self.granted = 0

    async def begin(self, key: str, token: str, document_id: str, data_version: str) -> tuple[pb.GrantClaims, str]:
        self.granted += 1
        data = self.card.SerializeToString()
        claims = pb.GrantClaims(
            grant_id=f"grant-{self.granted}",
            receipt_number=f"ADM-3520-{self.granted:06d}",
            page_count=1,
            artefact_sha256=hashlib.sha256(data).digest(),
            tracking_url="http://127.0.0.1/t",
        )
        return claims, "00"

    async def get_artefact(self, claims: pb.GrantClaims) -> bytes:
        return self.card.SerializeToString()


class StrikingLedger(Ledger):
    """A journal that has somebody act as soon as a move of the card stands in it: once."""

    strike: tuple[Event, Callable[[], Awaitable[None]]] | None = None

    async def append(
        self,
        key: str,
        event: Event,
        detail: Mapping[str, Any],
        tell: tuple[str, Mapping[str, Any]] | None = None,
    ) -> int:
        seq = await super().append(key, event, detail, tell)
        if self.strike is not None and event is self.strike[0]:
            act, self.strike = self.strike[1], None
            await act()
        return seq


class Killed(BaseException):
    """The daemon's end."""


class IssuingBench:
    """One machine's card station.

    Args:
        path: For the journal; a new one each time.
        bench: Virtual printer and encoder; may outlive this.
    """

    def __init__(self, path: Path, bench: EncoderBench, card: pb.CardContent | None = None) -> None:
        self.path = path / "journal.db"
        self.bench = bench
        self.registry = GrantingRegistry(card or content())
        self.steps: list[CardStep] = []
        self.cards_before = len(bench.virtual.mechanism.cards)

    async def start(self, load: bool = True) -> None:
        """Open the devices and the journal; the hopper's blanks are in the books."""
        virtual = self.bench.virtual
        printer = PrinterSettings(
            vendor_id=VENDOR_ID,
            product_id=virtual.model.product_id,
            serial=SERIAL,
            backend=f"usbip:{virtual.usbip}",
            profile=virtual.model.name,
        )
        encoder = EncoderSettings(
            reader_pattern=self.bench.chips.reader_pattern,
            pcscd_socket=self.bench.chips.pcscd_socket,
            transmit_timeout_s=1.0,
        )
        self.printer: Device[Any] = Device(
            "card_printer", "evolis", lambda: catalog.create("card_printer", "evolis", printer)
        )
        self.encoder: Device[Any] = Device(
            "card_encoder", "pcsc", lambda: catalog.create("card_encoder", "pcsc", encoder)
        )
        await self.printer.open()
        await self.encoder.open()
        self.ledger = StrikingLedger(Journal(self.path, 1 << 30))
        if load:
            loaded = Handling(StockEvent.LOAD, Item.CARD_KTP_EL, "SIM-1", BLANKS)
            await self.ledger.record_stock([loaded], ("S-01", "S-02"))
        station = Station(
            pb.DOCUMENT_KIND_KTP_EL,
            pb.BLANK_CARD_KTP_EL,
            self.printer,
            self.encoder,
            Limits(),
            PrintLog(self.path.with_name("card_printer.json")),
            MOVE_S,
            SETTLE_S,
        )
        registry: Any = self.registry
        self.issuer = CardIssuer(self.ledger, registry, station, PRINT_S, ENCODE_S, None)

    async def stop(self) -> None:
        """Let go of everything."""
        await self.printer.close()
        await self.encoder.close()
        self.ledger.close()

    async def restart(self) -> int:
        """The daemon was killed: only the journal and the printer's own memory are left; gives how many were open."""
        await self.stop()
        await self.start(load=False)
        issuer: Any = None
        return await recover(self.ledger, issuer, {"DOCUMENT_KIND_KTP_EL": self.issuer})

    def strike(self, fault: Fault, step: Step) -> None:
        """This fault is there from when the step begins; from now on when that is the first."""
        if step is Step.FEED:
            self.bench.run(self.bench.virtual.strike_now(fault))
            return

        async def act() -> None:
            self.bench.run(self.bench.virtual.strike_now(fault))

        self.ledger.strike = (_BEGINS[step], act)

    async def killed_at(self, event: Event) -> int:
        """Have a card made and the daemon killed as soon as this move is journaled; gives how many were open then."""

        async def die() -> None:
            raise Killed

        self.ledger.strike = (event, die)
        with contextlib.suppress(Killed):
            await self.make()
        return await self.restart()

    async def make(self) -> str:
        """Have a card made, and take it when it lies there; gives how the issuance ended."""

        async def on_step(step: CardStep, _: float) -> None:
            self.steps.append(step)

        try:
            card = await self.issuer.make("token", DOCUMENT, "v1", on_step)
            if self.bench.virtual.mechanism.in_exit is not None:
                self.bench.act("take_card")
            if self.issuer.station.sees_exit:
                await self.issuer.wait_taken(card, TAKE_S)
            else:
                await self.issuer.endings.take(card, "touch")
        except CardFailed as error:
            return error.end.value
        return "taken"

    async def issuances(self) -> list[Issuance]:
        """All of them."""
        return await self.ledger.in_states(*State)

    async def open_ones(self) -> list[Issuance]:
        """Those that have not ended."""
        return await self.ledger.in_states(*OPEN)

    async def settle_by_looking(self) -> None:
        """A technician mends the machine, looks where a card of unknown outcome is, and says so."""
        mechanism = self.bench.virtual.mechanism
        self.bench.fault(None)
        for action in ("plug_in", "clear"):
            self.bench.act(action)
        for issuance in await self.ledger.in_states(State.UNKNOWN):
            out = [card for card in self.cards() if card.spot in (Spot.EXIT, Spot.TAKEN)]
            if mechanism.in_exit is not None:
                self.bench.act("take_card")
            await self.issuer.settle(issuance.key, taken=bool(out))

    def cards(self) -> list[Card]:
        """Every blank that left the hopper since this began."""
        return self.bench.virtual.mechanism.cards[self.cards_before :]

    async def book(self) -> dict[str, int]:
        """The figures of the blanks' book."""
        (book,) = [book for book in await self.ledger.books() if book.item is Item.CARD_KTP_EL]
        return {str(figure): count for figure, count in book.figures.items()}
