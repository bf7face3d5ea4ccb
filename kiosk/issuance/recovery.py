"""At start: ends every issuance that a crash or power cut left open. Reads the journal, asks the printer, decides.

After a power cut a printer is ready later than the daemon: it is waited for, for a while, before it is asked.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol

from drivers.deadline import Deadline
from drivers.status import DeviceState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import State


class EndsLeftOpen(Protocol):
    """Who issues one kind of document."""

    async def end_left_open(self, issuance: Issuance) -> None:
        """End it in exactly one state."""


OPEN = tuple(state for state in State if state.open)
SILENT: Final = frozenset(
    {DeviceState.STARTING, DeviceState.OFFLINE, DeviceState.NO_DEVICE, DeviceState.POWER_OFF, DeviceState.DEVICE_BUSY}
)
_AGAIN_S: Final = 1.0


async def at_once(_kind: str) -> None:
    """Nothing is waited for."""


async def recover(
    ledger: Ledger,
    issuer: EndsLeftOpen,
    cards: Mapping[str, EndsLeftOpen] = MappingProxyType({}),
    answered: Callable[[str], Awaitable[None]] = at_once,
) -> int:
    """End every open issuance in exactly one state; nothing is ever printed here.

    Args:
        issuer: Who ends those on paper.
        cards: Who ends those of cards, by the name of the kind.
        answered: Waits until who makes such a kind answers again, or for as long as that is waited for.

    Returns:
        How many were open.
    """
    left_open = await ledger.in_states(*OPEN)
    for issuance in left_open:
        kind = issuance.detail.get("kind", "")
        if issuance.state not in (State.ASKED, State.GRANTED):
            await answered(kind)
        await cards.get(kind, issuer).end_left_open(issuance)
        ended = await ledger.issuance(issuance.key)
        state = ended.state.value if ended else ""
        logs.event("recovered", issuance=issuance.key, reason=issuance.state.value, outcome=state)
    return len(left_open)


async def wait_for(devices: Sequence[Device[Any]], look: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Until all of them have answered, or the time is up.

    Args:
        look: Asks them how they are.
    """
    deadline = Deadline.after(seconds)
    while any(device.state in SILENT for device in devices) and not deadline.expired:
        await look()
        if any(device.state in SILENT for device in devices):
            await asyncio.sleep(deadline.sooner(_AGAIN_S).remaining_s)
