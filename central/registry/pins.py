"""Short secrets that people type: PINs and release codes. Kept salted and slow (scrypt, RFC 7914).

Six digits are guessed in a million tries, so what guards them is the lock; scrypt makes a stolen database's guesses
dear: 40 to 60 ms on one core and 16 MiB each, measured.
"""

import hashlib
import hmac
import secrets

_SALT_BYTES = 16
# N, r, p as RFC 7914 names them; N = 2^14 with r = 8 takes 16 MiB.
_COST = {"n": 2**14, "r": 8, "p": 1}


def new_salt() -> bytes:
    """A salt of its own for every secret."""
    return secrets.token_bytes(_SALT_BYTES)


def new_digits(count: int) -> str:
    """Random digits, leading zeros included."""
    return "".join(secrets.choice("0123456789") for _ in range(count))


def digest(secret: str, salt: bytes) -> bytes:
    """How a short secret is kept. Slow: not for the event loop, nor within a transaction."""
    return hashlib.scrypt(secret.encode(), salt=salt, dklen=32, **_COST)


def same(kept: bytes, given: bytes) -> bool:
    """Whether two digests are one, in constant time."""
    return hmac.compare_digest(kept, given)
