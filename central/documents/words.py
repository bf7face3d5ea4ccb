"""Dates and numbers as Indonesian documents write them."""

from datetime import date

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip

_UNITS = ("", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas")


def number(value: int) -> str:
    """A number in words, 0 to 9999: 2014 is "dua ribu empat belas".

    Raises:
        ValueError: It is outside that range.
    """
    if not 0 <= value <= 9999:
        raise ValueError(f"{value} is not within 0 and 9999")
    return _number(value) or "nol"


def _number(value: int) -> str:
    if value < 12:
        return _UNITS[value]
    if value < 20:
        return f"{_UNITS[value - 10]} belas"
    if value < 100:
        return _join(f"{_UNITS[value // 10]} puluh", value % 10)
    if value < 200:
        return _join("seratus", value - 100)
    if value < 1000:
        return _join(f"{_UNITS[value // 100]} ratus", value % 100)
    if value < 2000:
        return _join("seribu", value - 1000)
    return _join(f"{_UNITS[value // 1000]} ribu", value % 1000)


def _join(head: str, rest: int) -> str:
    return f"{head} {_number(rest)}" if rest else head


def numeric(day: date | None) -> str:
    """A date as 17-08-1978; a dash when there is none."""
    return day.strftime("%d-%m-%Y") if day else "-"


def long(day: date) -> str:
    """A date as 17 Agustus 1978."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def spoken_day(day: date) -> str:
    """Day and month in words, as certificates write them: "tujuh belas Agustus"."""
    return f"{number(day.day)} {MONTHS[day.month - 1]}"
