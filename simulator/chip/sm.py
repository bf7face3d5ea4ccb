"""Secure messaging with two-key 3DES as in ICAO Doc 9303-11 (8th edition, 2021) sections 4.3 and 9.8.

Checked against the worked examples of its Appendix D. What the real KTP-el uses is not published; the lengths that
readers of real cards log are those of this scheme, which is why the simulation borrows it.
"""

import hashlib
import hmac

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from drivers.card_reader import tlv
from drivers.card_reader.apdu import Command, Response
from drivers.errors import ProtocolError

BLOCK_BYTES = 8
MAC_BYTES = 8
SECURE_CLA = 0x0C

_ENCRYPTION = 1
_AUTHENTICATION = 2
_DO_CRYPTOGRAM = 0x87
_DO_LE = 0x97
_DO_STATUS = 0x99
_DO_MAC = 0x8E
_PADDED = b"\x01"
_ZEROS = bytes(BLOCK_BYTES)


class SecureMessagingError(Exception):
    """A message check failed, or an object is missing."""


def derive_keys(seed: bytes) -> tuple[bytes, bytes]:
    """Encryption and MAC key of a 16-byte seed (section 9.7.1.1)."""
    return _derive(seed, _ENCRYPTION), _derive(seed, _AUTHENTICATION)


def _derive(seed: bytes, counter: int) -> bytes:
    digest = hashlib.sha1(seed + counter.to_bytes(4, "big"), usedforsecurity=False).digest()[:16]
    return bytes(one if one.bit_count() % 2 else one ^ 1 for one in digest)


def pad(data: bytes) -> bytes:
    """Padding method 2 of ISO/IEC 9797-1."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK_BYTES)


def unpad(data: bytes) -> bytes:
    """Without the padding.

    Raises:
        SecureMessagingError: There is none.
    """
    stripped = data.rstrip(b"\0")
    if not stripped.endswith(b"\x80"):
        raise SecureMessagingError("no padding")
    return stripped[:-1]


class Cbc:
    """3DES-CBC under one key, for any number of messages: setting a cipher up costs more than a short message does.

    Args:
        key: 16 or 24 bytes.
    """

    def __init__(self, key: bytes) -> None:
        whole = key + key[:BLOCK_BYTES] if len(key) == 2 * BLOCK_BYTES else key
        cipher = Cipher(TripleDES(whole), modes.CBC(_ZEROS))
        self._encryptor, self._decryptor = cipher.encryptor(), cipher.decryptor()
        self._encrypted = self._decrypted = _ZEROS

    def encrypt(self, data: bytes, iv: bytes = _ZEROS) -> bytes:
        """Encrypt whole blocks, a message of its own."""
        if not data:
            return b""
        # The context chains on from the message before; that is taken out of the first block.
        first = _xor(_xor(data[:BLOCK_BYTES], iv), self._encrypted)
        done = self._encryptor.update(first + data[BLOCK_BYTES:])
        self._encrypted = done[-BLOCK_BYTES:]
        return done

    def decrypt(self, data: bytes, iv: bytes = _ZEROS) -> bytes:
        """Undo `encrypt`."""
        if not data:
            return b""
        done = self._decryptor.update(data)
        first = _xor(_xor(done[:BLOCK_BYTES], iv), self._decrypted)
        self._decrypted = data[-BLOCK_BYTES:]
        return first + done[BLOCK_BYTES:]


class RetailMac:
    """MAC algorithm 3 of ISO/IEC 9797-1 with DES, over data that it pads.

    Args:
        key: 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        # Single DES under the first half, then 3DES for the last block: the same as E-D-E at the end only.
        self._single, self._triple = Cbc(key[:BLOCK_BYTES] * 3), Cbc(key)

    def __call__(self, data: bytes) -> bytes:
        """The 8 bytes for this data."""
        padded = pad(data)
        chained = self._single.encrypt(padded[:-BLOCK_BYTES])[-BLOCK_BYTES:] or _ZEROS
        return self._triple.encrypt(_xor(chained, padded[-BLOCK_BYTES:]))


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(BLOCK_BYTES, "big")


