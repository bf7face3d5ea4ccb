"""Original and replacement: one word of an officer is one more original, and the former is superseded."""

import json
import subprocess

import grpc
import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.registry import reconciliation, tracking
from central.registry.tracking import Progress
from central.store import schema
from central.store.engine import Store
from tests.contract.registry.test_registry_genuineness import GREEN, YELLOW, colour, qr_text
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine


async def replace(central: Bench, document_id: str, reason: str = "lost") -> subprocess.CompletedProcess[str]:
    config = central.directory / "central.toml"
    return await bench.command(
        "officer", "replace", document_id, "--by", "S-07", "--reason", reason, "--config", config
    )


def rows(central: Bench) -> list[dict[str, object]]:
    """Every issuance, oldest first."""
    store = Store(central.directory / "central.sqlite3")
    try:
        query = sa.select(schema.issuances).order_by(schema.issuances.c.begun_at)
        return [dict(row) for row in store.read_now(lambda c: c.execute(query).mappings().all())]
    finally:
        store.close()


async def test_a_replacement_is_one_more_original_and_supersedes_the_former(central: Bench, machine: Machine) -> None:
    former = await central.granted(machine)
    await machine.complete(former)
    done = await replace(central, former.document_id)
    assert (done.returncode, done.stderr) == (0, "")
    assert former.receipt_number in done.stdout
    assert await colour(machine, qr_text(central, former)) == YELLOW
    newer = await central.granted(machine)
    assert newer.document_id == former.document_id
    await machine.complete(newer)
    assert await colour(machine, qr_text(central, newer)) == GREEN
    assert await colour(machine, qr_text(central, former)) == YELLOW
    with pytest.raises(grpc.aio.AioRpcError) as third:
        await central.granted(machine)
    assert bench.reason(third.value) == "ALREADY_ISSUED"
    store = Store(central.directory / "central.sqlite3")
    assert store.read_now(lambda c: tracking.find(c, former.receipt_number)) == Progress.REPLACED
    assert store.read_now(lambda c: tracking.find(c, newer.receipt_number)) == Progress.DONE
    store.close()


async def test_what_comes_late_about_the_former_takes_nothing_back(central: Bench, machine: Machine) -> None:
    former = await central.granted(machine)
    await machine.complete(former, pb.OUTCOME_UNKNOWN, seq=5)
    await machine.complete(former, pb.OUTCOME_TAKEN, seq=9)
    await replace(central, former.document_id)
    await machine.complete(former, pb.OUTCOME_TAKEN, seq=9)
    await machine.complete(former, pb.OUTCOME_UNKNOWN, seq=5)
    with pytest.raises(grpc.aio.AioRpcError):
        await machine.void(former.idempotency_key, former.grant_id, seq=10)
    await machine.complete(await central.granted(machine))


async def test_a_replaced_card_was_issued_and_the_books_say_so(central: Bench, machine: Machine) -> None:
    for _ in range(2):
        claims = await central.granted(machine, pb.DOCUMENT_KIND_KTP_EL)
        await machine.complete(claims)
        await replace(central, claims.document_id, "damaged")
    store = Store(central.directory / "central.sqlite3")
    issued = {book.blank: book.issued for book in store.read_now(reconciliation.books)}
    assert issued[pb.BLANK_CARD_KTP_EL] == 2
    assert store.read_now(reconciliation.mismatches) == []
    store.close()


@pytest.mark.parametrize("state", ["ready", "open", "unknown", "void", "replaced", "no such document"])
async def test_only_what_was_handed_over_is_replaced(central: Bench, machine: Machine, state: str) -> None:
    claims = await central.granted(machine)
    document_id = claims.document_id
    match state:
        case "unknown":
            await machine.complete(claims, pb.OUTCOME_UNKNOWN)
        case "ready" | "void":
            await machine.void(claims.idempotency_key, claims.grant_id)
        case "replaced":
            await machine.complete(claims)
            assert (await replace(central, document_id)).returncode == 0
        case "no such document":
            document_id = "none"
    done = await replace(central, document_id)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)


async def test_an_officer_frees_what_the_resident_never_got_and_its_machine_cannot_tell_of(
    central: Bench, machine: Machine
) -> None:
    former = await central.granted(machine)
    await machine.complete(former, pb.OUTCOME_UNKNOWN)
    assert (await replace(central, former.document_id, "lost")).returncode == 2
    assert (await replace(central, former.document_id, "not_received")).returncode == 0
    newer = await central.granted(machine)
    await machine.complete(newer)
    # Only now a technician finds out: the former is told of, and takes nothing back.
    await machine.complete(former)
    assert (await replace(central, former.document_id, "not_received")).returncode == 2
    held = {row["idempotency_key"]: row["holds"] for row in rows(central)}
    assert held == {former.idempotency_key: None, newer.idempotency_key: former.document_id}


async def test_every_issuance_has_its_reason(central: Bench, machine: Machine) -> None:
    for end in (pb.VOID_REASON_NOT_PRINTED, pb.VOID_REASON_SPOILED, pb.VOID_REASON_NOT_PRINTED):
        claims = await central.granted(machine)
        await machine.void(claims.idempotency_key, claims.grant_id, reason=end)
    claims = await central.granted(machine)
    await machine.complete(claims)
    assert (await replace(central, claims.document_id, "damaged")).returncode == 0
    await central.granted(machine)
    assert [row["reason"] for row in rows(central)] == [
        "original", "original", "reprint:spoiled", "reprint:spoiled", "replacement:damaged",
    ]  # fmt: skip


async def test_a_replacement_has_one_of_four_reasons_and_a_person(central: Bench) -> None:
    assert (await replace(central, "x", "because")).returncode == 2
    config = central.directory / "central.toml"
    nobody = await bench.command("officer", "replace", "x", "--reason", "lost", "--config", config)
    assert (nobody.returncode, "--by" in nobody.stderr) == (2, True)


async def test_a_replacement_is_in_the_audit_chain(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.complete(claims)
    await replace(central, claims.document_id, "data_changed")
    store = Store(central.directory / "central.sqlite3")
    row = store.read_now(lambda c: c.execute(sa.select(schema.audit).order_by(schema.audit.c.seq.desc())).first())
    store.close()
    assert row is not None
    assert (row.machine_id, row.event) == ("officer/S-07", "replaced")
    details = json.loads(row.details)
    assert (details["document_id"], details["receipt"], details["reason"]) == (
        claims.document_id, claims.receipt_number, "data_changed",
    )  # fmt: skip


async def test_an_officer_finds_a_document_by_its_resident(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    config = central.directory / "central.toml"
    listed = await bench.command("officer", "documents", bench.HAMID[0], "--config", config)
    assert [claims.document_id, "KK", "IN_PROGRESS"] in [line.split() for line in listed.stdout.splitlines()]
    assert "SUROSO" not in listed.stdout
