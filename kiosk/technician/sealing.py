"""A file that only the Dinas can open: X25519, HKDF-SHA256, ChaCha20-Poly1305 (RFC 7748, 5869, 8439).

    "ADMSEAL1" | the sender's one-time public key (32) | nonce (12) | ciphertext and tag

The key is derived from the shared secret with both public keys as salt; the head is authenticated with the content.
"""

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

MAGIC: Final = b"ADMSEAL1"
_KEY: Final = 32
_NONCE: Final = 12
_HEAD: Final = len(MAGIC) + _KEY + _NONCE


class CannotSeal(Exception):
    """The key is none, or the file is not for it; the message says which."""


def seal(plain: bytes, recipient: X25519PublicKey) -> bytes:
    """Encrypt for one recipient."""
    once = X25519PrivateKey.generate()
    public = once.public_key().public_bytes_raw()
    head = MAGIC + public + os.urandom(_NONCE)
    key = _derived(once.exchange(recipient), public, recipient.public_bytes_raw())
    return head + ChaCha20Poly1305(key).encrypt(head[-_NONCE:], plain, head)


def unseal(sealed: bytes, recipient: X25519PrivateKey) -> bytes:
    """The content.

    Raises:
        CannotSeal: It is no such file, is damaged, or is for somebody else.
    """
    head = sealed[:_HEAD]
    if len(head) < _HEAD or not head.startswith(MAGIC):
        raise CannotSeal("not a sealed file")
    public = head[len(MAGIC) : -_NONCE]
    try:
        secret = recipient.exchange(X25519PublicKey.from_public_bytes(public))
        key = _derived(secret, public, recipient.public_key().public_bytes_raw())
        return ChaCha20Poly1305(key).decrypt(head[-_NONCE:], sealed[_HEAD:], head)
    except (InvalidTag, ValueError) as error:
        raise CannotSeal("damaged, or sealed for another key") from error


def public_key(path: Path) -> X25519PublicKey:
    """Read a key in PEM.

    Raises:
        CannotSeal: It is none.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CannotSeal(f"{path} is not a public key") from error
    if not isinstance(key, X25519PublicKey):
        raise CannotSeal(f"{path} is not an X25519 key")
    return key


def private_key(path: Path) -> X25519PrivateKey:
    """Read a key in PEM, not encrypted.

    Raises:
        CannotSeal: It is none.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise CannotSeal(f"{path} is not a private key") from error
    if not isinstance(key, X25519PrivateKey):
        raise CannotSeal(f"{path} is not an X25519 key")
    return key


def _derived(secret: bytes, sender: bytes, recipient: bytes) -> bytes:
    return HKDF(SHA256(), _KEY, sender + recipient, b"adm log export").derive(secret)
