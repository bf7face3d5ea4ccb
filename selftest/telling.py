"""Who a device says it is, added to a finding about it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from drivers.deadline import Deadline
from selftest import advice
from selftest.model import Finding, Outcome, failed

ASK_S: Final = 2.0


class Telling(Protocol):
    """A driver of any device."""

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself."""


def telling(finding: Finding, port: Telling, accepted_serial: str) -> Finding:
    """The finding, with maker, model, serial number and firmware as far as the device tells them.

    Args:
        accepted_serial: Of the device that belongs here; empty when none was accepted. Another one makes it a FAIL.
    """
    facts = port.facts(Deadline.after(ASK_S))
    stranger = accepted_serial and facts.get("serial", accepted_serial) != accepted_serial
    if stranger and finding.outcome is Outcome.PASS:
        finding = failed("serial:changed", advice.STRANGER, *finding.measurements)
    return replace(finding, facts=tuple(facts.items()))
