"""Journal heads: the newest entry of each machine's journal, signed by the machine and kept here.

Whoever has a machine's disk can write its journal anew, hash chain and all. It cannot then fit the heads that are kept
here: at the same number stands another hash, or the journal is shorter than it was.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from adm.fleet.v1 import fleet_pb2 as pb
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from central import alarms
from central.store import times
from central.store.schema import journal_heads

_HASH_BYTES = 32


class Kept(StrEnum):
    """What became of a head."""

    KEPT = "kept"
    CONTRADICTS = "contradicts"
    WENT_BACK = "went back"


@dataclass(frozen=True, slots=True)
class Head:
    """A head whose signature was right.

    Attributes:
        certificate_sha256: Of the certificate in DER whose key signed, lower-case hex.
    """

    seq: int
    hash: bytes
    signature: bytes
    certificate_sha256: str


class BadSignature(Exception):
    """The head was not signed by this machine."""


def signed_bytes(seq: int, entry_hash: bytes) -> bytes:
    """What a machine signs: the number as 8 bytes, big-endian, and the hash."""
    return seq.to_bytes(8, "big") + entry_hash


class Verifier:
    """Checks heads against the certificate a machine's stream came with.

    Args:
        certificate_pem: As TLS has verified it.
    """

    def __init__(self, certificate_pem: bytes) -> None:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        self._key = certificate.public_key()
        self._sha256 = hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()

    def head(self, journal: pb.JournalHead) -> Head | None:
        """The head a report carries; None when it has none that is signed.

        Raises:
            BadSignature: The signature is not this machine's over this head.
        """
        if not journal.signature:
            return None
        if not isinstance(self._key, ec.EllipticCurvePublicKey) or not isinstance(self._key.curve, ec.SECP256R1):
            raise BadSignature("the machine's key is not on P-256")
        if journal.seq == 0 or len(journal.hash) != _HASH_BYTES:
            raise BadSignature("there is no entry to sign")
        try:
            self._key.verify(journal.signature, signed_bytes(journal.seq, journal.hash), ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise BadSignature("the signature is not this machine's over this head") from error
        return Head(journal.seq, journal.hash, journal.signature, self._sha256)


def keep(connection: sa.Connection, machine_id: str, head: Head, now: datetime) -> Kept:
    """Make a head the machine's newest; one that cannot follow the kept one raises an alarm and changes nothing."""
    kept = connection.execute(sa.select(journal_heads).where(journal_heads.c.machine_id == machine_id)).first()
    if kept is not None and kept.seq == head.seq and kept.hash == head.hash.hex():
        return Kept.KEPT
    if kept is not None and head.seq <= kept.seq:
        found = Kept.CONTRADICTS if head.seq == kept.seq else Kept.WENT_BACK
        kind = alarms.JOURNAL_CONTRADICTS if found is Kept.CONTRADICTS else alarms.JOURNAL_WENT_BACK
        details = {"kept_seq": kept.seq, "kept_hash": kept.hash, "seq": head.seq, "hash": head.hash.hex()}
        alarms.sound(connection, machine_id, kind, details, now)
        return found
    values = {
        "seq": head.seq,
        "hash": head.hash.hex(),
        "signature": head.signature,
        "certificate_sha256": head.certificate_sha256,
        "kept_at": times.to_text(now),
    }
    if kept is None:
        connection.execute(journal_heads.insert().values(machine_id=machine_id, **values))
    else:
        connection.execute(journal_heads.update().where(journal_heads.c.machine_id == machine_id).values(**values))
    return Kept.KEPT


def forget(connection: sa.Connection, machine_id: str) -> None:
    """Keep the next head whatever it is: for a machine whose journal a person knows to be new."""
    connection.execute(journal_heads.delete().where(journal_heads.c.machine_id == machine_id))
