"""What central is told at start: one TOML file, read once, every mistake reported at once.

Relative paths are relative to the file. Keys and certificates are files; the configuration holds no secret.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, FilePath, ValidationError, ValidationInfo


class ConfigError(Exception):
    """The configuration cannot be used; the message lists every mistake on one line."""


def _resolve(value: Any, info: ValidationInfo) -> Any:
    base = (info.context or {}).get("base", Path())
    return base / value if isinstance(value, str | Path) else value


RelativeFile = Annotated[FilePath, BeforeValidator(_resolve)]
RelativePath = Annotated[Path, BeforeValidator(_resolve)]
HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s]+[^/\s]$")]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Listen(_Section):
    """Where the server listens.

    Attributes:
        port: For machines; 0 takes any free port.
        public_port: For the pages that anybody may open, plain HTTP on loopback: a proxy adds TLS. 0 serves none.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=7443, ge=0, le=65535)
    public_port: int = Field(default=0, ge=0, le=65535)


class Tls(_Section):
    """Mutual TLS: the server's certificate, and who may sign machines' certificates.

    Attributes:
        trust_domain: The only SPIFFE trust domain machines may come from.
    """

    certificate: RelativeFile
    key: RelativeFile
    client_ca: RelativeFile
    trust_domain: str = Field(default="adm.test", pattern=r"^[a-z0-9._-]+$")


class StoreSettings(_Section):
    """Where things are kept.

    Attributes:
        path: The SQLite database.
        readers: Threads that read; writing has one thread of its own.
    """

    path: RelativePath
    readers: int = Field(default=3, ge=1, le=32)


class RegistrySettings(_Section):
    """Policy of identity and issuance.

    Attributes:
        session_s: Life of a session, seconds.
        grant_s: Life of a grant: a printing may not start later, seconds.
        face_attempts: Failed comparisons until the lock.
        face_lock_s: Length of the lock; failures older than this are forgotten, seconds.
        chip_assurance: Least assurance of a chip that may start a session.
        liveness_min: Least liveness score, 0 to 1, of a machine that sends one.
        liveness_required: Whether a machine must send one.
    """

    session_s: int = Field(default=600, ge=30, le=3600)
    grant_s: int = Field(default=900, ge=30, le=86400)
    face_attempts: int = Field(default=3, ge=1, le=10)
    face_lock_s: int = Field(default=900, ge=1, le=86400)
    chip_assurance: Literal["sam_verified", "unverified"] = "sam_verified"
    liveness_min: float = Field(default=0.5, ge=0, le=1)
    liveness_required: bool = False


class QrSettings(_Section):
    """QR codes with PINs.

    Attributes:
        valid_days: Life of a new code; the offices' codes hold for two years.
        once: Whether a new code is good for one session only.
        attempts: Wrong PINs until a code is locked.
        lock_s: Length of the lock; wrong PINs older than this are forgotten, seconds.
    """

    valid_days: int = Field(default=730, ge=1, le=3650)
    once: bool = False
    attempts: int = Field(default=3, ge=1, le=10)
    lock_s: int = Field(default=900, ge=1, le=86400)


class ReleaseSettings(_Section):
    """Officers' release codes.

    Attributes:
        life_s: How long a code may be used, seconds.
        attempts: Wrong codes until it ends.
    """

    life_s: int = Field(default=900, ge=60, le=86400)
    attempts: int = Field(default=5, ge=1, le=20)


class Grants(_Section):
    """How grants are signed: an Ed25519 private key (PKCS#8 PEM), and where a receipt's QR leads."""

    key: RelativeFile
    tracking_url: HttpUrl


class Documents(_Section):
    """What is printed into documents.

    Attributes:
        verify_url: The QR leads to `<verify_url>/<token>`: `/v` of the public pages, as people reach them. The
            ministry's page (https://layananonline.dukcapil.kemendagri.go.id/Terpusat/Pindai) has this shape; its
            token format is unconfirmed, so development uses an address of its own.
        official: Name of the head of office, printed under the signature line.
        official_nip: The official's number (NIP).
    """

    verify_url: HttpUrl
    official: str = Field(min_length=1, max_length=80)
    official_nip: str = Field(pattern=r"^[0-9]{18}$")


class Signing(_Section):
    """The document signer's certificate and key as PEM files, and the CA certificates above it."""

    certificate: RelativeFile
    key: RelativeFile
    chain: RelativeFile


class Fleet(_Section):
    """How often machines report, and when one counts as not seen any more, seconds; how long a full self-test holds."""

    interval_s: int = Field(default=15, ge=1, le=3600)
    stale_s: int = Field(default=60, ge=2, le=86400)
    full_test_days: int = Field(default=31, ge=1, le=366)


class Limits(_Section):
    """What the server takes on at once.

    Attributes:
        call_s: Longest a call may take, whatever deadline the machine gave, seconds.
        stop_s: How long running calls may go on after the server was told to stop, seconds.
        verify_per_minute: How often one machine may ask about printed documents, and one address the public pages.
        max_pending_requests: gRPC's default of 1,000 refuses a burst of reconnecting machines with INTERNAL:
            6,000 streams opened at once failed for 26-40 % of them.
    """

    call_s: float = Field(default=20.0, gt=0, le=300)
    stop_s: float = Field(default=5.0, ge=0, le=60)
    verify_per_minute: int = Field(default=60, ge=1, le=100_000)
    max_pending_requests: int = Field(default=100_000, ge=1000)
    max_pending_requests_hard: int = Field(default=200_000, ge=1000)


class Config(_Section):
    """Everything central is told."""

    listen: Listen = Listen()
    tls: Tls
    store: StoreSettings
    registry: RegistrySettings = RegistrySettings()
    qr: QrSettings = QrSettings()
    release: ReleaseSettings = ReleaseSettings()
    grants: Grants
    documents: Documents
    signing: Signing
    fleet: Fleet = Fleet()
    limits: Limits = Limits()

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read a configuration.

        Raises:
            ConfigError: The file cannot be read or has mistakes.
        """
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise ConfigError(f"{file}: {reason}") from error
        try:
            return cls.model_validate(values, context={"base": file.parent})
        except ValidationError as error:
            mistakes = [f"{'.'.join(map(str, e['loc']))}: {_say(e['type'], e['msg'])}" for e in error.errors()]
            noun = "mistake" if len(mistakes) == 1 else "mistakes"
            raise ConfigError(f"{file}: {len(mistakes)} {noun}: {'; '.join(mistakes)}") from error


def _say(kind: str, message: str) -> str:
    words = {"extra_forbidden": "no such setting", "missing": "missing", "path_not_file": "no such file"}
    return words.get(kind, message)
