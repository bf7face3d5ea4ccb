"""The registry as the kiosk calls it: every call with a deadline, every refusal an exception with its reason.

Errors are translated here once: `Refused` when the registry said no, `Unreachable` when it said nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import grpc
import grpc.aio
from adm.registry.v1 import registry_pb2 as pb
from adm.registry.v1.registry_pb2_grpc import RegistryServiceStub
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status.rpc_status import from_call

from kiosk.config import RegistrySettings
from kiosk.issuance.journal import Message

CALL_S: Final = 8.0
STREAM_S: Final = 20.0
MAX_ARTEFACT_BYTES: Final = 32 << 20

# Retries are safe on these: the server is idempotent by key or changes nothing. Not on those that count attempts.
_RETRIED: Final = ("ListDocuments", "GetDraft", "Begin", "GetArtefact", "Complete", "Void", "RecordStock", "EndSession")
_SERVICE_CONFIG: Final = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{"service": "adm.registry.v1.RegistryService", "method": method} for method in _RETRIED],
                "retryPolicy": {
                    "maxAttempts": 3,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 3,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)
ReplyT = TypeVar("ReplyT")


class RegistryError(Exception):
    """The registry did not do what was asked. No message carries personal data."""


class Unreachable(RegistryError):
    """No answer in time: no network, or central is down. Whether it acted is not known."""


class Refused(RegistryError):
    """The registry said no.

    Attributes:
        reason: One of ErrorReason.
        metadata: What it added, as locked_until.
    """

    def __init__(self, reason: pb.ErrorReason.ValueType, metadata: Mapping[str, str]) -> None:
        super().__init__(pb.ErrorReason.Name(reason))
        self.reason = reason
        self.metadata = dict(metadata)


class BadGrant(RegistryError):
    """A grant or artefact that does not hold what was asked for: not signed by the registry, or for something else."""


def channel(settings: RegistrySettings) -> grpc.aio.Channel:
    """A channel to central over mutual TLS; connects by itself, and again after a loss."""
    credentials = grpc.ssl_channel_credentials(
        settings.ca_file.read_bytes(), settings.key_file.read_bytes(), settings.cert_file.read_bytes()
    )
    options = [
        ("grpc.ssl_target_name_override", settings.server_name),
        ("grpc.service_config", _SERVICE_CONFIG),
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.initial_reconnect_backoff_ms", 250),
        ("grpc.max_reconnect_backoff_ms", 5_000),
    ]
    return grpc.aio.secure_channel(settings.target, credentials, options)


class Registry:
    """Calls of one machine."""

    def __init__(self, link: grpc.aio.Channel, grant_key_file: Path, machine_id: str) -> None:
        self._stub = RegistryServiceStub(link)
        self._machine_id = machine_id
        self._key = _load_key(grant_key_file)
        self._key_id = hashlib.sha256(self._key.public_bytes_raw()).hexdigest()

    async def start_session(
        self, nik: str, uid: bytes, assurance: pb.ChipAssurance.ValueType
    ) -> pb.StartSessionResponse:
        """Begin with a card."""
        chip = pb.ChipEvidence(nik=nik, uid=uid, assurance=assurance)
        return await self._call(self._stub.StartSession, pb.StartSessionRequest(chip=chip))

    async def start_session_with_code(self, token: str, pin: str) -> pb.StartSessionResponse:
        """Begin with a QR code and its PIN."""
        evidence = pb.QrPinEvidence(token=token, pin=pin)
        return await self._call(self._stub.StartSession, pb.StartSessionRequest(qr_pin=evidence))

    async def release_session(self, session_id: str, code: str) -> pb.ReleaseSessionResponse:
        """Go on by an officer's word instead of a face."""
        request = pb.ReleaseSessionRequest(session_id=session_id, release_code=code)
        return await self._call(self._stub.ReleaseSession, request)

    async def verify_document(self, qr_text: str) -> pb.VerifyDocumentResponse:
        """Ask whether a printed document is genuine."""
        return await self._call(self._stub.VerifyDocument, pb.VerifyDocumentRequest(qr_text=qr_text))

    async def verify_face(
        self, session_id: str, model_id: str, templates: Sequence[Sequence[float]], liveness: float | None
    ) -> pb.VerifyFaceResponse:
        """Let the registry compare live templates with its reference; `liveness` None: no check was made."""
        request = pb.VerifyFaceRequest(
            session_id=session_id,
            model_id=model_id,
            templates=[pb.FaceTemplate(values=template) for template in templates],
            liveness=liveness,
        )
        return await self._call(self._stub.VerifyFace, request)

    async def list_documents(self, token: str) -> Sequence[pb.Document]:
        """What the resident may print."""
        reply = await self._call(self._stub.ListDocuments, pb.ListDocumentsRequest(session_token=token))
        return reply.documents

    async def get_draft(self, token: str, document_id: str) -> tuple[bytes, str]:
        """The PDF to proofread and the version of its data."""
        request = pb.GetDraftRequest(session_token=token, document_id=document_id)
        version, pdf = "", bytearray()
        async for piece in self._stream(self._stub.GetDraft, request):
            version = version or piece.data_version
            _extend(pdf, piece.chunk)
        return bytes(pdf), version

    async def begin(self, key: str, token: str, document_id: str, data_version: str) -> tuple[pb.GrantClaims, str]:
        """Ask for one printing.

        Returns:
            The grant's claims, checked, and the grant's signature in hex for the journal.

        Raises:
            BadGrant: Not signed by the registry, or for another machine, document or key.
        """
        request = pb.BeginRequest(
            idempotency_key=key, session_token=token, document_id=document_id, data_version=data_version
        )
        reply = await self._call(self._stub.Begin, request)
        claims = self._checked(reply.grant)
        if (claims.machine_id, claims.document_id, claims.idempotency_key) != (
            self._machine_id,
            document_id,
            key,
        ):
            raise BadGrant("the grant is for something else")
        return claims, reply.grant.signature.hex()

    async def get_artefact(self, claims: pb.GrantClaims) -> bytes:
        """The signed document of a grant.

        Raises:
            BadGrant: Its hash is not the grant's.
        """
        pdf = bytearray()
        async for piece in self._stream(self._stub.GetArtefact, pb.GetArtefactRequest(grant_id=claims.grant_id)):
            _extend(pdf, piece.chunk)
        if hashlib.sha256(pdf).digest() != claims.artefact_sha256:
            raise BadGrant("the artefact is not the one that was granted")
        return bytes(pdf)

    async def tell(self, message: Message) -> None:
        """Deliver one message of the outbox; the registry acknowledges it however often it comes."""
        fields = dict(message.fields)
        occurred_at = Timestamp()
        occurred_at.FromJsonString(fields.pop("occurred_at"))
        if message.method == "stock":
            event = pb.RecordStockRequest(journal_seq=message.seq, occurred_at=occurred_at, **fields)
            await self._call(self._stub.RecordStock, event)
            return
        common = {
            "idempotency_key": message.key,
            "journal_seq": message.seq,
            "occurred_at": occurred_at,
            **fields,
        }
        if "chip_uid" in common:
            common["chip_uid"] = bytes.fromhex(common["chip_uid"])
        if message.method == "complete":
            await self._call(self._stub.Complete, pb.CompleteRequest(**common))
        else:
            await self._call(self._stub.Void, pb.VoidRequest(**common))

    async def end_session(self, session_id: str) -> None:
        """Let the registry forget the session."""
        await self._call(self._stub.EndSession, pb.EndSessionRequest(session_id=session_id))

    def _checked(self, grant: pb.Grant) -> pb.GrantClaims:
        if grant.key_id != self._key_id:
            raise BadGrant("the grant is signed with another key")
        try:
            self._key.verify(grant.signature, grant.claims)
        except InvalidSignature as error:
            raise BadGrant("the grant's signature is wrong") from error
        return pb.GrantClaims.FromString(grant.claims)

    async def _call(self, method: Callable[..., Awaitable[ReplyT]], request: Any) -> ReplyT:
        try:
            return await method(request, timeout=CALL_S)
        except grpc.aio.AioRpcError as error:
            raise _translated(error) from error

    async def _stream(self, method: Callable[..., AsyncIterable[ReplyT]], request: Any) -> AsyncIterator[ReplyT]:
        try:
            async for piece in method(request, timeout=STREAM_S):
                yield piece
        except grpc.aio.AioRpcError as error:
            raise _translated(error) from error


def _translated(error: grpc.aio.AioRpcError) -> RegistryError:
    status = from_call(cast(grpc.Call, error))  # it has code, details and trailing_metadata alike
    for detail in status.details if status is not None else ():
        info = ErrorInfo()
        if detail.Unpack(info) and info.domain == "registry.adm":
            name = info.reason if info.reason.startswith("ERROR_REASON_") else f"ERROR_REASON_{info.reason}"
            if name in pb.ErrorReason.DESCRIPTOR.values_by_name:
                return Refused(pb.ErrorReason.Value(name), info.metadata)
    if error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
        return Unreachable(error.code().name)
    return RegistryError(error.code().name)


def _extend(pdf: bytearray, chunk: bytes) -> None:
    if len(pdf) + len(chunk) > MAX_ARTEFACT_BYTES:
        raise BadGrant("the document is too large")
    pdf += chunk


def _load_key(path: Path) -> Ed25519PublicKey:
    data = path.read_bytes()
    if len(data) == 32:
        return Ed25519PublicKey.from_public_bytes(data)
    key = load_pem_public_key(data)
    if not isinstance(key, Ed25519PublicKey):
        raise BadGrant(f"{path} is not an Ed25519 key")
    return key
