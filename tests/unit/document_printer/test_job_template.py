"""What a job asks of the printer: plain A4, one sided, one copy."""

from dataclasses import replace

from drivers.document_printer.ipp_codec import Group, Value
from drivers.document_printer.ipp_operations import A4, Capabilities, Requests

PLAIN_PRINTER = Capabilities(
    operations=frozenset(),
    formats=frozenset(),
    media=frozenset((A4,)),
    sides=frozenset(("one-sided", "two-sided-long-edge")),
    scaling=frozenset(("none", "fit")),
    raster_types=frozenset(),
    raster_resolutions=frozenset(),
    media_types=frozenset(("stationery", "labels")),
    media_members=frozenset(("media-size", "media-type")),
)


def asked(can: Capabilities) -> dict[str, tuple[Value, ...]]:
    return Requests("ipp://127.0.0.1/ipp/print", "adm").create_job("x", can).attributes(Group.JOB)


def members(value: Value) -> dict[str, Value]:
    """Of a collection, by name."""
    assert isinstance(value.data, tuple)
    return {member.name: member.values[0] for member in value.data}


def test_plain_paper_is_asked_for_where_the_printer_knows_it() -> None:
    job = asked(PLAIN_PRINTER)
    media = members(job["media-col"][0])
    assert media["media-type"].data == "stationery"
    size = {name: value.data for name, value in members(media["media-size"]).items()}
    assert size == {"x-dimension": 21000, "y-dimension": 29700}
    assert "media" not in job, "a printer is told its paper one way only"


def test_a_printer_that_knows_sizes_alone_is_asked_for_a4() -> None:
    for can in (
        replace(PLAIN_PRINTER, media_types=frozenset(("auto",))),
        replace(PLAIN_PRINTER, media_members=frozenset(("media-size",))),
    ):
        job = asked(can)
        assert ([value.data for value in job["media"]], "media-col" in job) == ([A4], False)


def test_one_side_of_one_copy_is_printed_unscaled() -> None:
    job = asked(PLAIN_PRINTER)
    said = [job[name][0].data for name in ("copies", "sides", "print-scaling")]
    assert said == [1, "one-sided", "none"]
