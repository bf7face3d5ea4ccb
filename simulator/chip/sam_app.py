"""The application on the simulated SAM: APDU in, APDU out."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature

from drivers.card_reader.apdu import Command, Response
from drivers.card_reader.profile import KTP_EL
from drivers.errors import ProtocolError
from simulator.chip import keys, sm
from simulator.chip.card_app import Chip, atr

_TRIES = 3
_CHALLENGE_TAIL_BYTES = 16
_SAM = KTP_EL.sam


class SimulatedSam(Chip):
    """A SAM with invented keys.

    Args:
        secret: What opens it.
        locked: It was blocked by too many wrong secrets.
    """

    def __init__(self, secret: bytes = keys.SAM_SECRET, *, locked: bool = False) -> None:
        self.atr = atr(b"SIMSAM", b"\x01")
        self._secret = secret
        self._storage = sm.Cbc(keys.storage_key())
        self._tries_left = 0 if locked else _TRIES
        self.reset()

    def reset(self) -> None:
        """Forget that it was opened, and its card; the tries are kept."""
        self._open = False
        self._forget_card()

    def _forget_card(self) -> None:
        self._keys: tuple[bytes, bytes] | None = None
        self._own: tuple[bytes, bytes] = (b"", b"")
        self._session: sm.Session | None = None
        self._digest: hashlib._Hash | None = None
        self._signature = b""
        self._deciphering = False
        self._chain = bytes(sm.BLOCK_BYTES)
        self._reading = False

    def process(self, apdu: bytes) -> bytes:
        """The answer to one APDU."""
        try:
            command = Command.decode(apdu)
        except ProtocolError:
            return b"\x67\x00"
        if command.cla:
            return b"\x6e\x00"
        return self._command(command).encode()

    def _command(self, command: Command) -> Response:
        if command.ins == _SAM.ins_reset:
            self.reset()
            return _done()
        if command.ins == _SAM.ins_open:
            return self._unlock(command.data)
        if not self._open:
            return Response(b"", 0x6985)
        if command.ins == _SAM.ins_challenge:
            return self._challenge(command)
        if command.ins == _SAM.ins_confirm:
            return self._confirm(command.data)
        if self._session is None:
            return Response(b"", 0x6985)
        if command.ins == _SAM.ins_wrap:
            return self._wrap(self._session, command.data)
        if command.ins == _SAM.ins_unwrap:
            return self._unwrap(self._session, command.data)
        if command.ins == _SAM.ins_data:
            return self._data(command)
        return Response(b"", 0x6D00)

    def _unlock(self, secret: bytes) -> Response:
        if not self._tries_left:
            return Response(b"", 0x6983)
        if not hmac.compare_digest(secret, self._secret):
            self._tries_left -= 1
            return Response(b"", 0x63C0 | self._tries_left if self._tries_left else 0x6983)
        self._tries_left, self._open = _TRIES, True
        return _done()

    def _challenge(self, command: Command) -> Response:
        self._forget_card()
        card_control, tail = command.data[:-_CHALLENGE_TAIL_BYTES], command.data[-_CHALLENGE_TAIL_BYTES:]
        standard = len(card_control) == KTP_EL.card_control_bytes
        if not card_control or command.p2 != (_SAM.p2_standard_card_control if standard else 0):
            return Response(b"", 0x6A86)
        uid8, rnd_ic = tail[:8], tail[8:]
        if not hmac.compare_digest(keys.card_control_check(card_control[:-8], uid8), card_control[-8:]):
            return Response(b"", 0x6988)
        self._keys = keys.card_keys(uid8)
        rnd_ifd, secret_ifd = secrets.token_bytes(8), secrets.token_bytes(16)
        self._own = rnd_ifd, secret_ifd
        return Response(sm.authenticate(self._keys, rnd_ifd, rnd_ic, secret_ifd), 0x9000)

    def _confirm(self, reply: bytes) -> Response:
        card_keys, (rnd_ifd, secret_ifd) = self._keys, self._own
        if card_keys is None:
            return Response(b"", 0x6985)
        try:
            rnd_ic, echoed, secret_ic = sm.check_authentication(card_keys, reply)
        except sm.SecureMessagingError:
            return Response(b"", 0x6300)
        if echoed != rnd_ifd:
            return Response(b"", 0x6300)
        self._session = sm.Session.agree(secret_ifd, secret_ic, rnd_ic, rnd_ifd)
        return _done()

    def _wrap(self, session: sm.Session, plain: bytes) -> Response:
        try:
            ins = Command.decode(plain).ins
            wrapped = session.wrap_command(plain)
        except (ProtocolError, ValueError):
            return Response(b"", 0x6A80)
        self._reading = ins == 0xB0
        if ins == 0xA4:
            self._chain = bytes(sm.BLOCK_BYTES)
        return Response(wrapped, 0x9000)

    def _unwrap(self, session: sm.Session, reply: bytes) -> Response:
        try:
            plain = session.unwrap_response(reply)
        except sm.SecureMessagingError:
            self._session = None
            return Response(b"", 0x6988)
        data = plain.data
        if self._reading and plain.sw == 0x9000:
            # A length header is stored plain; the contents behind it are whole blocks.
            if self._deciphering and data and len(data) % sm.BLOCK_BYTES == 0:
                chain, self._chain = self._chain, data[-sm.BLOCK_BYTES :]
                data = self._storage.decrypt(data, chain)
            if self._digest is not None:
                self._digest.update(data)
        return Response(data + plain.sw.to_bytes(2, "big"), 0x9000)

    def _data(self, command: Command) -> Response:
        if command.p1 == _SAM.auto_verify:
            self._digest, self._signature = hashlib.sha256(), b""
        elif command.p1 == _SAM.feed_signature:
            self._signature = command.data
        elif command.p1 == _SAM.feed_photo and self._digest is not None:
            self._digest.update(command.data)
        elif command.p1 == _SAM.auto_decipher:
            self._deciphering = True
        elif command.p1 == _SAM.stop:
            self._reading = self._deciphering = False
        elif command.p1 == _SAM.verify and self._digest is not None:
            digest, self._digest = self._digest.digest(), None
            return _done() if _genuine(self._signature, digest) else Response(b"", 0x6300)
        else:
            return Response(b"", 0x6985)
        return _done()


def _genuine(signature: bytes, digest: bytes) -> bool:
    if len(signature) != KTP_EL.digital_signature_bytes:
        return False
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big"))
    try:
        keys.verifying_key().verify(der, digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    except InvalidSignature:
        return False
    return True


def _done() -> Response:
    return Response(b"", 0x9000)
