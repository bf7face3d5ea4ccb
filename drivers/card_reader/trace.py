"""Recordings of a read's APDUs for technicians: lengths, headers and status words, and nothing personal or secret.

Redaction goes by what a command is, never by what its data looks like: everything that is not known to be harmless
becomes zeros of the same length. What the driver must be able to parse when a recording is replayed (lengths of
files, the biodata's form) is kept or replaced by something made up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from drivers.card_reader import biodata
from drivers.card_reader.apdu import Command
from drivers.card_reader.profile import Profile
from drivers.errors import ProtocolError

_SELECT, _READ, _SECURE_CLA, _HEADER_BYTES, _LENGTH_BYTES, _STATUS_BYTES = 0xA4, 0xB0, 0x0C, 4, 2, 2


class ChipName(StrEnum):
    """Which chip an exchange was with."""

    CARD = "card"
    SAM = "sam"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One redacted APDU and its answer.

    Attributes:
        took_ms: Time until the answer.
    """

    chip: ChipName
    command: bytes
    answer: bytes
    took_ms: float

    def line(self) -> str:
        """As text: "card 00A40000027F0A 9000 3.2"."""
        return f"{self.chip} {self.command.hex().upper()} {self.answer.hex().upper() or '-'} {self.took_ms:.1f}"


