"""Invented keys of the simulation: not Dukcapil's, and no secret. They open nothing but the simulated cards."""

import hashlib
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from simulator.chip import sm

_MASTER = hashlib.sha256(b"ADM simulated KTP-el master key, not Dukcapil's").digest()[:16]
_STORAGE = hashlib.sha256(b"ADM simulated KTP-el storage key, not Dukcapil's").digest()[:16]
SAM_SECRET = hashlib.sha256(b"ADM simulated SAM secret, not Dukcapil's").digest()
"""The 32 bytes that open the simulated SAM."""


def card_keys(uid8: bytes) -> tuple[bytes, bytes]:
    """Authentication keys of one card: encryption, MAC."""
    return sm.derive_keys(hashlib.sha256(_MASTER + uid8).digest()[:16])


def card_control_check(card_control: bytes, uid8: bytes) -> bytes:
    """8 bytes at the end of the card control that bind it to its card."""
    return sm.RetailMac(_MASTER)(card_control + uid8)


def storage_key() -> bytes:
    """Under which signature and minutiae are stored."""
    return _STORAGE


@cache
def signing_key() -> ec.EllipticCurvePrivateKey:
    """That signs the contents of cards."""
    return ec.derive_private_key(int.from_bytes(SAM_SECRET, "big") >> 3, ec.SECP256R1())


@cache
def verifying_key() -> ec.EllipticCurvePublicKey:
    """Its public half, which the SAM knows."""
    return signing_key().public_key()
