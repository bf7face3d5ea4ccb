"""Central on a bench: the sample registry copied for each test, a real server, machines that call it."""

import asyncio
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import tomllib
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import grpc
import sqlalchemy as sa
import zxingcpp
from adm.fleet.v1.fleet_pb2_grpc import FleetServiceStub
from adm.registry.v1 import registry_pb2 as pb
from adm.registry.v1.registry_pb2_grpc import RegistryServiceStub
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from central import files
from central.__main__ import main
from central.config import Config
from central.development import certificates, samples, setup
from central.registry import faces
from central.server import Server
from central.store.engine import Store
from central.store.schema import references

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "samples"
MODELS = ROOT / ".adm" / "models"

HAMID = ("3520061708780003", "04A1B2C3D4E580")
NUR = ("3520065204830002", "04B7193A5C6D80")
KARTO = ("3520070111520001", "5A11C0DE")
YOSEF = ("3520080803890001", "04D90A6B7C1180")

DEADLINE_S = 30.0
# By a machine's clock.
MOMENT = Timestamp(seconds=1_795_424_400)
OTHER_MACHINE = "kiosk/3521/mpp-09"


def make(directory: Path) -> Path:
    """The sample registry; takes a second, so make it once and copy it."""
    setup.initialise(directory, SAMPLES, MODELS, port=0, public_port=0)
    ca = certificates.authority(directory / "pki", "ca", "")
    _credentials(directory / "other-credentials", ca, OTHER_MACHINE)
    store = Store(directory / "central.sqlite3")
    store.write_now(lambda c: samples.enrol(c, OTHER_MACHINE))
    store.close()
    return directory


def copy(made: Path, to: Path) -> Path:
    """A registry of a test's own."""
    return Path(shutil.copytree(made, to))


def _credentials(folder: Path, ca: certificates.Authority, machine_id: str) -> Path:
    folder.mkdir(mode=0o700)
    certificate, key = certificates.machine(ca, f"spiffe://{setup.TRUST_DOMAIN}/{machine_id}")
    files.write_private(folder / "key.pem", key)
    files.write_public(folder / "cert.pem", certificate)
    return folder


def foreign_credentials(directory: Path, machine_id: str = setup.MACHINE_ID) -> Path:
    """Credentials for a machine's name from a CA that central does not know."""
    (directory / "foreign").mkdir()
    ca = certificates.authority(directory / "foreign", "ca", "another CA")
    return _credentials(directory / "foreign-credentials", ca, machine_id)


def stranger_credentials(directory: Path, machine_id: str) -> Path:
    """Credentials from the right CA for a machine that was never enrolled."""
    ca = certificates.authority(directory / "pki", "ca", "")
    return _credentials(directory / "stranger-credentials", ca, machine_id)


