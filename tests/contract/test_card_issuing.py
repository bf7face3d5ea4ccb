"""Cards made by the kiosk over both production drivers and the virtual hardware; only the registry is scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from adm.registry.v1 import registry_pb2 as pb

from drivers.card_reader.profile import KTP_EL
from kiosk.issuance.card_outcome import CardEnd, CardFailed, CardStep
from kiosk.issuance.cards.errors import CardDesignError
from kiosk.issuance.cards.limits import Reason
from kiosk.issuance.journal import read, verify
from kiosk.issuance.states import Event, State
from simulator.card_printer.card import Spot
from simulator.card_printer.faults import Fault, Step
from tests.support.card_issuing import DOCUMENT, IssuingBench, content
from tests.support.encoder_bench import EncoderBench

pytestmark = [pytest.mark.xdist_group("card_issuing")]
MADE = ["asked", "granted", "feeding", "encoding", "printing", "accepted", "printed", "presented"]


@pytest.fixture(scope="module")
def hardware(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EncoderBench]:
    """One printer and encoder for all; each test leaves them as new."""
    bench = EncoderBench(tmp_path_factory.mktemp("printer"))
    yield bench
    bench.close()


@pytest.fixture
async def bench(hardware: EncoderBench, tmp_path: Path) -> AsyncIterator[IssuingBench]:
    made = IssuingBench(tmp_path, hardware)
    await made.start()
    yield made
    await made.stop()
    hardware.fault(None)
    for action in ("clear", "empty_reject", "load_blanks", "load_ribbon", "plug_in"):
        hardware.act(action)
    if hardware.virtual.mechanism.in_exit is not None:
        hardware.act("take_card")


def states(bench: IssuingBench) -> list[str]:
    return [entry.state for entry in read(bench.path) if entry.state != "stock"]


async def told(bench: IssuingBench) -> list[tuple[str, dict[str, object]]]:
    return [(m.method, dict(m.fields)) for m in await bench.ledger.outbox() if m.method != "stock"]


async def test_a_card_is_written_locked_printed_presented_and_taken(bench: IssuingBench) -> None:
    assert await bench.make() == "taken"
    assert states(bench) == [*MADE, "taken"]
    (card,) = bench.cards()
    assert card.spot is Spot.TAKEN
    chip = bench.bench.contents(card.number)
    assert chip.locked
    assert chip.files[KTP_EL.biodata][2:] == bench.registry.card.chip_biodata.encode()
    assert chip.files[KTP_EL.photo][2:5] == b"\xff\xd8\xff"
    ((method, fields),) = await told(bench)
    assert (method, fields["outcome"], fields["evidence"]) == ("complete", pb.OUTCOME_TAKEN, pb.EVIDENCE_TAKEN)
    assert (fields["chip_uid"], fields["batch"]) == (chip.uid.hex(), "SIM-1")
    assert list(dict.fromkeys(bench.steps)) == list(CardStep)
    assert verify(read(bench.path)) == []


async def test_a_card_nobody_takes_is_taken_back(bench: IssuingBench) -> None:
    card = await bench.issuer.make("token", DOCUMENT, "v1", _unseen)
    with pytest.raises(CardFailed) as caught:
        await bench.issuer.wait_taken(card, 0.5)
    assert caught.value.end is CardEnd.RETRACTED
    assert states(bench) == [*MADE, "retracted"]
    assert [card.spot for card in bench.cards()] == [Spot.REJECT]
    ((method, fields),) = await told(bench)
    assert (method, fields["reason"], fields["blanks_spoiled"]) == ("void", pb.VOID_REASON_RETRACTED, 1)


async def test_a_hand_that_is_faster_than_the_machine_has_the_card(bench: IssuingBench) -> None:
    card = await bench.issuer.make("token", DOCUMENT, "v1", _unseen)
    bench.bench.act("take_card")
    await bench.issuer.wait_taken(card, 0.0)
    assert states(bench)[-1] == "taken"


async def test_a_blank_that_keeps_nothing_is_counted_and_the_second_is_the_card(bench: IssuingBench) -> None:
    bench.bench.fault("blank_defective")
    assert await bench.make() == "taken"
    assert states(bench) == [*MADE[:4], "granted", *MADE[2:], "taken"]
    assert [card.spot for card in bench.cards()] == [Spot.REJECT, Spot.TAKEN]
    ((_, fields),) = await told(bench)
    assert fields["blanks_spoiled"] == 1
    assert {name: count for name, count in (await bench.book()).items() if count} == {
        "loaded": 50,
        "remaining": 48,
        "issued": 1,
        "spoiled": 1,
    }


async def test_after_two_blanks_no_third_is_tried(bench: IssuingBench) -> None:
    bench.bench.fault("encoder_mute")
    assert await bench.make() == "blankDefective"
    assert [card.spot for card in bench.cards()] == [Spot.REJECT, Spot.REJECT]
    assert all(card.clean for card in bench.cards())
    ((method, fields),) = await told(bench)
    assert (method, fields["reason"], fields["blanks_spoiled"]) == ("void", pb.VOID_REASON_SPOILED, 2)


@pytest.mark.parametrize(
    "card",
    [
        content(photo_jpeg=b""),
        content(photo_jpeg=b"\xff\xd8\xff not a picture"),
        content(signature_png=b""),
        content(fields={"Nama": "N" * 150}),
        content(fields={"Alamat": None}),
        content(fields={"Tempat/Tgl Lahir": "MAGETAN"}),
        content(chip_biodata="x" * 9000),
        content(draft=True),
        content(kind=pb.DOCUMENT_KIND_KIA),
    ],
    ids=["no photo", "broken photo", "no signature", "name too long", "no address", "no date", "chip", "draft", "kind"],
)
async def test_what_cannot_be_drawn_or_written_is_refused_before_a_blank_is_touched(
    bench: IssuingBench, card: pb.CardContent
) -> None:
    bench.registry.card = card
    with pytest.raises(CardDesignError):
        await bench.make()
    assert (states(bench), bench.cards()) == (["asked", "granted", "cancelled"], [])
    ((method, fields),) = await told(bench)
    assert (method, fields["reason"], fields["blanks_spoiled"]) == ("void", pb.VOID_REASON_NOT_PRINTED, 0)


@pytest.mark.parametrize("fault", ["feeder_empty", "cover_opened", "reject_full", "unplugged"])
async def test_a_printer_that_is_not_ready_is_found_before_a_grant_is_asked(bench: IssuingBench, fault: str) -> None:
    bench.bench.run(bench.bench.virtual.strike_now(fault))
    assert await bench.make() == "closed"
    assert (bench.registry.granted, states(bench)) == (0, [])


async def test_without_a_blank_in_the_books_no_grant_is_asked(hardware: EncoderBench, tmp_path: Path) -> None:
    bench = IssuingBench(tmp_path, hardware)
    await bench.start(load=False)
    try:
        assert await bench.make() == "closed"
        assert bench.registry.granted == 0
    finally:
        await bench.stop()


async def test_a_hot_head_spoils_the_card_and_closes_the_service_until_it_is_cool(bench: IssuingBench) -> None:
    bench.bench.fault("head_hot", Step.PRINT)
    assert await bench.make() == "spoiled"
    bench.bench.fault(None)
    verdict = await bench.issuer.station.check()
    assert verdict.reasons == (Reason.HEAD_HOT,)
    assert verdict.opens_at is not None
    # Also after a restart.
    assert await bench.restart() == 0
    assert (await bench.issuer.station.check()).reasons == (Reason.HEAD_HOT,)


@pytest.mark.parametrize(
    ("event", "end", "printed"),
    [
        (Event.ASK, State.CANCELLED, 0),
        (Event.GRANT, State.CANCELLED, 0),
        (Event.FEED, State.CANCELLED, 0),
        (Event.ENCODE, State.SPOILED, 0),
        (Event.PRINT, State.SPOILED, 0),
        (Event.ACCEPT, State.SPOILED, 1),
        (Event.COMPLETE, State.RETRACTED, 1),
        (Event.PRESENT, State.RETRACTED, 1),
    ],
)
async def test_a_daemon_killed_at_any_move_ends_the_card_once_and_prints_nothing_more(
    bench: IssuingBench, event: Event, end: State, printed: int
) -> None:
    begun = bench.bench.virtual.mechanism.prints_begun
    assert await bench.killed_at(event) == 1
    (issuance,) = await bench.issuances()
    assert issuance.state is end
    assert bench.bench.virtual.mechanism.prints_begun - begun == printed
    assert all(card.spot is Spot.REJECT for card in bench.cards())
    book = await bench.book()
    assert (book["reserved"], book["spoiled"] + book["retained"]) == (0, len(bench.cards()))
    assert verify(read(bench.path)) == []


async def test_a_card_that_is_gone_when_the_daemon_is_back_is_for_a_technician_to_settle(bench: IssuingBench) -> None:
    await bench.issuer.make("token", DOCUMENT, "v1", _unseen)
    bench.bench.act("take_card")
    assert await bench.restart() == 1
    (issuance,) = await bench.issuances()
    assert issuance.state is State.UNKNOWN
    await bench.issuer.settle(issuance.key, taken=True)
    with pytest.raises(KeyError):
        await bench.issuer.settle(issuance.key, taken=False)
    complete, settled = await told(bench)
    assert (complete[1]["outcome"], settled[1]["outcome"]) == (pb.OUTCOME_UNKNOWN, pb.OUTCOME_TAKEN)
    assert settled[1]["chip_uid"] == complete[1]["chip_uid"]
    assert (await bench.book())["issued"] == 1


async def test_power_lost_in_the_print_is_never_printed_again(bench: IssuingBench) -> None:
    bench.bench.fault("power_lost", Step.PRINT)
    assert await bench.make() == "unknown"
    begun = bench.bench.virtual.mechanism.prints_begun
    await bench.settle_by_looking()
    assert await bench.restart() == 0
    assert bench.bench.virtual.mechanism.prints_begun == begun
    assert (await bench.book())["spoiled"] == 1


async def test_an_old_card_in_the_slot_goes_to_the_reject_box_and_is_told(bench: IssuingBench) -> None:
    card = await bench.issuer.make("token", DOCUMENT, "v1", _unseen)
    bench.bench.act("take_card")
    await bench.issuer.wait_taken(card, 5.0)
    assert card.replaces
    assert not await bench.issuer.take_in_old_card()
    bench.bench.act("insert_card")
    assert await bench.issuer.take_in_old_card()
    await bench.issuer.endings.surrender(card, pb.OLD_CARD_REJECT_BIN)
    assert bench.cards()[-1].spot is Spot.REJECT
    first, second = await told(bench)
    assert "old_card" not in first[1]
    assert second[1] | {"old_card": 0, "occurred_at": ""} == first[1] | {"old_card": 0, "occurred_at": ""}
    assert second[1]["old_card"] == pb.OLD_CARD_REJECT_BIN
    assert (await bench.book())["issued"] == 1


async def test_a_fault_that_a_person_mended_is_reset_by_looking(bench: IssuingBench) -> None:
    bench.bench.fault(Fault.MECHANICAL, Step.PRINT)
    assert await bench.make() == "spoiled"
    assert not (await bench.issuer.station.check()).open
    bench.bench.fault(None)
    bench.bench.act("clear")
    await bench.issuer.station.look()
    assert bench.issuer.station.verdict().open


async def test_a_card_that_is_being_made_does_not_close_the_service(bench: IssuingBench) -> None:
    station = bench.issuer.station
    await station.look()
    seen: list[bool] = []

    async def on_step(_step: CardStep, _progress: float) -> None:
        await station.look()
        seen.append(station.verdict().open)

    with station.at_work():
        card = await bench.issuer.make("token", DOCUMENT, "v1", on_step)
    assert set(seen) == {True}
    bench.bench.act("take_card")
    await bench.issuer.wait_taken(card, 5.0)


async def test_a_printer_that_a_technician_has_closes_the_service_and_stays_what_it_is(bench: IssuingBench) -> None:
    station = bench.issuer.station
    assert station.sees_exit
    await bench.printer.close()
    await station.look()
    assert station.sees_exit
    assert not station.feeds_by_itself
    assert not (await station.check()).open
    await bench.printer.open()
    assert (await station.check()).open


async def _unseen(_step: CardStep, _progress: float) -> None:
    return
