"""At start: ends every issuance that a crash or power cut left open. Reads the journal, asks the printer, decides."""

from adm.registry.v1 import registry_pb2 as pb

from kiosk import logs
from kiosk.issuance import messages
from kiosk.issuance.issue import IssueFailed, Issuer
from kiosk.issuance.journal import Issuance
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import Event, State

OPEN = tuple(state for state in State if state.open)


async def recover(ledger: Ledger, issuer: Issuer) -> int:
    """End every open issuance in exactly one state; nothing is ever printed here.

    Returns:
        How many were open.
    """
    left_open = await ledger.in_states(*OPEN)
    for issuance in left_open:
        await _end(ledger, issuer, issuance)
        ended = await ledger.issuance(issuance.key)
        state = ended.state.value if ended else ""
        logs.event("recovered", issuance=issuance.key, reason=issuance.state.value, outcome=state)
    return len(left_open)


async def _end(ledger: Ledger, issuer: Issuer, issuance: Issuance) -> None:
    detail, key = issuance.detail, issuance.key
    grant_id = detail.get("grant_id", "")
    match issuance.state:
        case State.ASKED | State.GRANTED:
            # No byte went to the printer before `printing` was on disk.
            tell = messages.void(grant_id, pb.VOID_REASON_NOT_PRINTED)
            await ledger.append(key, Event.CANCEL, {"reason": "restart"}, tell)
        case State.PRINTING:
            # The printer may have the job, and its number was never heard.
            tell = messages.complete(grant_id, pb.OUTCOME_UNKNOWN, pb.EVIDENCE_SENT)
            await ledger.append(key, Event.LOSE, {"reason": "restart"}, tell)
        case State.ACCEPTED:
            number, pages = detail["receipt_number"], detail["page_count"]
            try:
                await issuer.follow_again(key, grant_id, number, pages, detail["job_id"])
            except IssueFailed:
                return  # ended, and journaled as what it is
            await issuer.not_confirmed(key, grant_id)
        case State.PRINTED:
            await issuer.not_confirmed(key, grant_id)