class Session:
    """One side of an authenticated channel; terminal and card each hold one and they count in step.

    Args:
        encryption_key: 16 bytes.
        mac_key: 16 bytes.
        counter: Send sequence counter, 8 bytes.
    """

    def __init__(self, encryption_key: bytes, mac_key: bytes, counter: bytes) -> None:
        self._cipher = Cbc(encryption_key)
        self._check = RetailMac(mac_key)
        self._counter = int.from_bytes(counter, "big")

    @classmethod
    def agree(cls, secret_ifd: bytes, secret_ic: bytes, rnd_ic: bytes, rnd_ifd: bytes) -> "Session":
        """The channel that mutual authentication ends in (section 4.3.1, step 4)."""
        seed = bytes(a ^ b for a, b in zip(secret_ifd, secret_ic, strict=True))
        return cls(*derive_keys(seed), rnd_ic[-4:] + rnd_ifd[-4:])

    def wrap_command(self, plain: bytes) -> bytes:
        """Terminal: a plain short APDU, protected (section 9.8.2)."""
        command = Command.decode(plain)
        header = bytes((command.cla & 0xF0 | SECURE_CLA, command.ins, command.p1, command.p2))
        objects = b""
        if command.data:
            objects += tlv.encode(_DO_CRYPTOGRAM, _PADDED + self._cipher.encrypt(pad(command.data)))
        if command.ne:
            objects += tlv.encode(_DO_LE, bytes((command.ne % 256,)))
        check = self._mac(pad(header) + objects if objects else header)
        body = objects + tlv.encode(_DO_MAC, check)
        return Command(header[0], command.ins, command.p1, command.p2, body, 256).encode()

    def unwrap_command(self, wrapped: bytes) -> Command:
        """Card: the plain command.

        Raises:
            SecureMessagingError: The message check fails, or the objects are not those of a command.
        """
        command = Command.decode(wrapped)
        header = bytes((command.cla, command.ins, command.p1, command.p2))
        objects, found = _parse(command.data)
        self._verify(pad(header) + objects if objects else header, found)
        ne = found.get(_DO_LE, b"")
        return Command(
            command.cla & 0xF0,
            command.ins,
            command.p1,
            command.p2,
            data=self._decipher(found.get(_DO_CRYPTOGRAM)),
            ne=(ne[0] or 256) if ne else 0,
        )

    def wrap_response(self, response: Response) -> bytes:
        """Card: a plain response, protected (section 9.8.3)."""
        objects = b""
        if response.data:
            objects += tlv.encode(_DO_CRYPTOGRAM, _PADDED + self._cipher.encrypt(pad(response.data)))
        objects += tlv.encode(_DO_STATUS, response.sw.to_bytes(2, "big"))
        body = objects + tlv.encode(_DO_MAC, self._mac(objects))
        return Response(body, response.sw).encode()

    def unwrap_response(self, wrapped: bytes) -> Response:
        """Terminal: the plain response.

        Raises:
            SecureMessagingError: The message check fails, or the objects are not those of a response.
        """
        try:
            objects, found = _parse(Response.decode(wrapped).data)
        except ProtocolError as error:
            raise SecureMessagingError(str(error)) from error
        self._verify(objects, found)
        status = found.get(_DO_STATUS, b"")
        if len(status) != 2:
            raise SecureMessagingError("no status word inside")
        return Response(self._decipher(found.get(_DO_CRYPTOGRAM)), int.from_bytes(status, "big"))

    def _mac(self, data: bytes) -> bytes:
        self._counter = (self._counter + 1) % (1 << 64)
        return self._check(self._counter.to_bytes(8, "big") + data)

    def _verify(self, data: bytes, found: dict[int, bytes]) -> None:
        if not hmac.compare_digest(self._mac(data), found.get(_DO_MAC, b"")):
            raise SecureMessagingError("message check failed")

    def _decipher(self, cryptogram: bytes | None) -> bytes:
        if cryptogram is None:
            return b""
        if cryptogram[:1] != _PADDED or len(cryptogram) % BLOCK_BYTES != 1 or len(cryptogram) == 1:
            raise SecureMessagingError("not a padded cryptogram")
        return unpad(self._cipher.decrypt(cryptogram[1:]))


def _parse(body: bytes) -> tuple[bytes, dict[int, bytes]]:
    """Objects before the MAC as they stand, and all of them by tag."""
    found: dict[int, bytes] = {}
    rest, covered = body, b""
    try:
        while rest:
            used, item = tlv.decode(rest)
            if item is None:
                raise SecureMessagingError("an object is cut short")
            if item[0] in found:
                raise SecureMessagingError("an object comes twice")
            if _DO_MAC in found:
                raise SecureMessagingError("an object behind the MAC")
            found[item[0]] = item[1]
            if item[0] != _DO_MAC:
                covered += rest[:used]
            rest = rest[used:]
    except ProtocolError as error:
        raise SecureMessagingError(str(error)) from error
    return covered, found


def authenticate(keys: tuple[bytes, bytes], first: bytes, second: bytes, secret: bytes) -> bytes:
    """One side's 40 bytes of mutual authentication: E(first || second || secret) || MAC (section 4.3.1)."""
    cryptogram = Cbc(keys[0]).encrypt(first + second + secret)
    return cryptogram + RetailMac(keys[1])(cryptogram)


def check_authentication(keys: tuple[bytes, bytes], data: bytes) -> tuple[bytes, bytes, bytes]:
    """The other side's two challenges and its secret.

    Raises:
        SecureMessagingError: It does not hold the keys.
    """
    if len(data) != 40 or not hmac.compare_digest(RetailMac(keys[1])(data[:32]), data[32:]):
        raise SecureMessagingError("authentication failed")
    plain = Cbc(keys[0]).decrypt(data[:32])
    return plain[:8], plain[8:16], plain[16:]