class Machine:
    """A machine's side of the connection.

    Attributes:
        registry: Stub of the registry.
        fleet: Stub of the fleet service.
    """

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.channel = channel
        self.registry = RegistryServiceStub(channel)
        self.fleet = FleetServiceStub(channel)

    async def start(
        self,
        person: tuple[str, str] = HAMID,
        assurance: "pb.ChipAssurance.ValueType" = pb.CHIP_ASSURANCE_SAM_VERIFIED,
    ) -> pb.StartSessionResponse:
        """Put a person's card on the reader."""
        chip = pb.ChipEvidence(nik=person[0], uid=bytes.fromhex(person[1]), assurance=assurance)
        return await self.registry.StartSession(pb.StartSessionRequest(chip=chip), timeout=DEADLINE_S)

    async def scan(self, token: str, pin: str) -> pb.StartSessionResponse:
        """Hold a QR code to the camera and enter a PIN."""
        evidence = pb.QrPinEvidence(token=token, pin=pin)
        return await self.registry.StartSession(pb.StartSessionRequest(qr_pin=evidence), timeout=DEADLINE_S)

    async def release(self, session: pb.StartSessionResponse, code: str) -> pb.ReleaseSessionResponse:
        """Enter an officer's code."""
        request = pb.ReleaseSessionRequest(session_id=session.session_id, release_code=code)
        return await self.registry.ReleaseSession(request, timeout=DEADLINE_S)

    async def show(
        self,
        session: pb.StartSessionResponse,
        *templates: Sequence[float],
        model_id: str = "",
        liveness: float | None = None,
    ) -> pb.VerifyFaceResponse:
        """Show faces to the camera."""
        request = pb.VerifyFaceRequest(
            session_id=session.session_id,
            model_id=model_id or session.face_model_id,
            templates=[pb.FaceTemplate(values=template) for template in templates],
            liveness=liveness,
        )
        return await self.registry.VerifyFace(request, timeout=DEADLINE_S)

    async def documents(self, token: str) -> list[pb.Document]:
        """What may be printed."""
        reply = await self.registry.ListDocuments(pb.ListDocumentsRequest(session_token=token), timeout=DEADLINE_S)
        return list(reply.documents)

    async def draft(self, token: str, document_id: str) -> tuple[bytes, str]:
        """The draft's PDF and its data version."""
        request = pb.GetDraftRequest(session_token=token, document_id=document_id)
        parts = [part async for part in self.registry.GetDraft(request, timeout=DEADLINE_S)]
        assert all(not part.data_version for part in parts[1:])
        assert all(0 < len(part.chunk) <= 64 * 1024 for part in parts)
        return b"".join(part.chunk for part in parts), parts[0].data_version

    async def begin(self, token: str, document_id: str, version: str, key: str = "") -> pb.Grant:
        """Ask for a printing."""
        request = pb.BeginRequest(
            idempotency_key=key or str(uuid.uuid4()),
            session_token=token,
            document_id=document_id,
            data_version=version,
        )
        return (await self.registry.Begin(request, timeout=DEADLINE_S)).grant

    async def artefact(self, grant_id: str) -> bytes:
        """The signed document."""
        request = pb.GetArtefactRequest(grant_id=grant_id)
        parts = [part.chunk async for part in self.registry.GetArtefact(request, timeout=DEADLINE_S)]
        return b"".join(parts)

    async def complete(
        self, claims: pb.GrantClaims, outcome: pb.Outcome.ValueType = pb.OUTCOME_TAKEN, seq: int = 5
    ) -> None:
        """Report a printed document."""
        request = pb.CompleteRequest(
            idempotency_key=claims.idempotency_key,
            grant_id=claims.grant_id,
            outcome=outcome,
            evidence=pb.EVIDENCE_ACKNOWLEDGED if outcome == pb.OUTCOME_UNKNOWN else pb.EVIDENCE_TAKEN,
            occurred_at=now(),
            journal_seq=seq,
        )
        await self.registry.Complete(request, timeout=DEADLINE_S)

    async def verify(self, qr_text: str) -> pb.VerifyDocumentResponse:
        """Ask about a printed document."""
        return await self.registry.VerifyDocument(pb.VerifyDocumentRequest(qr_text=qr_text), timeout=DEADLINE_S)

    async def stock(
        self,
        event: "pb.StockEvent.ValueType",
        count: int,
        seq: int,
        blank: "pb.Blank.ValueType" = pb.BLANK_CARD_KTP_EL,
        batch: str = "SIM-KTP-001",
        staff: Sequence[str] = ("S-01", "S-02"),
    ) -> int:
        """Tell what became of blanks; what remains by the registry's books."""
        request = pb.RecordStockRequest(
            journal_seq=seq, blank=blank, batch=batch, event=event, count=count, staff=staff, occurred_at=MOMENT
        )
        return (await self.registry.RecordStock(request, timeout=DEADLINE_S)).remaining

    async def void(
        self,
        key: str,
        grant_id: str = "",
        seq: int = 5,
        spoiled: int = 1,
        reason: "pb.VoidReason.ValueType" = pb.VOID_REASON_SPOILED,
    ) -> None:
        """Report a document that did not reach the resident."""
        request = pb.VoidRequest(
            idempotency_key=key,
            grant_id=grant_id,
            reason=reason,
            blanks_spoiled=spoiled,
            occurred_at=now(),
            journal_seq=seq,
        )
        await self.registry.Void(request, timeout=DEADLINE_S)


