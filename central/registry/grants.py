"""Signed grants: Ed25519 over the serialized claims (RFC 8032)."""

import hashlib
from pathlib import Path
from typing import Self

from adm.registry.v1 import registry_pb2 as pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def key_id(key: Ed25519PublicKey) -> str:
    """Names a grant key: SHA-256 of its raw 32 bytes, lower-case hex."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()


class GrantSigner:
    """Signs grants with the registry's key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._key_id = key_id(key.public_key())

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read the key from an unencrypted PKCS#8 PEM file.

        Raises:
            ValueError: It holds no Ed25519 private key.
        """
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{file}: not an Ed25519 private key")
        return cls(key)

    @property
    def public_key(self) -> bytes:
        """The raw 32 bytes machines check grants with."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, claims: pb.GrantClaims) -> pb.Grant:
        """A grant of these claims: the serialized bytes are what is signed and what travels."""
        data = claims.SerializeToString(deterministic=True)
        return pb.Grant(claims=data, signature=self._key.sign(data), key_id=self._key_id)
