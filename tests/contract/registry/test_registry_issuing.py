"""One original and no more: grants, their keys, their ends."""

import asyncio
import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import grpc
import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from central.store import audit, schema, times
from central.store.engine import Store
from central.store.schema import artefacts, families, issuances
from tests.unit.central import bench
from tests.unit.central.bench import Bench, Machine

KK = pb.DOCUMENT_KIND_KK
BLANKS = {pb.DOCUMENT_KIND_KTP_EL: pb.BLANK_CARD_KTP_EL, pb.DOCUMENT_KIND_KIA: pb.BLANK_CARD_KIA}


async def ready(machine: Machine, token: str, kind: pb.DocumentKind.ValueType = KK) -> tuple[str, str]:
    """A document that can be printed: its id and the version of its draft."""
    document = next(d for d in await machine.documents(token) if d.kind == kind)
    assert document.state == pb.DOCUMENT_STATE_READY
    _, version = await machine.draft(token, document.document_id)
    return document.document_id, version


async def state(machine: Machine, token: str, document_id: str) -> str:
    document = next(d for d in await machine.documents(token) if d.document_id == document_id)
    return pb.DocumentState.Name(document.state).removeprefix("DOCUMENT_STATE_")


def age_grants(central: Bench) -> None:
    """Let every grant have expired an hour ago."""
    store = Store(central.directory / "central.sqlite3")
    long_ago = times.to_text(datetime.now(UTC) - timedelta(hours=1))
    store.write_now(lambda c: c.execute(issuances.update().values(expires_at=long_ago)))
    store.close()


async def test_each_resident_finds_what_is_theirs(central: Bench, machine: Machine) -> None:
    found = {}
    for person in (bench.HAMID, bench.NUR, bench.KARTO, bench.YOSEF):
        documents = await machine.documents(await central.verified(machine, person))
        found[person] = sorted((pb.DocumentKind.Name(d.kind)[14:], d.subject_name) for d in documents)
        assert all((d.blank, d.page_count) == (BLANKS.get(d.kind, pb.BLANK_PAPER_A4), 1) for d in documents)
    children = [
        (kind, f"{name} SUROSO") for kind in ("AKTA_KELAHIRAN", "KIA") for name in ("AISYAH PUTRI", "RAFI ADITYA")
    ]
    for person, name in ((bench.HAMID, "HAMID SUROSO"), (bench.NUR, "NUR HIDAYATI")):
        own = [(kind, name) for kind in ("KTP_EL", "BIODATA", "AKTA_KELAHIRAN")]
        assert found[person] == sorted([("KK", "HAMID SUROSO"), *own, *children])
    assert not any(kind == "KIA" for kind, _ in found[bench.YOSEF])
    assert ("AKTA_KEMATIAN", "SASTRO DIKROMO") in found[bench.KARTO]
    assert ("SKPWNI", "YOSEF ADRIANUS KORE") in found[bench.YOSEF]


