"""What people and devices do wrong: each has its screen, the journal stays right, and nothing is printed twice."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.journal import read, verify
from simulator.demo.waiting import until
from tests.journeys.conftest import PRINT_S, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_trouble")]

READY = pb.RECEIPT_STATE_READY


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def journal_is_right_afterwards(visitor: Visitor) -> AsyncIterator[None]:
    yield
    if visitor.journal():
        assert verify(read(visitor.demo.journal)) == []


async def _until_proofread(visitor: Visitor, resident: str, kind: registry.DocumentKind.ValueType) -> None:
    await visitor.comes(resident)
    await visitor.chooses(kind)
    await visitor.sees("proofread")


async def test_a_card_pulled_in_mid_read_is_asked_for_again(visitor: Visitor) -> None:
    await visitor.sees("attract")
    await visitor.stands("sumi")
    await visitor.simulator.fault("card_reader", "vanish")
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    await visitor.puts_card("sumi")
    again = await visitor.sees("place_card", where=lambda view: view.place_card.hint == pb.CARD_HINT_REMOVED)
    assert again.place_card.hint == pb.CARD_HINT_REMOVED
    await visitor.simulator.fault("card_reader", None)
    await visitor.takes_card()
    await visitor.puts_card("sumi")
    assert (await visitor.sees("choose_document")).choose_document.resident_name == "SUMI LESTARI"
    await visitor.finishes()


async def test_a_card_that_is_no_ektp_is_named_so(visitor: Visitor) -> None:
    await visitor.sees("attract")
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    actions = await visitor.simulator.state("card_reader")
    assert actions["card"] is None
    await visitor.simulator.act("card_reader", "put_foreign", kind="bank")
    await visitor.sees("place_card", where=lambda view: view.place_card.hint == pb.CARD_HINT_NOT_EKTP)
    await visitor.leaves()


async def test_a_card_that_is_not_the_one_on_record_is_not_known(visitor: Visitor) -> None:
    nik = "3520065204830002"
    visitor.change_registry("UPDATE residents SET card_uid = ? WHERE nik = ?", "04FFFFFFFFFF80", nik)
    await visitor.comes("nur")
    assert (await visitor.sees("trouble")).trouble.kind == pb.TROUBLE_KIND_UNKNOWN_RESIDENT
    await visitor.leaves()


async def test_data_that_changes_while_it_is_proofread_is_not_printed(visitor: Visitor) -> None:
    before = await visitor.printed()
    await _until_proofread(visitor, "sumi", registry.DOCUMENT_KIND_BIODATA)
    visitor.change_registry("UPDATE residents SET blood = 'AB' WHERE nik = ?", "3520075507570002")
    await visitor.touches(confirm=pb.ConfirmAct())
    assert (await visitor.sees("trouble")).trouble.kind == pb.TROUBLE_KIND_DATA_CHANGED
    assert visitor.last_states() == ["asked", "cancelled"]
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    assert await visitor.printed() == before


async def test_a_wrong_face_three_times_is_refused_and_locked(visitor: Visitor) -> None:
    await visitor.comes("tiara", face="nur")
    left = [3]
    for _ in range(2):
        view = await visitor.sees("face", where=lambda view: view.face.phase == pb.FACE_PHASE_NOT_MATCHED)
        left.append(view.face.attempts_left)
    assert left == [3, 2, 1]
    trouble = (await visitor.sees("trouble")).trouble
    assert trouble.kind == pb.TROUBLE_KIND_FACE_NOT_MATCHED
    await visitor.leaves()

    await visitor.comes("tiara")
    locked = (await visitor.sees("trouble")).trouble
    assert locked.kind == pb.TROUBLE_KIND_FACE_LOCKED
    assert 1 <= locked.locked_minutes <= 15
    await visitor.leaves()


async def test_no_sam_means_that_no_card_can_be_verified_and_a_code_is_the_way_in(visitor: Visitor) -> None:
    await visitor.sees("attract")
    await visitor.simulator.act("card_reader", "remove_sam")
    closed = fleet.AVAILABILITY_UNAVAILABLE
    code = (await visitor.sees("attract", where=lambda view: view.attract.use_card == closed)).attract
    open_ = {offer.kind for offer in code.services if offer.availability != closed}
    assert registry.DOCUMENT_KIND_KK in open_
    assert registry.DOCUMENT_KIND_KTP_EL not in open_
    assert code.use_qr == fleet.AVAILABILITY_AVAILABLE
    await visitor.simulator.act("card_reader", "insert_sam")
    await visitor.sees("attract", where=lambda view: view.attract.use_card != closed)


async def test_wrong_data_is_the_residents_word_and_nothing_is_printed(visitor: Visitor) -> None:
    before = await visitor.printed(), len(visitor.journal())
    await _until_proofread(visitor, "yosef", registry.DOCUMENT_KIND_BIODATA)
    await visitor.touches(reject=pb.RejectAct())
    assert (await visitor.sees("trouble")).trouble.kind == pb.TROUBLE_KIND_DATA_WRONG
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    assert (await visitor.printed(), len(visitor.journal())) == before


async def test_a_printer_that_jams_before_the_sheet_prints_nothing_and_the_document_stays_ready(
    visitor: Visitor,
) -> None:
    before = await visitor.printed()
    await _until_proofread(visitor, "yosef", registry.DOCUMENT_KIND_KK)
    await visitor.simulator.fault("document_printer", "jam")
    await visitor.touches(confirm=pb.ConfirmAct())
    trouble = (await visitor.sees("trouble", within_s=PRINT_S)).trouble
    assert trouble.kind == pb.TROUBLE_KIND_NOT_PRINTED
    await visitor.takes_card()
    await visitor.touches(done=pb.DoneAct())
    out = (await visitor.sees("out_of_service")).out_of_service
    assert out.detail.startswith("document_printer:")
    assert out.check_document
    await visitor.simulator.fault("document_printer", None)
    await visitor.sees("attract")
    assert await visitor.printed() == before


async def test_a_jam_during_the_sheet_spoils_it_and_frees_the_document(visitor: Visitor) -> None:
    before = await visitor.printed()
    await _until_proofread(visitor, "yosef", registry.DOCUMENT_KIND_SKPWNI)
    await visitor.simulator.fault("document_printer", "jam_next")
    await visitor.touches(confirm=pb.ConfirmAct())
    trouble = (await visitor.sees("trouble", within_s=PRINT_S)).trouble
    assert trouble.kind == pb.TROUBLE_KIND_SPOILED
    assert trouble.reference
    assert visitor.last_states()[-1] == "spoiled"
    await visitor.simulator.fault("document_printer", None)
    await visitor.leaves()
    await _registry_heard(visitor, trouble.reference, "void")
    assert await visitor.printed() == before


async def test_a_lost_answer_is_asked_for_again_and_the_document_never_sent_again(visitor: Visitor) -> None:
    before = await visitor.printed()
    await _until_proofread(visitor, "yosef", registry.DOCUMENT_KIND_SKPWNI)
    await visitor.simulator.fault("document_printer", "answer_lost")
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("take_paper", within_s=PRINT_S)
    await visitor.simulator.fault("document_printer", None)
    await visitor.takes_paper()
    await visitor.touches(done=pb.DoneAct())
    number = (await visitor.sees("receipt", where=lambda view: view.receipt.state == READY)).receipt.receipt_number
    assert visitor.last_states() == ["asked", "granted", "printing", "accepted", "printed", "taken"]
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    await _registry_heard(visitor, number, "taken")
    assert await visitor.printed() == before + 1


async def test_a_sheet_that_nobody_takes_closes_the_tray_until_somebody_has_looked(visitor: Visitor) -> None:
    await _until_proofread(visitor, "karto", registry.DOCUMENT_KIND_AKTA_KEMATIAN)
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("take_paper", within_s=PRINT_S)
    await visitor.takes_card()
    await visitor.sees("still_there", within_s=60)
    trouble = (await visitor.sees("trouble", within_s=60)).trouble
    assert trouble.kind == pb.TROUBLE_KIND_NOT_TAKEN
    await visitor.touches(done=pb.DoneAct())
    out = (await visitor.sees("out_of_service")).out_of_service
    assert out.detail == "document_printer:unsettled"
    await visitor.takes_paper()
    await visitor.settles("destroyed")
    await visitor.sees("attract")
    await _registry_heard(visitor, trouble.reference, "void")


async def test_somebody_who_walks_away_is_asked_and_then_forgotten(visitor: Visitor) -> None:
    await visitor.comes("bagus")
    await visitor.sees("choose_document")
    await visitor.takes_card()
    await visitor.simulator.act("camera", "leave")
    asked = await visitor.sees("still_there", within_s=60)
    assert asked.still_there.seconds_left > 0
    await visitor.sees("attract", within_s=60)
    newest = visitor.views.newest
    assert newest is not None
    assert b"BAGUS" not in newest.view.SerializeToString()


async def test_a_registry_that_is_gone_before_the_grant_is_said_and_nothing_is_printed(visitor: Visitor) -> None:
    before = await visitor.printed()
    await _until_proofread(visitor, "bagus", registry.DOCUMENT_KIND_BIODATA)
    central = visitor.demo.children["central"]
    os.kill(central.pid, signal.SIGSTOP)
    try:
        await visitor.touches(confirm=pb.ConfirmAct())
        trouble = (await visitor.sees("trouble", within_s=PRINT_S)).trouble
        assert trouble.kind == pb.TROUBLE_KIND_NO_NETWORK
        assert visitor.last_states() == ["asked", "cancelled"]
    finally:
        os.kill(central.pid, signal.SIGCONT)
    await visitor.leaves()
    assert await visitor.printed() == before
    await _nothing_left_to_tell(visitor)


async def test_a_registry_that_is_gone_after_the_grant_hears_of_it_when_it_is_back(visitor: Visitor) -> None:
    before = await visitor.printed()
    await _until_proofread(visitor, "bagus", registry.DOCUMENT_KIND_KK)
    central = visitor.demo.children["central"]
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("printing", where=lambda view: view.printing.step == pb.PRINTING_STEP_PRINTING)
    os.kill(central.pid, signal.SIGSTOP)
    try:
        await visitor.sees("take_paper", within_s=PRINT_S)
        await visitor.takes_paper()
        await visitor.touches(done=pb.DoneAct())
        number = (await visitor.sees("receipt")).receipt.receipt_number
        assert visitor.last_states()[-1] == "taken"
        assert (await visitor.demo.panel.status()).health.journal.seq > 0
    finally:
        os.kill(central.pid, signal.SIGCONT)
    await visitor.sees("receipt", where=lambda view: view.receipt.state != pb.RECEIPT_STATE_PRINTING)
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()
    await _registry_heard(visitor, number, "taken")
    assert await visitor.printed() == before + 1


async def test_a_receipt_printer_without_paper_costs_only_the_receipt(visitor: Visitor) -> None:
    await _until_proofread(visitor, "mei", registry.DOCUMENT_KIND_BIODATA)
    await visitor.simulator.fault("receipt_printer", "paper_end")
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("take_paper", within_s=PRINT_S)
    await visitor.takes_paper()
    await visitor.touches(done=pb.DoneAct())
    over = await visitor.sees("receipt", where=lambda view: view.receipt.state != pb.RECEIPT_STATE_PRINTING)
    assert over.receipt.state == pb.RECEIPT_STATE_UNAVAILABLE
    assert over.receipt.receipt_number
    await visitor.simulator.fault("receipt_printer", None)
    await visitor.touches(done=pb.DoneAct())
    await visitor.finishes()


async def _registry_heard(visitor: Visitor, number: str, state: str) -> None:
    await until(lambda: (number, state) in visitor.at_registry(), f"{number} {state} at the registry", 40)


async def _nothing_left_to_tell(visitor: Visitor) -> None:
    await until(lambda: visitor.outbox() == 0, "the outbox empty", 40)
