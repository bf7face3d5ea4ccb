"""The command language of Evolis card printers: commands and answers to bytes and back; no I/O here.

Sources: [G] Evolis Card Printers Programming Guide, A5013 rev. E (2003-2004): ESC, name, parameters after ";", CR; a
raster block is raw bytes in which CR and ESC may occur, so it is read by length. [K] What public programs for newer
kiosk printers (KC200, Primacy) send and compare with, not confirmed by the maker: answers in words instead of ACK and
NACK, sensors in volts, the ribbon's chip, and keeping the card inside after printing.
`docs/protocols/evolis.md` has the whole table.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from drivers.card_printer.port import HEIGHT_DOTS, WIDTH_DOTS
from drivers.errors import ProtocolError

ESC, CR = 0x1B, 0x0D
DOTS = WIDTH_DOTS * HEIGHT_DOTS
BITS_OF_LEVELS = {2: 1, 32: 5, 64: 6, 128: 7, 256: 8}
"""Db's second parameter to bits a dot [G]; 2 levels are for the black and overlay panels."""
MAX_COMMAND_BYTES = 128
_BLOCK = re.compile(rb"Db;([a-z]{1,2});(\d{1,3});")
_COMPRESSED_BLOCK = re.compile(rb"Dbc;([a-z]{1,2});(\d{1,4});(\d{1,7});")
_HEADER_BYTES = 24


class Name(StrEnum):
    """Commands that are sent. [G] unless marked."""

    MODEL = "Rtp"
    SERIAL = "Rsn"
    FIRMWARE = "Rfv"
    PRINT_HEAD = "Rkn"
    COUNTER = "Rco"
    RIBBON_TYPE = "Rr"
    RIBBON_NOT_AT_END = "Rcr"
    RIBBON_CHIP = "Rrt"  # [K]
    LAST_ANSWER = "Rlr"
    SENSOR = "Rse"
    ERROR_MODE = "Pem"
    RIBBON = "Pr"
    FEED_FROM = "Pmi"
    KEEP_AFTER_PRINT = "Pneab"  # [K]
    START = "Ss"
    FRONT = "Sr"
    BACK = "Sv"
    BITMAP = "Db"
    BITMAP_COMPRESSED = "Dbc"
    PRINT = "Se"  # prints what was loaded since Ss, and ejects
    INSERT = "Si"
    INSERT_FROM_BACK = "Sib"
    TO_CONTACT = "Sis"
    TO_CONTACTLESS = "Sic"
    REJECT = "Ser"
    CLEAN = "Scp"
    RESET = "Srs"


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: As `Rse`.
        parameters: As ("o",).
        data: Raster block; None for every other command.
    """

    name: str
    parameters: tuple[str, ...] = ()
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no command."""

    length: int


def block_bytes(levels: int) -> int:
    """Length of an uncompressed raster block.

    82,296 for 2 levels and 411,480 for 32. The guide's own table says 84,624 and 423,120, which is 1,044 columns; the
    text beside it and every public driver have 1,016.

    Raises:
        ProtocolError: There is no such number of levels.
    """
    if levels not in BITS_OF_LEVELS:
        raise ProtocolError(f"no bitmap has {levels} levels")
    return DOTS * BITS_OF_LEVELS[levels] // 8


def encode_command(command: Command) -> bytes:
    """The command's bytes.

    Raises:
        ValueError: A name or parameter that would break the framing, or a block of the wrong length.
    """
    words = (command.name, *command.parameters)
    if not all(word and word.isascii() and word.isprintable() and ";" not in word for word in words):
        raise ValueError("a command is made of printable words")
    head = b"\x1b" + ";".join(words).encode("ascii")
    if command.data is None:
        if len(head) >= MAX_COMMAND_BYTES:
            raise ValueError("the command is too long")
        return head + b"\r"
    if command.name == Name.BITMAP and len(command.data) != block_bytes(int(command.parameters[1])):
        raise ValueError("the block's length is not that of its levels")
    return b"".join((head, b";", command.data, b"\r"))


def decode_command(buffer: bytes | bytearray) -> tuple[int, Command | Unreadable | None]:
    """The first command in `buffer` and how many bytes it took, padding before it included.

    None when more bytes are needed. Zeros and CRs between commands are padding; ESC may be left out after a CR [G
    section 3].
    """
    start = 0
    while start < len(buffer) and buffer[start] in (0, CR):
        start += 1
    body = start + (1 if buffer[start : start + 1] == b"\x1b" else 0)
    head = bytes(buffer[body : body + _HEADER_BYTES])
    if head.startswith((b"Db;", b"Dbc;")):
        return _decode_block(buffer, start, body, head)
    end = buffer.find(CR, body, body + MAX_COMMAND_BYTES)
    if end < 0:
        return (start, None) if len(buffer) < body + MAX_COMMAND_BYTES else (body + 1, Unreadable(1))
    words = bytes(buffer[body:end]).decode("latin-1").split(";")
    if not words[0].isalpha() or not all(word.isascii() and word.isprintable() for word in words):
        return end + 1, Unreadable(end - body)
    return end + 1, Command(words[0], tuple(words[1:]))


def _decode_block(
    buffer: bytes | bytearray, start: int, body: int, head: bytes
) -> tuple[int, Command | Unreadable | None]:
    whole = _BLOCK.match(head)
    found = whole or _COMPRESSED_BLOCK.match(head)
    if found is None:
        bad = len(head) == _HEADER_BYTES or b"\r" in head
        return (body + 3, Unreadable(3)) if bad else (start, None)
    parameters = tuple(group.decode("ascii") for group in found.groups())
    data = body + found.end()
    try:
        length = block_bytes(int(parameters[1])) if whole else int(parameters[2])
    except ProtocolError:
        return data, Unreadable(found.end())
    if length > DOTS:
        return data, Unreadable(found.end())
    if len(buffer) <= data + length:
        return start, None
    if buffer[data + length] != CR:
        return data, Unreadable(found.end())
    name = Name.BITMAP if whole else Name.BITMAP_COMPRESSED
    return data + length + 1, Command(name, parameters, bytes(buffer[data : data + length]))
