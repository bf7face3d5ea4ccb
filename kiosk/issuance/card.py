"""Makes one card at most once: fed, written, verified, printed, presented, and taken or taken back.

The journal comes before every irreversible move. A blank whose chip fails is rejected and a second one is tried, once;
nothing is ever printed again. When an answer is lost or a fault strikes, the printer is asked where the card is, and
what it says decides how the issuance ends; what it cannot say is `unknown`, for a technician.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from drivers.card_printer.personalise import BlankDefective, CardFiles
from drivers.card_printer.port import CardJob, CardSide, JobState, Place, PrintedCard
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DeviceFault, DriverError, NotFound, OutcomeUnknown, Unsupported
from drivers.status import DeviceState
from kiosk import logs
from kiosk.issuance import card_content
from kiosk.issuance.card_endings import CardEndings
from kiosk.issuance.card_hand_over import CardHandOver
from kiosk.issuance.card_outcome import Card, CardEnd, CardFailed, CardStep, OnCardStep
from kiosk.issuance.card_recovery import end_left_open, keep_blank
from kiosk.issuance.card_station import Station, Where
from kiosk.issuance.cards.errors import CardDesignError
from kiosk.issuance.cards.licence import LicenceUnusable, marked
from kiosk.issuance.cards.sides import Sides
from kiosk.issuance.errors import OutOfBlanks
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import Event, State
from kiosk.registry.client import Registry, RegistryError

BLANKS_TRIED: Final = 2
WAIT_S: Final = 1.0
RECALL_S: Final = 10.0
# What a card takes on a mid-range printer, both sides in colour; only the bar on the screen goes by it.
_USUAL_S: Final = 30.0
_NOTHING_MOVED: Final = (NotFound, Unsupported)


class CardIssuer(CardHandOver):
    """Spends blanks of one kind. The only caller of its printer's `print` and its encoder's `encode`."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        station: Station,
        print_s: float,
        encode_s: float,
        licence: Path | None,
    ) -> None:
        """Wire up.

        Args:
            print_s: Longest time one card may take to print.
            encode_s: Longest time the writing of one chip may take.
            licence: The operator's, see `cards.licence`.
        """
        super().__init__(CardEndings(ledger), station)
        self._ledger = ledger
        self._registry = registry
        self._print_s = print_s
        self._encode_s = encode_s
        self._licence = licence

    def draw(self, content: pb.CardContent) -> Sides:
        """Both sides as this machine prints them.

        Raises:
            CardDesignError: It cannot be drawn whole.
            LicenceUnusable: This machine must print no card now.
        """
        return card_content.sides(content, marked=marked(self._licence, datetime.now().astimezone().date()))

    async def make(self, token: str, document: pb.Document, data_version: str, on_step: OnCardStep) -> Card:
        """From the resident's yes to the card in the exit.

        Raises:
            Refused, RegistryError: The registry gave no grant; nothing was printed.
            JournalError: The journal takes no entry; nothing was printed.
            CardDesignError, LicenceUnusable: It cannot be drawn; no blank was touched.
            CardFailed: It ended otherwise.
        """
        batch = await self._check_ready()
        await on_step(CardStep.SIGNING, 0.0)
        card, claims = await self._granted(token, document, data_version)
        card.batch = batch
        front, back, files = await self._artefact(card, claims)
        card.chip_uid = await self._prepared(card, files, on_step)
        await on_step(CardStep.PRINTING, 0.0)
        job = await self._print(card, front, back)
        at = await self._finish(card, job, on_step)
        await self._present(card, at)
        return card

    async def end_left_open(self, issuance: Issuance) -> None:
        """End what an earlier run left open in exactly one state; nothing is printed."""
        await end_left_open(self.endings, self.station, issuance, self._print_s)

    async def settle(self, key: str, taken: bool) -> None:
        """A technician has looked and says what became of an `unknown` card.

        Raises:
            KeyError: There is no such issuance, or it is not unknown.
        """
        issuance = await self._ledger.issuance(key)
        if issuance is None or issuance.state is not State.UNKNOWN:
            raise KeyError(key)
        await self.endings.settle(issuance, taken)

    async def _check_ready(self) -> str:
        await self._ledger.check_room()
        verdict = await self.station.check()
        if not verdict.open:
            logs.event("card_refused", device=self.station.printer.name, reason=",".join(verdict.reasons))
            raise CardFailed(CardEnd.CLOSED)
        try:
            return await self._ledger.next_blank(self.station.blank)
        except OutOfBlanks as error:
            raise CardFailed(CardEnd.CLOSED) from error

    async def _granted(self, token: str, document: pb.Document, data_version: str) -> tuple[Card, pb.GrantClaims]:
        card = Card(str(uuid.uuid4()), "", "")
        kind = pb.DocumentKind.Name(document.kind)
        await self._ledger.append(card.key, Event.ASK, {"document_id": document.document_id, "kind": kind})
        try:
            claims, signature = await self._registry.begin(card.key, token, document.document_id, data_version)
        except RegistryError as error:
            # The grant may exist all the same: the registry hears by the key alone that it was not used.
            await self.endings.cancel(card, error)
            raise
        card.grant_id, card.receipt_number = claims.grant_id, claims.receipt_number
        card.tracking_url = claims.tracking_url
        detail = {
            "grant_id": claims.grant_id,
            "grant_signature": signature,
            "receipt_number": claims.receipt_number,
            "page_count": 1,
            "artefact_sha256": claims.artefact_sha256.hex(),
        }
        await self._ledger.append(card.key, Event.GRANT, detail)
        return card, claims

    async def _artefact(self, card: Card, claims: pb.GrantClaims) -> tuple[CardSide, CardSide, CardFiles | None]:
        """What is printed and written; everything that can be wrong with it is found here."""
        try:
            content = card_content.read(await self._registry.get_artefact(claims))
            if content.draft or content.kind != self.station.kind:
                raise CardDesignError("content", "is not what was granted")
            card.replaces = content.replaces_card
            sides = await asyncio.to_thread(self.draw, content)
            front, back = await asyncio.to_thread(sides.printable)
            files = await asyncio.to_thread(card_content.files, content)
            if (files is None) != (self.station.encoder is None):
                raise CardDesignError("chip_biodata", "and this printer's encoder do not belong together")
        except (RegistryError, CardDesignError, LicenceUnusable) as error:
            await self.endings.cancel(card, error)
            raise
        return front, back, files

    async def _prepared(self, card: Card, files: CardFiles | None, on_step: OnCardStep) -> str:
        """A blank inside, its chip written and locked; gives the chip's UID in hex, empty without a chip."""
        for tried in range(1, BLANKS_TRIED + 1):
            await on_step(CardStep.FEEDING, 0.0)
            await self._feed(card)
            if files is None:
                return ""
            await on_step(CardStep.ENCODING, 0.0)
            await self._ledger.append(card.key, Event.ENCODE, {})
            try:
                return await self._encoded(files, on_step)
            except DriverError as error:
                another = isinstance(error, BlankDefective | DeadlineExceeded) and tried < BLANKS_TRIED
                await self._give_up_blank(card, error, another)
        raise AssertionError("a blank that is given up for good ends the issuance")

    async def _feed(self, card: Card) -> None:
        blank = {"blank": pb.Blank.Name(self.station.blank), "batch": card.batch}
        await self._ledger.append(card.key, Event.FEED, blank)
        if self.station.feeds_by_itself:
            return
        station = Place.INSIDE if self.station.encoder is None else Place.CONTACTLESS
        try:
            await self.station.move(station)
        except _NOTHING_MOVED as error:
            await self.endings.cancel(card, error)
            raise CardFailed(CardEnd.NOT_PRINTED, card.receipt_number) from error
        except DriverError as error:
            unasked = isinstance(error, DeviceFault) and error.words.get("device") == DeviceState.OFFLINE
            match Where.NOWHERE if unasked else await self.station.settled():
                case Where.NOWHERE:
                    await self.endings.cancel(card, error)
                    raise CardFailed(CardEnd.NOT_PRINTED, card.receipt_number) from error
                case where:
                    raise await keep_blank(self.endings, self.station, card, where, error) from error

    async def _encoded(self, files: CardFiles, on_step: OnCardStep) -> str:
        assert self.station.encoder is not None, "only what has a chip is written"
        loop = asyncio.get_running_loop()

        def progress(done: float) -> None:
            asyncio.run_coroutine_threadsafe(on_step(CardStep.ENCODING, done), loop)

        seconds = self._encode_s
        uid = await self.station.encoder.call(
            lambda port: port.encode(files, Deadline.after(seconds), progress), seconds
        )
        return uid.hex()

    async def _give_up_blank(self, card: Card, why: DriverError, another: bool) -> None:
        """The blank at the encoder is no good: to the reject bin with it. Raises CardFailed unless another is tried."""
        rejected = await self.station.take_in()
        if another and rejected:
            card.rejected += 1
            detail = {"reason": type(why).__name__, "rejected": card.rejected}
            await self._ledger.append(card.key, Event.REJECT_BLANK, detail)
            card.batch = await self._next_blank(card)
            logs.event("blank_rejected", issuance=card.key, reason=type(why).__name__)
            return
        await self.endings.spoil(card, why)
        raise CardFailed(CardEnd.BLANK_DEFECTIVE, card.receipt_number) from why

    async def _next_blank(self, card: Card) -> str:
        try:
            return await self._ledger.next_blank(self.station.blank)
        except OutOfBlanks as error:
            await self.endings.cancel(card, error)
            raise CardFailed(CardEnd.BLANK_DEFECTIVE, card.receipt_number) from error

    async def _print(self, card: Card, front: CardSide, back: CardSide) -> CardJob:
        status = self.station.status
        self.station.log.begun(status.cleaning_due if status else None)
        uid = {"chip_uid": card.chip_uid} if card.chip_uid else {}
        await self._ledger.append(card.key, Event.PRINT, uid)
        seconds = self._print_s
        try:
            job = await self.station.printer.call(
                lambda port: port.print(front, back, Deadline.after(seconds)), seconds
            )
        except OutcomeUnknown as error:
            card.evidence = "sent"
            raise await self._kept(card, await self.station.settled(self._print_s), error) from error
        except DriverError as error:
            if self.station.feeds_by_itself:
                await self.endings.cancel(card, error)
                raise CardFailed(CardEnd.NOT_PRINTED, card.receipt_number) from error
            # Nothing was printed, and the blank is its holder's already: it is not for anybody else.
            await self.station.settled()
            await self.station.take_in()
            await self.endings.spoil(card, error)
            raise CardFailed(CardEnd.SPOILED, card.receipt_number) from error
        card.evidence = "sent"
        detail = {"panels_before": job.panels_before, "panels": job.panels, "job_id": job.job_id, "job_name": job.name}
        await self._ledger.append(card.key, Event.ACCEPT, detail)
        return job

    async def _finish(self, card: Card, job: CardJob, on_step: OnCardStep) -> Place | None:
        """Wait for the end of the print; gives where the printed card is."""
        try:
            printed = await self._wait(job, on_step)
        except DeviceFault as error:
            if error.words.get("head"):
                self.station.log.head_hot()
            # The printer itself says that it stopped: the card is spoiled, wherever in it.
            raise await self._kept(card, await self.station.settled(), error, surely=True) from error
        except DriverError as error:
            recalled = await self._recalled(job)
            where = await self.station.where(self._print_s)
            if recalled is JobState.UNKNOWN:
                # It may have been at work still when it was asked.
                recalled = await self._recalled(job)
            if recalled is not JobState.PRINTED or where not in (Where.INSIDE, Where.EXIT):
                raise await self._kept(card, await self.station.settled(), error) from error
            printed = PrintedCard(Place.INSIDE if where is Where.INSIDE else Place.EXIT)
        await self.endings.printed(card, printed.acknowledged)
        return printed.at

    async def _wait(self, job: CardJob, on_step: OnCardStep) -> PrintedCard:
        deadline, began_s = Deadline.after(self._print_s), time.monotonic()
        while True:
            try:
                return await self._wait_a_while(job, deadline.sooner(WAIT_S).remaining_s)
            except DeadlineExceeded:
                if deadline.expired:
                    raise
            await on_step(CardStep.PRINTING, min(0.95, (time.monotonic() - began_s) / _USUAL_S))

    async def _wait_a_while(self, job: CardJob, seconds: float) -> PrintedCard:
        return await self.station.printer.call(lambda port: port.wait(job, Deadline.after(seconds)), seconds)

    async def _recalled(self, job: CardJob) -> JobState:
        try:
            return await self.station.printer.call(lambda port: port.recall(job, Deadline.after(RECALL_S)), RECALL_S)
        except DriverError:
            return JobState.UNKNOWN

    async def _present(self, card: Card, at: Place | None) -> None:
        """Bring a printed card to the exit."""
        if at is Place.INSIDE:
            try:
                await self.station.move(Place.EXIT)
            except DriverError as error:
                match await self.station.settled():
                    case Where.EXIT:
                        logs.event("presented_after_all", issuance=card.key, reason=type(error).__name__)
                    case Where.INSIDE if await self.station.take_in():
                        await self.endings.retract(card, type(error).__name__)
                        raise CardFailed(CardEnd.RETRACTED, card.receipt_number) from error
                    case Where.INSIDE | Where.JAMMED:
                        await self.endings.spoil(card, error)
                        raise CardFailed(CardEnd.SPOILED, card.receipt_number) from error
                    case _:
                        await self.endings.lose(card, error)
                        raise CardFailed(CardEnd.UNKNOWN, card.receipt_number) from error
        if self.station.sees_exit:
            await self.endings.presented(card)

    async def _kept(self, card: Card, where: Where, why: DriverError, surely: bool = False) -> CardFailed:
        """A card that is not to be handed out: where it is decides how it ends; gives what to raise.

        Args:
            surely: The printer has said that it has it.
        """
        inside = where in (Where.INSIDE, Where.JAMMED) or surely
        if where is Where.INSIDE:
            await self.station.take_in()
        elif where is Where.EXIT:
            inside = await self.station.take_in()
        if inside:
            await self.endings.spoil(card, why)
            return CardFailed(CardEnd.SPOILED, card.receipt_number)
        await self.endings.lose(card, why)
        return CardFailed(CardEnd.UNKNOWN, card.receipt_number)
