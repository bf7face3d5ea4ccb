"""The chip of a simulated blank: takes files, gives them back, and is locked at the end. Its commands are invented."""

from drivers.card_printer.simulated_codes import CLA_OURS, INS_LOCK, INS_STATE, STATE_BLANK, STATE_LOCKED
from drivers.card_reader.apdu import Command, Response
from drivers.card_reader.profile import KTP_EL
from drivers.errors import ProtocolError
from simulator.chip.card_app import Chip, atr

_FILES = {KTP_EL.card_control, KTP_EL.biodata, KTP_EL.photo, KTP_EL.signature}
_MAX_BYTES = 8192
_STUCK_AT = 100
"""In a defective blank the byte at this offset of every file keeps nothing."""


class BlankChip(Chip):
    """One blank; what is written outlives power.

    Attributes:
        uid: Of the chip.
        files: Identifier to content.
        is_locked: Whether it is a card.
    """

    def __init__(self, uid: bytes, defective: bool) -> None:
        self.atr = atr(b"SIMBLANK")
        self.files: dict[int, bytearray] = {}
        self.is_locked = False
        self.uid = uid
        self._defective = defective
        self.reset()

    def reset(self) -> None:
        """See `Chip.reset`."""
        self._application = False
        self._file: int | None = None

    def process(self, apdu: bytes) -> bytes:
        """See `Chip.process`."""
        try:
            return self._obey(Command.decode(apdu)).encode()
        except ProtocolError:
            return b"\x67\x00"

    def _obey(self, command: Command) -> Response:
        match command.cla, command.ins:
            case 0xFF, 0xCA:
                return Response(self.uid, 0x9000)
            case 0x00, 0xA4:
                return self._select(int.from_bytes(command.data, "big"))
            case 0x00, 0xB0:
                return self._read(command)
            case 0x00, 0xD6:
                return self._update(command)
            case cla, ins if cla == CLA_OURS and ins == INS_STATE:
                return Response(STATE_LOCKED if self.is_locked else STATE_BLANK, 0x9000)
            case cla, ins if cla == CLA_OURS and ins == INS_LOCK:
                self.is_locked = True
                return Response(b"", 0x9000)
        return Response(b"", 0x6D00)

    def _select(self, identifier: int) -> Response:
        if identifier == KTP_EL.df:
            self._application = True
            return Response(b"", 0x9000)
        if not self._application or identifier not in _FILES:
            return Response(b"", 0x6A82)
        self._file = identifier
        return Response(b"", 0x9000)

    def _read(self, command: Command) -> Response:
        if self._file is None:
            return Response(b"", 0x6986)
        at = command.p1 << 8 | command.p2
        return Response(bytes(self.files.get(self._file, b"")[at : at + command.ne]), 0x9000)

    def _update(self, command: Command) -> Response:
        if self._file is None:
            return Response(b"", 0x6986)
        if self.is_locked:
            return Response(b"", 0x6982)
        content = self.files.setdefault(self._file, bytearray())
        at = command.p1 << 8 | command.p2
        if at > len(content) or at + len(command.data) > _MAX_BYTES:
            return Response(b"", 0x6B00)
        content[at : at + len(command.data)] = command.data
        if self._defective and at <= _STUCK_AT < at + len(command.data):
            content[_STUCK_AT] ^= 0xFF
        return Response(b"", 0x9000)
