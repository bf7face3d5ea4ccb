"""Who a device says it is, added to a finding about it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Protocol

from drivers.deadline import Deadline
from selftest.model import Finding

ASK_S: Final = 2.0


class Telling(Protocol):
    """A driver of any device."""

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        """What it says of itself."""


def telling(finding: Finding, port: Telling) -> Finding:
    """The finding, with maker, model, serial number and firmware as far as the device tells them."""
    return replace(finding, facts=tuple(port.facts(Deadline.after(ASK_S)).items()))
