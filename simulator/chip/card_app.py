"""The application on a simulated card: APDU in, APDU out."""

import secrets
from abc import ABC, abstractmethod

from drivers.card_reader.apdu import Command, Response
from drivers.card_reader.profile import KTP_EL
from drivers.errors import ProtocolError
from simulator.chip import keys, sm
from simulator.chip.contents import Contents

_PLAIN_FILES = {KTP_EL.photo, KTP_EL.card_control}


def atr(historical: bytes, interface: bytes = b"\x80\x01") -> bytes:
    """An answer to reset (ISO/IEC 7816-3 section 8) with these historical bytes; the default offers T=0 and T=1."""
    body = bytes((0x80 | len(historical),)) + interface + historical
    check = 0
    for one in body:
        check ^= one
    return b"\x3b" + body + bytes((check,))


class Chip(ABC):
    """Anything that answers APDUs."""

    atr: bytes

    @abstractmethod
    def reset(self) -> None:
        """Power on, or warm reset."""

    @abstractmethod
    def process(self, apdu: bytes) -> bytes:
        """The answer to one APDU."""


class KtpCard(Chip):
    """A KTP-el."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        # PC/SC Part 3: historical bytes of the ATS for type A, of the ATQB for type B.
        self.atr = atr(b"SIMKTPEL" if contents.card_type == "A" else contents.uid + b"\x77\x81\x81\x00")
        self.reset()

    def reset(self) -> None:
        """Forget selection and session."""
        self._application = False
        self._file: bytes | None = None
        self._file_id = 0
        self._challenge: bytes | None = None
        self._session: sm.Session | None = None

    def process(self, apdu: bytes) -> bytes:
        """The answer to one APDU."""
        try:
            command = Command.decode(apdu)
        except ProtocolError:
            return b"\x67\x00"
        if command.cla == 0xFF:
            return self._reader(command).encode()
        if command.cla & sm.SECURE_CLA == sm.SECURE_CLA:
            return self._secure(apdu)
        self._session = None
        return self._plain(command, secure=False).encode()

    def _reader(self, command: Command) -> Response:
        """Pseudo-APDUs, which a real reader answers by itself."""
        if command.ins == 0xCA and command.p1 == command.p2 == 0:
            return Response(self._contents.uid, 0x9000)
        return Response(b"", 0x6A81)

    def _secure(self, apdu: bytes) -> bytes:
        session = self._session
        if session is None:
            return b"\x69\x88"
        try:
            command = session.unwrap_command(apdu)
        except (sm.SecureMessagingError, ProtocolError):
            self._session = None
            return b"\x69\x88"
        return session.wrap_response(self._plain(command, secure=True))

    def _plain(self, command: Command, *, secure: bool) -> Response:
        match command.ins:
            case 0xA4:
                return self._select(command)
            case 0xB0:
                return self._read(command, secure=secure)
            case 0xDD if self._contents.card_type == "B":
                return Response(self._contents.uid8, 0x9000)
            case 0x84:
                self._challenge = secrets.token_bytes(8)
                return Response(self._challenge, 0x9000)
            case 0x82:
                return self._authenticate(command)
        return Response(b"", 0x6D00)

    def _select(self, command: Command) -> Response:
        identifier = int.from_bytes(command.data, "big")
        if identifier == KTP_EL.df:
            self._application, self._file = True, None
            return Response(b"", 0x9000)
        content = self._contents.files.get(identifier) if self._application else None
        if content is None:
            return Response(b"", 0x6A82)
        self._file, self._file_id = content, identifier
        return Response(b"", 0x9000)

    def _read(self, command: Command, *, secure: bool) -> Response:
        if self._file is None:
            return Response(b"", 0x6986)
        if not secure and self._file_id not in _PLAIN_FILES:
            return Response(b"", 0x6982)
        offset = command.p1 << 8 | command.p2
        if offset >= len(self._file):
            return Response(b"", 0x6B00)
        data = self._file[offset : offset + command.ne]
        return Response(data, 0x9000 if len(data) == command.ne else 0x6282)

    def _authenticate(self, command: Command) -> Response:
        challenge, self._challenge = self._challenge, None
        if challenge is None:
            return Response(b"", 0x6985)
        own = keys.card_keys(self._contents.key_id)
        try:
            rnd_ifd, rnd_ic, secret_ifd = sm.check_authentication(own, command.data)
        except sm.SecureMessagingError:
            return Response(b"", 0x6300)
        if rnd_ic != challenge:
            return Response(b"", 0x6300)
        secret_ic = secrets.token_bytes(16)
        self._session = sm.Session.agree(secret_ifd, secret_ic, rnd_ic, rnd_ifd)
        return Response(sm.authenticate(own, rnd_ic, rnd_ifd, secret_ic), 0x9000)


class ForeignCard(Chip):
    """A card that is no e-KTP: knows its own application only."""

    # Storage cards have the ATR that PC/SC Part 3 gives to MIFARE Classic 1K; the others those of their ATS.
    _ATR = {  # noqa: RUF012  # a constant table
        "bank": atr(bytes.fromhex("0031C173C840009000")),
        "passport": atr(bytes.fromhex("0031B86404B0ECC1739401808290000E")[:15]),
        "transit": atr(bytes.fromhex("804F0CA000000306030001") + bytes(4)),
    }

    def __init__(self, contents: Contents) -> None:
        self._uid = contents.uid
        self.atr = self._ATR[contents.kind]

    def reset(self) -> None:
        """There is nothing to forget."""

    def process(self, apdu: bytes) -> bytes:
        """The answer to one APDU."""
        if apdu[:2] == b"\xff\xca":
            return self._uid + b"\x90\x00"
        return b"\x6a\x82" if apdu[1:2] == b"\xa4" else b"\x6d\x00"


def chip(contents: Contents) -> Chip:
    """The chip for these contents."""
    return KtpCard(contents) if contents.kind == "ktp" else ForeignCard(contents)
