"""The journal's head, signed with the machine's own key: central keeps it, so that the past cannot be rewritten unseen.

Signed bytes: the head's number as 8 bytes, big-endian, then its 32-byte hash (contract: adm.fleet.v1.JournalHead).
"""

from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class BadKey(Exception):
    """The machine's key cannot sign; the message says why."""


class Witness:
    """Signs heads with the key of the machine's certificate; asks it for each head only once."""

    def __init__(self, key_file: Path) -> None:
        """Load the key.

        Raises:
            BadKey: Not an unencrypted EC key in PEM.
        """
        try:
            key = load_pem_private_key(key_file.read_bytes(), None)
        except (ValueError, TypeError) as error:
            raise BadKey(f"registry.key_file: {key_file} is not an unencrypted PEM key") from error
        if not isinstance(key, EllipticCurvePrivateKey):
            raise BadKey(f"registry.key_file: {key_file} is not an EC key")
        self._key = key
        self._signed: tuple[tuple[int, bytes], bytes] | None = None

    def sign(self, seq: int, digest: bytes) -> bytes:
        """Signature over a head: ECDSA with SHA-256, DER. Empty for an empty journal."""
        if seq == 0:
            return b""
        head = (seq, digest)
        if self._signed is None or self._signed[0] != head:
            self._signed = (head, self._key.sign(seq.to_bytes(8, "big") + digest, ECDSA(hashes.SHA256())))
        return self._signed[1]