async def test_a_grant_is_signed_and_bound_to_what_was_asked(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    key = str(uuid.uuid4())
    grant = await machine.begin(token, document_id, version, key)
    public = (central.directory / "kiosk-credentials" / "grant_public_key").read_bytes()
    Ed25519PublicKey.from_public_bytes(public).verify(grant.signature, grant.claims)
    claims = pb.GrantClaims.FromString(grant.claims)
    pdf = await machine.artefact(claims.grant_id)
    assert grant.key_id == hashlib.sha256(public).hexdigest()
    assert (claims.machine_id, claims.document_id, claims.idempotency_key) == ("kiosk/3520/mpp-01", document_id, key)
    assert (claims.kind, claims.blank, claims.page_count) == (KK, pb.BLANK_PAPER_A4, 1)
    assert (claims.artefact_sha256, claims.artefact_bytes) == (hashlib.sha256(pdf).digest(), len(pdf))
    assert claims.receipt_number == "ADM-3520-000001"
    assert claims.tracking_url.endswith("/ADM-3520-000001")
    assert claims.expires_at.seconds - claims.issued_at.seconds == 900


async def test_the_same_key_gets_the_same_grant(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    key = str(uuid.uuid4())
    grants = await asyncio.gather(*(machine.begin(token, document_id, version, key) for _ in range(20)))
    assert len({grant.SerializeToString() for grant in grants}) == 1


async def test_twenty_keys_for_one_document_get_one_grant(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    answers = await asyncio.gather(
        *(machine.begin(token, document_id, version) for _ in range(20)), return_exceptions=True
    )
    refused = [bench.reason(a) for a in answers if isinstance(a, grpc.aio.AioRpcError)]
    assert sum(isinstance(answer, pb.Grant) for answer in answers) == 1
    assert refused == ["ALREADY_ISSUED"] * 19
    assert await state(machine, token, document_id) == "IN_PROGRESS"


async def test_two_machines_get_one_grant_between_them(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine, bench.HAMID)
    document_id, version = await ready(machine, token)
    async with central.machine(central.directory / "other-credentials") as other:
        others_token = await central.verified(other, bench.NUR)
        answers = await asyncio.gather(
            machine.begin(token, document_id, version),
            other.begin(others_token, document_id, version),
            return_exceptions=True,
        )
    assert sorted(type(answer).__name__ for answer in answers) == ["AioRpcError", "Grant"]


async def test_a_lost_answer_can_be_asked_for_again_after_the_session(central: Bench, machine: Machine) -> None:
    session = await machine.start()
    token = (await machine.show(session, central.template())).session_token
    document_id, version = await ready(machine, token)
    key = str(uuid.uuid4())
    first = await machine.begin(token, document_id, version, key)
    await machine.registry.EndSession(pb.EndSessionRequest(session_id=session.session_id))
    assert await machine.begin(token, document_id, version, key) == first


async def test_a_key_stands_for_one_thing(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    other_id, other_version = await ready(machine, token, pb.DOCUMENT_KIND_BIODATA)
    key = str(uuid.uuid4())
    await machine.begin(token, document_id, version, key)
    async with central.machine(central.directory / "other-credentials") as other:
        for attempt in (
            machine.begin(token, other_id, other_version, key),
            machine.begin(token, document_id, other_version, key),
            machine.begin(await central.verified(machine), document_id, version, key),
            other.begin(token, document_id, version, key),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await attempt
            assert bench.reason(refused.value) == "KEY_REUSED"


async def test_what_changed_after_proofreading_is_not_printed(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    store = Store(central.directory / "central.sqlite3")
    store.write_now(lambda c: c.execute(families.update().values(address="JL. MAWAR NO. 1")))
    store.close()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.begin(token, document_id, version)
    assert bench.reason(refused.value) == "DATA_CHANGED"
    assert await ready(machine, token) != (document_id, version)


async def test_anothers_document_is_as_unknown_as_none(central: Bench, machine: Machine) -> None:
    others = await machine.documents(await central.verified(machine, bench.KARTO))
    token = await central.verified(machine)
    for document_id in (others[0].document_id, "no-such-document"):
        with pytest.raises(grpc.aio.AioRpcError) as draft:
            await machine.draft(token, document_id)
        with pytest.raises(grpc.aio.AioRpcError) as begun:
            await machine.begin(token, document_id, "x")
        assert {bench.reason(draft.value), bench.reason(begun.value)} == {"NOT_ENTITLED"}


async def test_a_grant_is_no_use_to_another_machine(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    async with central.machine(central.directory / "other-credentials") as other:
        for attempt in (
            other.artefact(claims.grant_id),
            other.complete(claims),
            other.void(claims.idempotency_key, claims.grant_id),
            other.void(claims.idempotency_key),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await attempt
            assert bench.reason(refused.value) == "GRANT_ENDED"
    assert await machine.artefact(claims.grant_id)


async def test_a_taken_document_is_not_issued_again(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    for _ in range(3):
        await machine.complete(claims)
    token = await central.verified(machine)
    assert await state(machine, token, claims.document_id) == "ISSUED"
    _, version = await machine.draft(token, claims.document_id)
    for attempt in (
        machine.begin(token, claims.document_id, version),
        machine.artefact(claims.grant_id),
        machine.void(claims.idempotency_key, claims.grant_id, seq=6),
        machine.void(claims.idempotency_key, claims.grant_id, seq=2),
    ):
        with pytest.raises(grpc.aio.AioRpcError):
            await attempt
    assert await state(machine, token, claims.document_id) == "ISSUED"


async def test_a_void_lets_go_of_the_document(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    for _ in range(3):
        await machine.void(claims.idempotency_key, claims.grant_id)
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    assert document_id == claims.document_id
    again = pb.GrantClaims.FromString((await machine.begin(token, document_id, version)).claims)
    assert again.receipt_number == "ADM-3520-000002"
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.complete(claims, seq=6)
    assert bench.reason(refused.value) == "GRANT_ENDED"


async def test_unknown_holds_the_document_until_a_technician_says(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=5)
    token = await central.verified(machine)
    assert await state(machine, token, claims.document_id) == "IN_PROGRESS"
    await machine.void(claims.idempotency_key, claims.grant_id, seq=9)
    assert await state(machine, token, claims.document_id) == "READY"


async def test_an_old_message_that_comes_late_changes_nothing(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=5)
    await machine.complete(claims, pb.OUTCOME_TAKEN, seq=9)
    await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=5)
    assert await state(machine, await central.verified(machine), claims.document_id) == "ISSUED"


async def test_a_technicians_word_counts_whatever_its_number(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=500)
    await machine.complete(claims, pb.OUTCOME_TAKEN, seq=2)
    assert await state(machine, await central.verified(machine), claims.document_id) == "ISSUED"


async def test_an_end_is_not_told_otherwise_later(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.void(claims.idempotency_key, claims.grant_id, spoiled=1)
    for attempt in (
        machine.void(claims.idempotency_key, claims.grant_id, spoiled=2),
        machine.complete(claims, seq=9),
        machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=9),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await attempt
        assert bench.reason(refused.value) == "GRANT_ENDED"


async def test_a_void_that_overtakes_its_begin_wins(central: Bench, machine: Machine) -> None:
    token = await central.verified(machine)
    document_id, version = await ready(machine, token)
    key = str(uuid.uuid4())
    for _ in range(2):
        await machine.void(key)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await machine.begin(token, document_id, version, key)
    assert bench.reason(refused.value) == "GRANT_ENDED"
    assert await state(machine, token, document_id) == "READY"


async def test_a_void_whose_begin_was_never_answered_lets_go(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.void(claims.idempotency_key)
    assert await state(machine, await central.verified(machine), claims.document_id) == "READY"


async def test_an_expired_grant_goes_on_holding_until_its_machine_reports(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    token = await central.verified(machine)
    age_grants(central)
    with pytest.raises(grpc.aio.AioRpcError) as fetched:
        await machine.artefact(claims.grant_id)
    assert bench.reason(fetched.value) == "GRANT_ENDED"
    assert await state(machine, token, claims.document_id) == "IN_PROGRESS"
    await machine.complete(claims)
    assert await state(machine, token, claims.document_id) == "ISSUED"


async def test_nothing_of_a_document_is_kept_once_it_ended(central: Bench, machine: Machine) -> None:
    taken = await central.granted(machine)
    voided = await central.granted(machine, pb.DOCUMENT_KIND_BIODATA)
    store = Store(central.directory / "central.sqlite3")
    kept = sa.select(sa.func.count()).select_from(artefacts)
    assert store.read_now(lambda c: c.execute(kept).scalar()) == 2
    await machine.complete(taken)
    await machine.void(voided.idempotency_key)
    assert store.read_now(lambda c: c.execute(kept).scalar()) == 0
    store.close()


async def test_the_audit_chain_tells_it_all_in_order(central: Bench, machine: Machine) -> None:
    claims = await central.granted(machine)
    await machine.complete(claims, pb.OUTCOME_UNKNOWN, seq=5)
    await machine.complete(claims, pb.OUTCOME_TAKEN, seq=8)
    store = Store(central.directory / "central.sqlite3")
    events = store.read_now(lambda c: list(c.execute(sa.select(schema.audit.c.event).order_by("seq")).scalars()))
    # The registry's making loaded blanks.
    assert [event for event in events if event != "stock"] == ["face_matched", "granted", "unknown", "taken"]
    assert store.read_now(audit.first_broken) is None
    store.close()
