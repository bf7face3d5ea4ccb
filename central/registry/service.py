"""RegistryService over gRPC: reads the request, runs the rules in the store's threads, answers.

Requests were validated and refusals are translated by the interceptors. Nothing here blocks the event loop.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from typing import TypeVar
from weakref import WeakValueDictionary

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb
from adm.registry.v1.registry_pb2_grpc import RegistryServiceServicer
from google.protobuf.timestamp_pb2 import Timestamp

from central.config import Config
from central.errors import Refused
from central.identity import Context, Machine, machine_of
from central.logs import log, mask_nik
from central.rates import Rate
from central.registry import (
    catalogue,
    chips,
    genuineness,
    issuing,
    outcomes,
    pins,
    qr,
    releases,
    sessions,
    stock_events,
    verification,
)
from central.registry.catalogue import Entitled
from central.registry.issuing import GrantTerms
from central.registry.press import Press
from central.registry.verification import Verified
from central.store.engine import Store

T = TypeVar("T")

# By the contract.
CHUNK_BYTES = 64 * 1024


def utc_now() -> datetime:
    """The clock of the registry."""
    return datetime.now(UTC)


class Registry(RegistryServiceServicer):
    """The reference registry.

    Args:
        now: The clock.
    """

    def __init__(
        self,
        store: Store,
        settings: Config,
        terms: GrantTerms,
        press: Press,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._settings = settings
        self._terms = terms
        self._press = press
        self._now = now
        self._verifying = Rate(settings.limits.verify_per_minute)
        self._documents_under_way: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def StartSession(self, request: pb.StartSessionRequest, context: Context) -> pb.StartSessionResponse:
        machine = self._machine(context)
        if request.HasField("qr_pin"):
            started = await self._start_by_qr(machine, request.qr_pin)
        else:
            started = await self._store.write(
                lambda c: chips.start(c, self._settings.registry, machine, request.chip, self._now())
            )
        log("session started", machine=machine.id, resident=mask_nik(started.nik), by=request.WhichOneof("evidence"))
        expires_at = Timestamp()
        expires_at.FromDatetime(started.expires_at)
        return pb.StartSessionResponse(
            session_id=started.session_id,
            face_model_id=started.model_id,
            attempts_left=started.attempts_left,
            expires_at=expires_at,
        )

    async def _start_by_qr(self, machine: Machine, brought: pb.QrPinEvidence) -> sessions.Started:
        settings = self._settings
        row = await self._store.read(lambda c: qr.usable(c, brought.token, self._now()))
        pin_hash = await asyncio.to_thread(pins.digest, brought.pin, row.pin_salt)
        return _granted(
            await self._store.write(
                lambda c: qr.start(c, settings.registry, settings.qr, machine, brought.token, pin_hash, self._now())
            )
        )

    async def VerifyFace(self, request: pb.VerifyFaceRequest, context: Context) -> pb.VerifyFaceResponse:
        machine = self._machine(context)
        verified = await self._store.write(
            lambda c: verification.verify(c, self._settings.registry, machine, request, self._now())
        )
        if not verified.live:
            raise verification.not_live(verified.attempts_left)
        log("face compared", machine=machine.id, match=verified.match, attempts_left=verified.attempts_left)
        return pb.VerifyFaceResponse(
            match=verified.match,
            attempts_left=verified.attempts_left,
            session_token=verified.token,
            resident=_to_greet(verified),
        )

    async def ReleaseSession(self, request: pb.ReleaseSessionRequest, context: Context) -> pb.ReleaseSessionResponse:
        machine, terms = self._machine(context), self._settings.release
        row = await self._store.read(lambda c: releases.usable(c, terms, machine, request.session_id, self._now()))
        code_hash = await asyncio.to_thread(pins.digest, request.release_code, row.code_salt)
        released = _granted(
            await self._store.write(
                lambda c: releases.use(c, terms, machine, request.session_id, code_hash, self._now())
            )
        )
        log("session released", machine=machine.id)
        return pb.ReleaseSessionResponse(session_token=released.token, resident=_to_greet(released))

    async def ListDocuments(self, request: pb.ListDocumentsRequest, context: Context) -> pb.ListDocumentsResponse:
        machine, now = self._machine(context), self._now()

        def read(connection: sa.Connection) -> list[pb.Document]:
            person = sessions.holder(connection, machine, request.session_token, now)
            return catalogue.listing(connection, person, now)

        return pb.ListDocumentsResponse(documents=await self._store.read(read))

    async def GetDraft(self, request: pb.GetDraftRequest, context: Context) -> AsyncIterator[pb.GetDraftResponse]:
        machine, now = self._machine(context), self._now()

        def read(connection: sa.Connection) -> Entitled:
            person = sessions.holder(connection, machine, request.session_token, now)
            return catalogue.entitled(connection, person, request.document_id, now)

        document = await self._store.read(read)
        draft = await self._press.draft(document, catalogue.local_date(now))
        log("draft set", machine=machine.id, document_id=document.document_id, bytes=len(draft))
        version = document.content.version
        for chunk in _chunks(draft):
            yield pb.GetDraftResponse(data_version=version, chunk=chunk)
            version = ""

    async def Begin(self, request: pb.BeginRequest, context: Context) -> pb.BeginResponse:
        machine = self._machine(context)
        # One at a time for a document, so that its page is set once; the database decides all the same.
        lock = self._documents_under_way.setdefault(request.document_id, asyncio.Lock())
        async with lock:
            planned = await self._store.read(lambda c: issuing.plan(c, machine, request, self._now()))
            if isinstance(planned, pb.Grant):
                grant = planned
            else:
                artefact = await self._press.original(planned, catalogue.local_date(self._now()))
                grant = await self._store.write(
                    lambda c: issuing.commit(c, machine, request, artefact, self._terms, self._now())
                )
        claims = pb.GrantClaims.FromString(grant.claims)
        log("granted", machine=machine.id, grant_id=claims.grant_id, document_id=claims.document_id)
        return pb.BeginResponse(grant=grant)

    async def GetArtefact(
        self, request: pb.GetArtefactRequest, context: Context
    ) -> AsyncIterator[pb.GetArtefactResponse]:
        machine = self._machine(context)
        pdf = await self._store.read(lambda c: issuing.artefact_of(c, machine, request.grant_id, self._now()))
        log("artefact sent", machine=machine.id, grant_id=request.grant_id, bytes=len(pdf))
        for chunk in _chunks(pdf):
            yield pb.GetArtefactResponse(chunk=chunk)

    async def Complete(self, request: pb.CompleteRequest, context: Context) -> pb.CompleteResponse:
        machine = self._machine(context)
        await self._store.write(lambda c: outcomes.complete(c, machine, request, self._now()))
        outcome, evidence = pb.Outcome.Name(request.outcome), pb.Evidence.Name(request.evidence)
        log("completed", machine=machine.id, grant_id=request.grant_id, outcome=outcome, evidence=evidence)
        return pb.CompleteResponse()

    async def Void(self, request: pb.VoidRequest, context: Context) -> pb.VoidResponse:
        machine = self._machine(context)
        await self._store.write(lambda c: outcomes.void(c, machine, request, self._now()))
        reason = pb.VoidReason.Name(request.reason)
        log("voided", machine=machine.id, idempotency_key=request.idempotency_key, reason=reason)
        return pb.VoidResponse()

    async def RecordStock(self, request: pb.RecordStockRequest, context: Context) -> pb.RecordStockResponse:
        machine = self._machine(context)
        remaining = _granted(await self._store.write(lambda c: stock_events.record(c, machine, request, self._now())))
        log("stock", machine=machine.id, kind=pb.StockEvent.Name(request.event), count=request.count)
        return pb.RecordStockResponse(remaining=remaining)

    async def VerifyDocument(self, request: pb.VerifyDocumentRequest, context: Context) -> pb.VerifyDocumentResponse:
        machine = self._machine(context)
        wait_s = self._verifying.take(machine.id)
        if wait_s > 0:
            code = grpc.StatusCode.RESOURCE_EXHAUSTED
            raise Refused(pb.ERROR_REASON_TOO_MANY_REQUESTS, "asked too often", code, retry_s=wait_s)
        token = genuineness.token_of(request.qr_text, self._settings.documents.verify_url)
        found = await self._store.read(lambda c: genuineness.find(c, token))
        log("document checked", machine=machine.id, validity=pb.DocumentValidity.Name(found.validity))
        response = pb.VerifyDocumentResponse(validity=found.validity, kind=found.kind, signer=found.signer)
        if found.issued_at is not None:
            response.issued_at.FromDatetime(found.issued_at)
        return response

    async def EndSession(self, request: pb.EndSessionRequest, context: Context) -> pb.EndSessionResponse:
        machine = self._machine(context)
        await self._store.write(lambda c: sessions.end(c, machine, request.session_id))
        return pb.EndSessionResponse()

    def _machine(self, context: Context) -> Machine:
        return machine_of(context, self._settings.tls.trust_domain)


def _granted(result: T | Refused) -> T:
    """What was granted; raises the refusal that had to be written down first."""
    if isinstance(result, Refused):
        raise result
    return result


def _to_greet(verified: Verified) -> pb.Resident | None:
    person = verified.resident
    return None if person is None else pb.Resident(name=person.name, masked_nik=mask_nik(person.nik))


def _chunks(data: bytes) -> Iterator[bytes]:
    return (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))