class Redactor:
    """Takes what is personal or secret out of a read's exchanges, in their order."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._file = 0
        self._offset: int | None = None
        self._size = 0
        nobody = ["" if name != "nik" else "0" * 16 for name in profile.biodata_fields]
        self._nobody = biodata.encode(tuple(nobody), profile.biodata_fields)

    def redact(self, chip: ChipName, command: bytes, answer: bytes) -> tuple[bytes, bytes]:
        """The exchange without anything personal or secret, every length unchanged."""
        try:
            apdu = Command.decode(command)
        except ProtocolError:
            return command[:_HEADER_BYTES] + bytes(len(command) - _HEADER_BYTES), _status_only(answer)
        if chip is ChipName.SAM:
            return self._sam(apdu, command, answer)
        if apdu.cla & _SECURE_CLA == _SECURE_CLA:
            return _blank_data(apdu), _status_only(answer)
        return self._plain(apdu, command, answer)

    def _plain(self, apdu: Command, command: bytes, answer: bytes) -> tuple[bytes, bytes]:
        self._follow(apdu)
        if apdu.ins == _SELECT:
            return command, _status_only(answer)
        return _blank_data(apdu), self._content(answer)

    def _sam(self, apdu: Command, command: bytes, answer: bytes) -> tuple[bytes, bytes]:
        sam = self._profile.sam
        if apdu.ins == sam.ins_wrap:
            return self._wrap(apdu, command, answer)
        blank = _blank_data(apdu)
        if apdu.ins != sam.ins_unwrap:
            return blank, _status_only(answer)
        inner = answer[:-_STATUS_BYTES]
        if sam.reply_carries_status:
            return blank, self._content(inner) + answer[-_STATUS_BYTES:]
        return blank, self._content(inner + b"\x90\x00")[:-_STATUS_BYTES] + answer[-_STATUS_BYTES:]

    def _wrap(self, apdu: Command, command: bytes, answer: bytes) -> tuple[bytes, bytes]:
        try:
            plain = Command.decode(apdu.data)
        except ProtocolError:
            return _blank_data(apdu), _status_only(answer)
        self._follow(plain)
        harmless = plain.ins in (_SELECT, _READ)
        # The header of the wrapped APDU says what it is; its body is cryptograms.
        kept = answer[: _HEADER_BYTES + 1]
        body = bytes(max(0, len(answer) - len(kept) - _STATUS_BYTES))
        wrapped = kept + body + answer[-_STATUS_BYTES:] if len(answer) > len(kept) + _STATUS_BYTES else answer
        return (command if harmless else _blank_data(apdu)), wrapped

    def _follow(self, plain: Command) -> None:
        self._offset = None
        if plain.ins == _SELECT:
            self._file, self._size = int.from_bytes(plain.data, "big"), 0
        elif plain.ins == _READ:
            self._offset = plain.p1 << 8 | plain.p2

    def _content(self, answer: bytes) -> bytes:
        """What READ BINARY gave, as zeros, but for the length and, of the biodata, its form."""
        data, status = answer[:-_STATUS_BYTES], answer[-_STATUS_BYTES:]
        offset, self._offset = self._offset, None
        if offset is None or self._file == self._profile.digital_signature:
            return bytes(len(data)) + status
        length = b""
        if offset == 0 and len(data) >= _LENGTH_BYTES:
            length = data[:_LENGTH_BYTES]
            self._size = int.from_bytes(length, "big")
        filling = bytes(offset + len(data))
        if self._file == self._profile.biodata:
            filling = bytes(_LENGTH_BYTES) + self._nobody.ljust(self._size) + filling
        return (length + filling[offset + len(length) : offset + len(data)]) + status


class Recorder:
    """Gathers the redacted exchanges of one read after another."""

    def __init__(self, profile: Profile) -> None:
        self._redactor = Redactor(profile)
        self.exchanges: list[Exchange] = []

    def __call__(self, chip: ChipName, command: bytes, answer: bytes, took_s: float) -> None:
        """Take one exchange, as it was."""
        kept_command, kept_answer = self._redactor.redact(chip, command, answer)
        self.exchanges.append(Exchange(chip, kept_command, kept_answer, took_s * 1000))

    def text(self) -> str:
        """A line for each exchange."""
        return "".join(one.line() + "\n" for one in self.exchanges)


def parse(text: str) -> list[Exchange]:
    """Read a recording.

    Raises:
        ProtocolError: A line is none of a recording's.
    """
    return [_parse(number, line) for number, line in enumerate(text.splitlines(), 1)]


def _parse(number: int, line: str) -> Exchange:
    try:
        chip, command, answer, took = line.split()
        return Exchange(
            ChipName(chip), bytes.fromhex(command), bytes.fromhex("" if answer == "-" else answer), float(took)
        )
    except ValueError as error:
        raise ProtocolError(f"line {number} of the recording cannot be read") from error


class Replay:
    """Both chips of a recording, for a read without hardware."""

    def __init__(self, exchanges: Iterable[Exchange], profile: Profile) -> None:
        self._left = list(exchanges)
        self._redactor = Redactor(profile)

    @property
    def finished(self) -> bool:
        """Whether everything recorded was asked for."""
        return not self._left

    def card(self, apdu: bytes) -> bytes:
        """The recorded card's answer.

        Raises:
            ProtocolError: The recording goes on otherwise.
        """
        return self._next(ChipName.CARD, apdu)

    def sam(self, apdu: bytes) -> bytes:
        """The recorded SAM's answer.

        Raises:
            ProtocolError: The recording goes on otherwise.
        """
        return self._next(ChipName.SAM, apdu)

    def _next(self, chip: ChipName, apdu: bytes) -> bytes:
        if not self._left:
            raise ProtocolError("the recording ends here")
        expected = self._left.pop(0)
        command, _ = self._redactor.redact(chip, apdu, expected.answer)
        if (chip, command) != (expected.chip, expected.command):
            raise ProtocolError(f"the recording goes on with the {expected.chip}, or another command")
        return expected.answer


def _blank_data(apdu: Command) -> bytes:
    """The command with its data as zeros."""
    return Command(apdu.cla, apdu.ins, apdu.p1, apdu.p2, bytes(len(apdu.data)), apdu.ne, apdu.extended).encode()


def _status_only(answer: bytes) -> bytes:
    """The answer with its data as zeros."""
    return bytes(max(0, len(answer) - _STATUS_BYTES)) + answer[-_STATUS_BYTES:]
