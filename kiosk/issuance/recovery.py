"""At start: ends every issuance that a crash or power cut left open. Reads the journal, asks the printer, decides."""

from kiosk import logs
from kiosk.issuance.issue import Issuer
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import State

OPEN = tuple(state for state in State if state.open)


async def recover(ledger: Ledger, issuer: Issuer) -> int:
    """End every open issuance in exactly one state; nothing is ever printed here.

    Returns:
        How many were open.
    """
    left_open = await ledger.in_states(*OPEN)
    for issuance in left_open:
        await issuer.end_left_open(issuance)
        ended = await ledger.issuance(issuance.key)
        state = ended.state.value if ended else ""
        logs.event("recovered", issuance=issuance.key, reason=issuance.state.value, outcome=state)
    return len(left_open)
