"""What the registry keeps of a card that was handed over: its chip, its blank, and what became of the old one."""

from typing import Any

import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.store.engine import Store
from central.store.schema import issuances, residents
from tests.contract.registry.test_registry_stock import check, figures, kinds_of_alarms
from tests.unit.central import bench
from tests.unit.central.bench import DEADLINE_S, Bench, Machine, now

KTP, KIA = pb.DOCUMENT_KIND_KTP_EL, pb.DOCUMENT_KIND_KIA
UID = bytes.fromhex("0453494D000001")


async def completed(machine: Machine, claims: pb.GrantClaims, **more: Any) -> None:
    request = pb.CompleteRequest(
        idempotency_key=claims.idempotency_key,
        grant_id=claims.grant_id,
        outcome=pb.OUTCOME_TAKEN,
        evidence=pb.EVIDENCE_TAKEN,
        occurred_at=now(),
        journal_seq=more.pop("seq", 9),
        batch="SIM-KTP-001",
        **more,
    )
    await machine.registry.Complete(request, timeout=DEADLINE_S)


def recorded(central: Bench) -> tuple[Any, ...]:
    store = Store(central.directory / "central.sqlite3")
    columns = issuances.c
    try:
        return tuple(
            store.read_now(
                lambda c: c.execute(sa.select(columns.chip_uid, columns.blank_batch, columns.old_card)).one()
            )
        )
    finally:
        store.close()


def card_on_record(central: Bench, nik: str = bench.HAMID[0]) -> bytes:
    store = Store(central.directory / "central.sqlite3")
    try:
        query = sa.select(residents.c.card_uid).where(residents.c.nik == nik)
        return bytes(store.read_now(lambda c: c.execute(query).scalar_one()))
    finally:
        store.close()


async def test_a_ktp_el_that_was_taken_is_its_residents_card_from_then_on(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine, KTP)
    before = card_on_record(central)
    assert before not in (UID, b"")
    for _ in range(2):
        await completed(machine, claims, chip_uid=UID)
    assert recorded(central) == (UID, "SIM-KTP-001", None)
    assert card_on_record(central) == UID


async def test_a_kia_leaves_the_card_on_record_alone(central: Bench, machine: Machine) -> None:
    before = card_on_record(central)
    await completed(machine, await central.granted(machine, KIA), chip_uid=UID)
    assert card_on_record(central) == before


async def test_what_became_of_the_old_card_may_follow_and_its_first_word_counts(
    central: Bench, machine: Machine
) -> None:
    claims = await central.granted(machine, KTP)
    await completed(machine, claims, chip_uid=UID)
    for old_card in (pb.OLD_CARD_REJECT_BIN, pb.OLD_CARD_REJECT_BIN, pb.OLD_CARD_LOST):
        await completed(machine, claims, chip_uid=UID, old_card=old_card, seq=10)
    assert recorded(central) == (UID, "SIM-KTP-001", pb.OLD_CARD_REJECT_BIN)
    assert figures(central) == {"remaining": 49, "issued": 1}


@pytest.mark.parametrize(("spoiled", "expected"), [(0, {"remaining": 49}), (1, {"remaining": 48, "spoiled": 1})])
async def test_blanks_spoiled_on_the_way_are_booked_with_the_card_that_came_out(
    central: Bench, machine: Machine, spoiled: int, expected: dict[str, int]
) -> None:
    claims = await central.granted(machine, KTP)
    for _ in range(2):
        await completed(machine, claims, blanks_spoiled=spoiled)
    assert figures(central) == {"issued": 1, **expected}
    assert (await check(central))[0] == 0


async def test_a_card_is_completed_although_the_books_lack_what_was_spoiled(central: Bench, machine: Machine) -> None:
    await machine.stock(pb.STOCK_EVENT_UNLOADED, 49, seq=1)
    await completed(machine, await central.granted(machine, KTP), blanks_spoiled=1)
    assert figures(central) == {"unloaded": 49, "issued": 1}
    assert kinds_of_alarms(central) == ["stock_mismatch"]
    assert (await check(central))[0] == 0


async def test_only_who_has_a_card_is_asked_for_the_old_one(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    seen = {}
    for document in await machine.documents(token):
        if document.kind in (KTP, KIA):
            content = pb.CardContent.FromString((await machine.draft(token, document.document_id))[0])
            seen[document.kind] = content.replaces_card
    assert seen == {KTP: True, KIA: False}
