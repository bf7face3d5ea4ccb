"""What a technician's finding makes of a card whose whereabouts the machine cannot tell."""

from pathlib import Path

import pytest
from adm.registry.v1 import registry_pb2 as pb

from kiosk.issuance.card_endings import CardEndings, card_of
from kiosk.issuance.journal import Journal, read, verify
from kiosk.issuance.ledger import Ledger
from kiosk.issuance.states import Event, State
from kiosk.issuance.stock import Figure, Handling, Item, StockEvent

KEY = "0b4f4f43-5ac4-4f11-9d30-4c2f8b8f0001"


@pytest.mark.parametrize(
    ("in_hopper", "taken", "state", "figure", "said"),
    [
        (True, True, State.CANCELLED, Figure.REMAINING, ("void", pb.VOID_REASON_NOT_PRINTED)),
        (True, False, State.SPOILED, Figure.SPOILED, ("void", pb.VOID_REASON_SPOILED)),
        (False, True, State.TAKEN, Figure.ISSUED, ("complete", pb.OUTCOME_TAKEN)),
    ],
)
async def test_a_blank_of_which_nothing_is_found_is_in_its_hopper_when_it_may_never_have_moved(
    tmp_path: Path, in_hopper: bool, taken: bool, state: State, figure: Figure, said: tuple[str, int]
) -> None:
    path = tmp_path / "journal.db"
    ledger = Ledger(Journal(path, 1 << 30))
    await ledger.record_stock([Handling(StockEvent.LOAD, Item.CARD_KTP_EL, "B-1", 10)], ("S-1", "S-2"))
    await ledger.append(KEY, Event.ASK, {"kind": "DOCUMENT_KIND_KTP_EL"})
    await ledger.append(KEY, Event.GRANT, {"grant_id": "g", "receipt_number": "ADM-3520-000001", "page_count": 1})
    await ledger.append(KEY, Event.FEED, {"blank": "BLANK_CARD_KTP_EL", "batch": "B-1"})
    endings = CardEndings(ledger)
    lost = await ledger.issuance(KEY)
    assert lost is not None
    await endings.lose(card_of(lost), "restart", in_hopper=in_hopper)
    unknown = await ledger.issuance(KEY)
    assert unknown is not None
    await endings.settle(unknown, taken)
    ended = await ledger.issuance(KEY)
    assert ended is not None
    assert ended.state is state
    (book,) = await ledger.books()
    assert book[figure] == (10 if figure is Figure.REMAINING else 1)
    method, fields = [(m.method, m.fields) for m in await ledger.outbox()][-1]
    assert (method, fields.get("reason", fields.get("outcome"))) == said
    ledger.close()
    assert verify(read(path)) == []
