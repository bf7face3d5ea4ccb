"""IPP reasons to status words, and levels to toner."""

import pytest

from drivers.document_printer.ipp_codec import Attribute, Group, Message, Tag, Value, attribute
from drivers.document_printer.ipp_operations import read_job, read_status
from drivers.document_printer.port import JobState
from drivers.document_printer.reasons import REASONS, blocks, status, words
from drivers.errors import ProtocolError
from drivers.status import DeviceState, InkState, MediaState, PaperState

IDLE, STOPPED = 3, 5


def printer(*attributes: Attribute) -> Message:
    return Message(0, 1, ((Group.PRINTER, attributes),))


@pytest.mark.parametrize("severity", ["", "-report", "-warning", "-error"])
@pytest.mark.parametrize("reason", sorted(REASONS))
def test_severities_change_nothing(reason: str, severity: str) -> None:
    assert words(reason + severity) is REASONS[reason]


def test_the_longest_prefix_wins() -> None:
    assert words("marker-waste-almost-full-warning").blocks is False
    assert words("marker-waste-full-warning").blocks is True
    assert words("media-jamboree") is not REASONS["media-jam"]


@pytest.mark.parametrize(
    ("reasons", "device", "paper", "toner"),
    [
        ((), DeviceState.ONLINE, PaperState.FULL, None),
        (("media-jam-error", "media-low-report"), DeviceState.HARDWARE_ERROR, PaperState.JAMMED, None),
        (("media-empty-warning", "media-needed"), DeviceState.ONLINE, PaperState.OUT, None),
        (("cover-open",), DeviceState.USER_ERROR, PaperState.FULL, None),
        (("paused", "media-jam"), DeviceState.OFFLINE, PaperState.JAMMED, None),
        (("toner-low", "toner-empty"), DeviceState.ONLINE, PaperState.FULL, InkState.OUT),
        (("com.example.mood-gloomy",), DeviceState.ONLINE, PaperState.FULL, None),
    ],
)
def test_the_worst_word_wins(
    reasons: tuple[str, ...], device: DeviceState, paper: PaperState, toner: InkState | None
) -> None:
    said = status(IDLE, True, reasons, None)
    assert (said.device, said.paper, said.toner, said.reasons) == (device, paper, toner, reasons)


def test_a_jam_is_jammed_media() -> None:
    assert status(STOPPED, True, ("media-jam",), None).media is MediaState.JAMMED


def test_a_printer_stopped_for_an_unknown_reason_is_a_hardware_error() -> None:
    assert status(STOPPED, True, ("vendor-thing",), None).device is DeviceState.HARDWARE_ERROR


def test_a_printer_stopped_for_want_of_paper_is_not_broken() -> None:
    assert status(STOPPED, True, ("media-empty",), None).device is DeviceState.ONLINE


def test_a_printer_that_takes_no_jobs_is_offline() -> None:
    assert status(IDLE, False, (), None).device is DeviceState.OFFLINE


@pytest.mark.parametrize(("reason", "stops"), [("media-low", False), ("toner-low", False), ("media-empty", True)])
def test_only_what_stops_printing_blocks(reason: str, stops: bool) -> None:
    assert blocks((reason,)) is stops


SUPPLY = b"index=1;class=receptacleThatIsFilled;type=wasteToner;maxcapacity=100;level=3;"
TONER = b"index=2;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=%d;level=%d;"


@pytest.mark.parametrize(
    ("attributes", "toner"),
    [
        ((), None),
        ((attribute("marker-levels", Tag.INTEGER, 80),), InkState.FULL),
        ((attribute("marker-levels", Tag.INTEGER, 80, 9),), InkState.LOW),
        ((attribute("marker-levels", Tag.INTEGER, 0),), InkState.OUT),
        ((attribute("marker-levels", Tag.INTEGER, -2),), None),
        (
            (
                attribute("marker-levels", Tag.INTEGER, 3, 60),
                attribute("marker-types", Tag.KEYWORD, "waste-toner", "toner"),
            ),
            InkState.FULL,
        ),
        ((attribute("printer-supply", Tag.OCTET_STRING, SUPPLY, TONER % (100, 75)),), InkState.FULL),
        ((attribute("printer-supply", Tag.OCTET_STRING, TONER % (2000, 100)),), InkState.LOW),
        ((attribute("printer-supply", Tag.OCTET_STRING, b"garbage\xff;class"),), None),
    ],
)
def test_toner_is_read_from_what_the_printer_tells(attributes: tuple[Attribute, ...], toner: InkState | None) -> None:
    state = (attribute("printer-state", Tag.ENUM, IDLE), attribute("printer-state-reasons", Tag.KEYWORD, "none"))
    assert read_status(printer(*state, *attributes)).toner is toner


def test_a_printer_without_a_state_speaks_nonsense() -> None:
    with pytest.raises(ProtocolError):
        read_status(printer())


def test_sheets_are_preferred_to_impressions_and_missing_ones_are_not_invented() -> None:
    base = (attribute("job-id", Tag.INTEGER, 7), attribute("job-state", Tag.ENUM, 5))
    impressions = attribute("job-impressions-completed", Tag.INTEGER, 4)
    sheets = attribute("job-media-sheets-completed", Tag.INTEGER, 2)

    def job(*more: Attribute) -> int | None:
        return read_job(Message(0, 1, ((Group.JOB, (*base, *more)),))).sheets_completed

    unknown = Attribute("job-impressions-completed", (Value(Tag.NO_VALUE, None),))
    assert (job(impressions, sheets), job(impressions), job(unknown), job()) == (2, 4, None, None)


@pytest.mark.parametrize("state", [0, 2, 10, None])
def test_a_job_in_no_known_state_is_nonsense(state: int | None) -> None:
    attributes = [attribute("job-id", Tag.INTEGER, 7)]
    if state is not None:
        attributes.append(attribute("job-state", Tag.ENUM, state))
    with pytest.raises(ProtocolError):
        read_job(Message(0, 1, ((Group.JOB, tuple(attributes)),)))


def test_the_ended_states_are_the_last_three() -> None:
    assert [state for state in JobState if state.ended] == [JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED]