@dataclass
class Bench:
    """A running central.

    Attributes:
        directory: Its files.
        port: Where it listens.
    """

    directory: Path
    port: int

    @asynccontextmanager
    async def machine(self, credentials: Path | None = None) -> AsyncIterator[Machine]:
        """A machine that calls; by default the enrolled one."""
        folder = credentials or self.directory / "kiosk-credentials"
        ca = (self.directory / "kiosk-credentials" / "ca.pem").read_bytes()
        pair = ((folder / "key.pem").read_bytes(), (folder / "cert.pem").read_bytes())
        async with grpc.aio.secure_channel(
            f"127.0.0.1:{self.port}", grpc.ssl_channel_credentials(ca, *pair)
        ) as channel:
            yield Machine(channel)

    def template(self, person: tuple[str, str] = HAMID) -> tuple[float, ...]:
        """A person's reference, which as a live template matches perfectly."""
        store = Store(self.directory / "central.sqlite3")
        try:
            query = sa.select(references.c.vector).where(references.c.nik == person[0])
            return faces.unpack(store.read_now(lambda c: c.execute(query).scalar_one()))
        finally:
            store.close()

    def code(self, face: str) -> tuple[str, str]:
        """What a sample resident's QR code says, as a camera reads it, and its PIN."""
        folder = self.directory / "qr"
        return read_code(folder / f"{face}.png"), tomllib.loads((folder / "pins.toml").read_text())[face]

    async def verified(self, machine: Machine, person: tuple[str, str] = HAMID) -> str:
        """Token of a session in which the right person stands before the machine."""
        session = await machine.start(person)
        return (await machine.show(session, self.template(person))).session_token

    async def granted(
        self, machine: Machine, kind: pb.DocumentKind.ValueType = pb.DOCUMENT_KIND_KK, person: tuple[str, str] = HAMID
    ) -> pb.GrantClaims:
        """Claims of a fresh grant."""
        token = await self.verified(machine, person)
        document = next(d for d in await machine.documents(token) if d.kind == kind)
        _, version = await machine.draft(token, document.document_id)
        grant = await machine.begin(token, document.document_id, version)
        return pb.GrantClaims.FromString(grant.claims)


@asynccontextmanager
async def running(directory: Path) -> AsyncIterator[Bench]:
    """A server on a free port over a registry's files."""
    async with Server(Config.load(directory / "central.toml")) as server:
        yield Bench(directory, server.port)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def read_code(file: Path) -> str:
    """The text of the one QR code in a picture."""
    (code,) = zxingcpp.read_barcodes(cv2.imread(str(file), cv2.IMREAD_GRAYSCALE))
    return str(code.text)


ENVIRONMENT = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'proto' / 'gen'}"}
COMMAND = [sys.executable, "-W", "error", "-m", "central"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Central's command line, run to its end in a process of its own."""
    words = [*COMMAND, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, cwd=ROOT, timeout=60, check=False)


async def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in this process, beside a server in this event loop: a process of its own takes a second to start."""
    return await asyncio.to_thread(_called, [str(argument) for argument in arguments])


def _called(words: list[str]) -> subprocess.CompletedProcess[str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(words)
        except SystemExit as left:
            # argparse leaves so.
            status = int(left.code or 0)
    return subprocess.CompletedProcess(words, status, out.getvalue(), err.getvalue())


def now() -> Timestamp:
    """The machine's clock."""
    stamp = Timestamp()
    stamp.GetCurrentTime()
    return stamp


def reason(error: grpc.aio.AioRpcError) -> str:
    """The reason of a refusal, as ErrorInfo carries it."""
    name: str = info(error).reason
    return name.removeprefix("ERROR_REASON_")


def info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo:
    """The ErrorInfo of a refusal."""
    status = rpc_status.from_call(error)  # type: ignore[arg-type]
    assert status is not None, error
    found = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(found)
    assert found.domain == "registry.adm"
    return found
