"""Cards on real wires: a KTP-el and a KIA to the hand, cards nobody takes, blanks and printers that fail half way."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry
from PIL import Image

from kiosk.issuance.journal import read, verify
from simulator.chip.residents import NEW_CARD
from simulator.demo.waiting import LOOK_EVERY_S, until
from tests.journeys.conftest import PRINT_S, Visitor, looking_again, machine
from tests.journeys.test_technician import _adm as adm

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_cards")]

KTP, KIA = registry.DOCUMENT_KIND_KTP_EL, registry.DOCUMENT_KIND_KIA
CARDS: dict[str, Any] = {"cards": {"old_card": "reject_bin", "take_s": 12, "surrender_s": 20, "encode_s": 20}}
MADE = ["asked", "granted", "feeding", "encoding", "printing", "accepted", "printed", "presented"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    """One machine with card printers for the whole file; each test leaves it inviting."""
    async with machine(tmp_path_factory.mktemp("c"), cards=True, kiosk=CARDS) as visitor:
        yield visitor


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def mended(visitor: Visitor) -> AsyncIterator[None]:
    """Whatever a test did to the card printers is mended after it."""
    yield
    for printer in ("card_printer", "kia_printer"):
        await visitor.simulator.fault(printer, None)
        await visitor.simulator.act(printer, "clear")


async def test_a_ktp_el_from_the_old_card_to_the_new_one_which_then_opens_the_machine(visitor: Visitor) -> None:
    await _until_confirmed(visitor, "hamid", KTP)
    await visitor.sees("printing", where=lambda view: view.printing.step == pb.PRINTING_STEP_ENCODING)
    await visitor.sees("take_card", within_s=PRINT_S)
    assert visitor.last_states() == MADE
    front, back = _printed_sides(visitor, "card_printer")
    assert front.size == back.size == (1016, 648)
    assert front != back
    await visitor.simulator.act("card_printer", "take_card")

    asked = (await visitor.sees("surrender_card")).surrender_card
    assert (asked.into_slot, asked.not_seen) == (True, False)
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("surrender_card", where=lambda view: view.surrender_card.not_seen)
    await visitor.takes_card()
    await visitor.simulator.act("card_printer", "insert_card")
    await visitor.touches(confirm=pb.ConfirmAct())
    number = (await visitor.sees("receipt", where=_receipt_is_ready)).receipt.receipt_number
    await visitor.simulator.act("receipt_printer", "take_receipt")
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()

    assert visitor.last_states() == [*MADE, "taken", "taken"]
    where = (await visitor.simulator.state("card_printer"))["where"]
    assert (where["taken"], where["reject"]) == (1, 1)
    uid, batch, old_card = await _at_registry(visitor, number)
    assert (batch, old_card) == ("SIM-KTP-001", registry.OLD_CARD_REJECT_BIN)
    # The old chip is no longer the resident's card; the new one lets them in.
    assert uid.startswith(NEW_CARD)
    await visitor.comes("hamid")
    listed = (await visitor.sees("choose_document")).choose_document
    assert listed.resident_name == "HAMID SUROSO"
    assert next(d.state for d in listed.documents if d.kind == KTP) == registry.DOCUMENT_STATE_ISSUED
    await visitor.finishes()
    assert verify(read(visitor.demo.journal)) == []


async def test_a_childs_card_has_no_chip_and_no_old_card(visitor: Visitor) -> None:
    await _until_confirmed(visitor, "hamid", KIA)
    await visitor.sees("take_card", within_s=PRINT_S)
    await visitor.simulator.act("kia_printer", "take_card")
    await visitor.sees("receipt", where=_receipt_is_ready)
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    assert visitor.last_states() == [*(state for state in MADE if state != "encoding"), "taken"]


async def test_a_card_nobody_takes_is_taken_back_and_kept(visitor: Visitor) -> None:
    await _until_confirmed(visitor, "nur", KTP)
    await visitor.sees("take_card", within_s=PRINT_S)
    assert (await visitor.sees("still_there", within_s=PRINT_S)).still_there.to_take == KTP
    trouble = (await visitor.sees("trouble", within_s=PRINT_S)).trouble
    assert trouble.kind == pb.TROUBLE_KIND_CARD_NOT_TAKEN
    assert visitor.last_states() == [*MADE, "retracted"]
    await visitor.leaves()
    await _heard(visitor, trouble.reference, "void")
    assert (await visitor.simulator.state("card_printer"))["where"]["exit"] == 0
    books = await _books(visitor)
    assert (books["issued"], books["retained"]) == (1, 1)


async def test_a_blank_that_keeps_nothing_is_rejected_and_the_next_one_becomes_the_card(visitor: Visitor) -> None:
    before = await _books(visitor)
    await visitor.simulator.fault("card_printer", "blank_defective")
    await _until_confirmed(visitor, "nur", KTP)
    await visitor.sees("take_card", within_s=PRINT_S)
    await visitor.simulator.act("card_printer", "take_card")
    await visitor.sees("surrender_card")
    await visitor.touches(reject=pb.RejectAct())
    number = (await visitor.sees("receipt", where=_receipt_is_ready)).receipt.receipt_number
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    assert visitor.last_states() == [*MADE[:4], "granted", *MADE[2:], "taken", "taken"]
    after = await _books(visitor)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "issued": 1,
        "spoiled": 1,
        "remaining": -2,
    }
    assert (await _at_registry(visitor, number))[2] == registry.OLD_CARD_LOST


async def test_two_blanks_that_fail_are_told_plainly_and_nothing_is_printed(visitor: Visitor) -> None:
    printed = (await visitor.simulator.state("card_printer"))["cards_printed"]
    await visitor.simulator.fault("card_printer", "encoder_mute")
    await _until_confirmed(visitor, "mei", KTP)
    trouble = (await visitor.sees("trouble", within_s=2 * PRINT_S)).trouble
    assert trouble.kind == pb.TROUBLE_KIND_BLANK_DEFECTIVE
    assert trouble.reference
    assert visitor.last_states() == [*MADE[:4], "granted", *MADE[2:4], "spoiled"]
    await visitor.simulator.fault("card_printer", None)
    await visitor.leaves()
    assert (await visitor.simulator.state("card_printer"))["cards_printed"] == printed
    await _heard(visitor, trouble.reference, "void")


async def test_a_card_that_sticks_in_the_print_is_spoiled_and_the_service_says_so(visitor: Visitor) -> None:
    await visitor.simulator.fault("card_printer", "mechanical")
    await _until_confirmed(visitor, "mei", KTP)
    trouble = (await visitor.sees("trouble", within_s=2 * PRINT_S)).trouble
    assert trouble.kind == pb.TROUBLE_KIND_SPOILED
    assert visitor.last_states()[-1] == "spoiled"
    await visitor.leaves()
    reason = await _service(visitor, KTP, fleet.AVAILABILITY_UNAVAILABLE)
    assert reason in ("card_printer:hardwareError", "card_printer:printer,cardInside")
    await until(lambda: not _invites_for(visitor, KTP), "no invitation for cards", PRINT_S)
    assert _invites_for(visitor, registry.DOCUMENT_KIND_KK)
    await visitor.simulator.fault("card_printer", None)
    await visitor.simulator.act("card_printer", "clear")
    assert await _service(visitor, KTP, fleet.AVAILABILITY_AVAILABLE) == ""


async def test_a_technician_prints_a_test_card_and_its_blank_is_booked(visitor: Visitor) -> None:
    before = await _books(visitor)
    code, text = await adm(visitor, "card-printer", "status", "--json")
    assert code == 0, text
    assert json.loads(text.splitlines()[-1])["hopper"] == "full"
    code, text = await adm(visitor, "card-printer", "test-card", "--by", "S-01", "--confirmed-by", "S-01", "--yes")
    assert (code, text) == (2, "Two people: one does it, another one sees it. Say --by and --confirmed-by.\n")
    code, text = await adm(visitor, "card-printer", "test-card", "--by", "S-01", "--confirmed-by", "S-02")
    assert code == 2, "a card moves only when it is asked for twice"
    assert await _books(visitor) == before
    code, text = await adm(visitor, "card-printer", "test-card", "--by", "S-01", "--confirmed-by", "S-02", "--yes")
    assert code == 0, text
    await visitor.simulator.act("card_printer", "take_card")
    after = await _books(visitor)
    assert (after["spoiled"], after["remaining"]) == (before["spoiled"] + 1, before["remaining"] - 1)
    code, text = await adm(visitor, "card-printer", "align", "5.4", "4.8", "4.6", "5.2")
    assert code == 0
    assert "[devices.card_printer.settings.alignment]\nright_dots = -5\ndown_dots = 2\n" in text
    both = ("--by", "S-01", "--confirmed-by", "S-02")
    for words in (("feed", *both), ("reject",)):
        code, text = await adm(visitor, "card-printer", *words, "--yes")
        assert code == 0, text
        assert (await _books(visitor))["spoiled"] == after["spoiled"] + 1, f"after {words[0]}: {text}"
    code, text = await adm(visitor, "card-printer", "counters", "--of", "kia")
    assert code == 0, text
    assert "KC200B" in text
    await visitor.sees("attract", where=lambda view: view.revision > 0)


async def test_a_daemon_killed_in_the_print_hands_nothing_out_and_prints_nothing_again(visitor: Visitor) -> None:
    printed = (await visitor.simulator.state("card_printer"))["cards_printed"]
    await _until_confirmed(visitor, "mei", KTP)
    await until(lambda: visitor.last_states()[-1] == "accepted", "the print", PRINT_S)
    demo = visitor.demo
    await demo.children.end("kiosk", signal.SIGKILL)
    await visitor.takes_card()
    await demo.start_kiosk()
    async with looking_again(visitor) as after:
        await after.sees("attract", within_s=2 * PRINT_S)
        assert after.last_states()[-1] == "spoiled"
        where = (await after.simulator.state("card_printer"))["where"]
        assert (where["exit"], where["inside"]) == (0, 0)
        assert (await after.simulator.state("card_printer"))["cards_printed"] <= printed + 1
        # The right to the card is the resident's still.
        await _until_confirmed(after, "mei", KTP)
        await after.sees("take_card", within_s=PRINT_S)
        await after.simulator.act("card_printer", "take_card")
        await after.sees("surrender_card")
        await after.touches(reject=pb.RejectAct())
        await after.sees("receipt", where=_receipt_is_ready)
        await after.touches(done=pb.DoneAct())
        await after.finishes()
        assert verify(read(after.demo.journal)) == []
        books = await _books(after)
        assert books["reserved"] == 0
        assert books["loaded"] == sum(books[name] for name in ("remaining", "issued", "spoiled", "retained"))


def _invites_for(visitor: Visitor, kind: registry.DocumentKind.ValueType) -> bool:
    newest = visitor.views.newest
    assert newest is not None
    offers = {offer.kind: offer.availability for offer in newest.view.attract.services}
    return offers.get(kind, fleet.AVAILABILITY_AVAILABLE) != fleet.AVAILABILITY_UNAVAILABLE


async def _until_confirmed(visitor: Visitor, resident: str, kind: registry.DocumentKind.ValueType) -> None:
    await _service(visitor, kind, fleet.AVAILABILITY_AVAILABLE)
    await visitor.comes(resident)
    await visitor.chooses(kind)
    proofread = (await visitor.sees("proofread")).proofread
    for image_id in (proofread.image_id, proofread.back_image_id):
        image = await visitor.demo.panel.stub.GetImage(pb.GetImageRequest(image_id=image_id))
        assert image.png.startswith(b"\x89PNG")
    await visitor.touches(confirm=pb.ConfirmAct())


def _receipt_is_ready(view: pb.View) -> bool:
    return view.receipt.state == pb.RECEIPT_STATE_READY


def _printed_sides(visitor: Visitor, printer: str) -> tuple[Image.Image, Image.Image]:
    cards = visitor.demo.directory / "simulator" / printer / "cards"
    with Image.open(cards / "front.png") as front, Image.open(cards / "back.png") as back:
        return front.convert("RGB"), back.convert("RGB")


async def _at_registry(visitor: Visitor, number: str) -> tuple[bytes, str, int]:
    """Chip, batch and what became of the old card."""
    await until(lambda: visitor.outbox() == 0, "the outbox empty", 40)
    file = visitor.demo.directory / "central" / "central.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        query = "SELECT chip_uid, blank_batch, old_card FROM issuances WHERE receipt_number = ?"
        row: tuple[bytes, str, int] = db.execute(query, (number,)).fetchone()
        return row


async def _heard(visitor: Visitor, number: str, state: str) -> None:
    await until(lambda: (number, state) in visitor.at_registry(), f"{number} {state} at the registry", 40)


async def _books(visitor: Visitor) -> dict[str, int]:
    """The machine's book of KTP-el blanks."""
    with closing(sqlite3.connect(f"file:{visitor.demo.journal}?mode=ro", uri=True)) as db:
        db.row_factory = sqlite3.Row
        row = db.execute("SELECT * FROM book WHERE item = 'BLANK_CARD_KTP_EL'").fetchone()
        return {name: row[name] for name in row.keys() if isinstance(row[name], int)}  # noqa: SIM118


async def _service(
    visitor: Visitor, kind: registry.DocumentKind.ValueType, wanted: fleet.Availability.ValueType
) -> str:
    """Wait until a service is as wanted; gives its reason."""
    async with asyncio.timeout(PRINT_S):
        while True:
            services = (await visitor.demo.panel.status()).health.services
            line = next(service for service in services if service.kind == kind)
            if line.availability == wanted:
                return line.reason
            await asyncio.sleep(LOOK_EVERY_S)
