"""At start: ends every issuance that a crash or power cut left open. Reads the journal, asks the printer, decides."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from kiosk import logs
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import State


class EndsLeftOpen(Protocol):
    """Who issues one kind of document."""

    async def end_left_open(self, issuance: Issuance) -> None:
        """End it in exactly one state."""


OPEN = tuple(state for state in State if state.open)


async def recover(
    ledger: Ledger, issuer: EndsLeftOpen, cards: Mapping[str, EndsLeftOpen] = MappingProxyType({})
) -> int:
    """End every open issuance in exactly one state; nothing is ever printed here.

    Args:
        issuer: Who ends those on paper.
        cards: Who ends those of cards, by the name of the kind.

    Returns:
        How many were open.
    """
    left_open = await ledger.in_states(*OPEN)
    for issuance in left_open:
        await cards.get(issuance.detail.get("kind", ""), issuer).end_left_open(issuance)
        ended = await ledger.issuance(issuance.key)
        state = ended.state.value if ended else ""
        logs.event("recovered", issuance=issuance.key, reason=issuance.state.value, outcome=state)
    return len(left_open)
