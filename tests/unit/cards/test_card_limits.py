"""When the card service closes, why, and when it opens again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card_printer.port import CardPrinterStatus
from drivers.status import DeviceState, InkState, MediaState, PaperState, RetractBinState
from kiosk.issuance.cards.limits import History, Limits, Reason, judge

WIB = timezone(timedelta(hours=7))
NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Noon in Magetan."""
WELL = CardPrinterStatus(
    DeviceState.ONLINE,
    MediaState.NOT_PRESENT,
    ribbon=InkState.FULL,
    ribbon_cards=100,
    hopper=PaperState.FULL,
    reject_bin=RetractBinState.OK,
    cleaning_due=False,
    cover_open=False,
)
LIMITS = Limits()


def ago(*minutes: float) -> tuple[datetime, ...]:
    return tuple(NOON - timedelta(minutes=one) for one in sorted(minutes, reverse=True))


def test_a_well_printer_with_nothing_printed_is_open() -> None:
    judged = judge(LIMITS, History(), WELL, NOON, WIB)
    assert judged.open
    assert judged.opens_at is None


def test_the_fiftieth_card_in_four_hours_closes_until_the_first_of_them_is_four_hours_old() -> None:
    printed = ago(*range(10, 10 + 49))
    assert judge(LIMITS, History(printed), WELL, NOON, WIB).open
    closed = judge(LIMITS, History((*printed, NOON)), WELL, NOON, WIB)
    assert closed.reasons == (Reason.BURST_LIMIT,)
    assert closed.opens_at == printed[0] + timedelta(hours=4)
    assert closed.opens_at is not None
    assert judge(LIMITS, History((*printed, NOON)), WELL, closed.opens_at, WIB).open


def test_the_hundredth_card_of_the_day_closes_until_local_midnight() -> None:
    morning = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    spread = tuple(morning + timedelta(minutes=6 * n) for n in range(100))
    closed = judge(LIMITS, History(spread), WELL, NOON, WIB)
    assert closed.reasons == (Reason.DAILY_LIMIT,)
    assert closed.opens_at == datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    assert judge(LIMITS, History(spread), WELL, datetime(2026, 11, 23, 17, 0, tzinfo=UTC), WIB).open


def test_cards_of_yesterday_do_not_count_today() -> None:
    yesterday = tuple(datetime(2026, 11, 22, 16, 59, tzinfo=UTC) - timedelta(minutes=6 * n) for n in range(100))
    assert judge(LIMITS, History(yesterday), WELL, NOON, WIB).open


def test_a_clock_that_was_set_back_does_not_open_the_service() -> None:
    for ahead in (timedelta(0), timedelta(days=1)):
        printed = tuple(NOON + ahead + timedelta(minutes=n) for n in range(100))
        closed = judge(LIMITS, History(printed), WELL, NOON, WIB)
        assert set(closed.reasons) == {Reason.DAILY_LIMIT, Reason.BURST_LIMIT}


def test_a_hot_head_cools_down_before_the_next_card() -> None:
    closed = judge(LIMITS, History(head_hot_at=NOON - timedelta(minutes=10)), WELL, NOON, WIB)
    assert (closed.reasons, closed.opens_at) == ((Reason.HEAD_HOT,), NOON + timedelta(minutes=5))
    assert judge(LIMITS, History(head_hot_at=NOON - timedelta(minutes=15)), WELL, NOON, WIB).open


def test_a_head_that_tells_it_is_too_hot_closes() -> None:
    hot = replace(WELL, temperature_c=65.0)
    assert judge(LIMITS, History(), hot, NOON, WIB).reasons == (Reason.HEAD_HOT,)
    assert judge(LIMITS, History(), replace(WELL, temperature_c=64.9), NOON, WIB).open


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (replace(WELL, device=DeviceState.OFFLINE), Reason.PRINTER),
        (CardPrinterStatus(DeviceState.NO_DEVICE), Reason.PRINTER),
        (replace(WELL, device=DeviceState.USER_ERROR, cover_open=True), Reason.COVER),
        (replace(WELL, media=MediaState.PRESENT), Reason.CARD_INSIDE),
        (replace(WELL, hopper=PaperState.OUT), Reason.BLANKS),
        (replace(WELL, ribbon=InkState.OUT, ribbon_cards=0), Reason.RIBBON),
        (replace(WELL, ribbon=InkState.LOW, ribbon_cards=0), Reason.RIBBON),
        (replace(WELL, reject_bin=RetractBinState.FULL), Reason.REJECT_BIN),
        (replace(WELL, cleaning_due=True), Reason.CLEANING),
    ],
)
def test_what_a_person_has_to_see_to_closes_without_a_time(status: CardPrinterStatus, reason: Reason) -> None:
    closed = judge(LIMITS, History(), status, NOON, WIB)
    assert closed.reasons == (reason,)
    assert closed.opens_at is None


def test_what_a_model_cannot_tell_does_not_close() -> None:
    assert judge(LIMITS, History(), CardPrinterStatus(DeviceState.ONLINE), NOON, WIB).open


def test_one_card_left_is_enough() -> None:
    assert judge(LIMITS, History(), replace(WELL, ribbon=InkState.LOW, ribbon_cards=1), NOON, WIB).open


def test_a_time_is_said_only_when_time_alone_opens() -> None:
    both = judge(LIMITS, History(ago(*range(60))), replace(WELL, hopper=PaperState.OUT), NOON, WIB)
    assert set(both.reasons) == {Reason.BLANKS, Reason.BURST_LIMIT}
    assert both.opens_at is None


@given(st.lists(st.integers(0, 3000), max_size=160), st.integers(0, 40))
def test_when_it_says_it_opens_it_is_open_or_closed_for_another_reason(minutes: list[int], hot: int) -> None:
    history = History(ago(*minutes), NOON - timedelta(minutes=hot))
    closed = judge(LIMITS, history, WELL, NOON, WIB)
    if closed.open:
        assert closed.opens_at is None
        return
    assert closed.opens_at is not None
    assert closed.opens_at > NOON
    assert judge(LIMITS, history, WELL, closed.opens_at, WIB).open


@pytest.mark.parametrize(
    "wrong",
    [{"cards_a_day": 0}, {"cards_a_burst": 0}, {"burst": timedelta(0)}, {"cool_down": timedelta(-1)}],
)
def test_limits_that_are_none_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"limit|span"):
        Limits(**wrong)  # type: ignore[arg-type]
