"""What every virtual device offers to the simulator page, the tour and the tests.

A device speaks its wire by itself; this is only the hand that puts cards on it and jams it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class ActionRefused(Exception):
    """The action makes no sense now; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do to a device.

    Attributes:
        label: On the button, Indonesian-free plain English: "Put card".
        run: Does it; keyword arguments are the chosen parameters, all strings.
        choices: Parameter name to allowed values, as {"resident": ("hamid", "nur")}.
    """

    label: str
    run: Callable[..., Awaitable[None]]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class VirtualDevice(Protocol):
    """One virtual device.

    Attributes:
        name: As in the kiosk's configuration: card_reader, camera, document_printer, receipt_printer.
        title: For people: "Card reader".
    """

    name: str
    title: str

    async def start(self) -> None:
        """Be there on the wire; returns when the production driver can find it."""

    async def stop(self) -> None:
        """End everything that `start` started, and only that. May be called twice."""

    def state(self) -> Mapping[str, Any]:
        """What it is now, JSON-able, for the page and for tests."""

    def actions(self) -> Mapping[str, Action]:
        """What can be done to it now."""

    def faults(self) -> Mapping[str, str]:
        """Named faults it can show, with one line what each does."""

    async def set_fault(self, fault: str | None) -> None:
        """Show this fault from now on; None is healthy again. KeyError when unknown."""
