"""The machines as a table for people."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from central.columns import columns
from central.store import times

FULL_TEST_DAYS = 31
HEADINGS = ("MACHINE", "SITE", "SEEN", "IN SESSION", "DEVICES", "SERVICES", "JOURNAL", "OUTBOX", "SELF-TEST")


def seconds_since_seen(machine: Mapping[str, Any], now: datetime) -> float | None:
    """Seconds since a machine was seen; None when it never was."""
    seen_at = machine["seen_at"]
    return None if seen_at is None else (now - times.from_text(seen_at)).total_seconds()


def render(
    machines: Sequence[Mapping[str, Any]], now: datetime, stale_s: float, full_test_days: int = FULL_TEST_DAYS
) -> str:
    """The table, a line a machine; stale machines say so, and what they said last is in brackets.

    Args:
        full_test_days: A full self-test that is older has expired.
    """
    return columns([HEADINGS, *((*_row(one, now, stale_s), self_test(one, now, full_test_days)) for one in machines)])


def self_test(machine: Mapping[str, Any], now: datetime, full_test_days: int) -> str:
    """What the newest self-test found, and whether the last full one that found nothing is still valid."""
    tests = machine.get("self_tests")
    if not tests:
        return "never"
    last = tests[-1]
    words = ["well" if last["well"] else f"NOT WELL: {', '.join(last['failed'])}"]
    if full_test_expired(machine, now, full_test_days):
        words.append("full test EXPIRED")
    return ", ".join(words)


def full_test_expired(machine: Mapping[str, Any], now: datetime, full_test_days: int) -> bool:
    """Whether there is none that found nothing wrong within the days allowed."""
    full = [one for one in machine.get("self_tests", ()) if one["level"] == "full" and one["well"]]
    return not any((now - times.from_text(one["began_at"])).days < full_test_days for one in full)


def _row(machine: Mapping[str, Any], now: datetime, stale_s: float) -> tuple[str, ...]:
    name, site = machine["machine_id"], machine["site_name"] or "-"
    age_s = seconds_since_seen(machine, now)
    if machine["refused"] or age_s is None:
        return (name, site, "refused" if machine["refused"] else "never", "-", "-", "-", "-", "-")
    cells = (_session(machine), _devices(machine), _services(machine), _journal(machine), _number(machine["outbox"]))
    if age_s > stale_s:
        return (name, site, f"STALE, {_age(age_s)} ago", *(cell if cell == "-" else f"({cell})" for cell in cells))
    return (name, site, f"{_age(age_s)} ago", *cells)


def _age(seconds: float) -> str:
    seconds = max(0, int(seconds))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _session(machine: Mapping[str, Any]) -> str:
    return "-" if machine["in_session"] is None else "yes" if machine["in_session"] else "no"


def _devices(machine: Mapping[str, Any]) -> str:
    devices = machine["devices"]
    if devices is None:
        return "-"
    troubled = [f"{d['name']}:{d['state']}" for d in devices if d["state"] not in ("online", "deviceBusy")]
    return ", ".join(troubled) if troubled else f"{len(devices)} online"


def _services(machine: Mapping[str, Any]) -> str:
    services = machine["services"]
    if services is None:
        return "-"
    troubled = [f"{s['kind']} {s['availability'].lower()}" for s in services if s["availability"] != "AVAILABLE"]
    return ", ".join(troubled) if troubled else f"{len(services)} available"


def _journal(machine: Mapping[str, Any]) -> str:
    if machine["journal_seq"] is None:
        return "-"
    words = [f"{machine['journal_seq']} {machine['journal_hash'][:12]}".rstrip()]
    if machine["open_issuances"]:
        words.append(f"{machine['open_issuances']} open")
    if machine["journal_seq"]:
        words.append(_kept(machine))
    return ", ".join(words)


def _kept(machine: Mapping[str, Any]) -> str:
    """Whether the head a machine told of is the one that is kept."""
    if machine["kept_seq"] is None:
        return "not kept"
    if machine["kept_seq"] != machine["journal_seq"]:
        return f"kept to {machine['kept_seq']}"
    return "kept" if machine["kept_hash"] == machine["journal_hash"] else "CONTRADICTS what is kept"


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)
