"""A key switch as a Linux input device: keys and switches of a cabinet come as `EV_KEY` and `EV_SW` events.

Sources: Linux `include/uapi/linux/input.h` (struct input_event, EVIOCGKEY, EVIOCGSW) and
`Documentation/input/input.rst`; numbers of keys and switches are in `input-event-codes.h`.
"""

import contextlib
import fcntl
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final

_EVENT: Final = struct.Struct("@llHHi")
"""timeval of two longs, type, code, value; 24 bytes on 64-bit machines."""
_AT_ONCE: Final = 64
_MOST_CODE: Final = 0x2FF
_BITS_BYTES: Final = (_MOST_CODE + 8) // 8


class Kind(IntEnum):
    """Type of event, as the kernel numbers it."""

    KEY = 0x01
    SWITCH = 0x05


_DROPPED: Final = (0x00, 3)
"""EV_SYN, SYN_DROPPED: more happened than the kernel kept, so how things stand is asked anew."""
# _IOC(_IOC_READ, 'E', nr, len) of asm-generic/ioctl.h.
_STATE: Final = {Kind.KEY: 0x18, Kind.SWITCH: 0x1B}


@dataclass(frozen=True, slots=True)
class Event:
    """One input event. value: 0 up, 1 down or on, 2 repeated by itself."""

    kind: int
    code: int
    value: int


def decode(data: bytes) -> tuple[int, list[Event]]:
    """Whole events at the front of what was read, and how many bytes they take."""
    used = len(data) - len(data) % _EVENT.size
    return used, [Event(*fields[2:]) for fields in _EVENT.iter_unpack(data[:used])]


def encode(event: Event, at_s: int = 0) -> bytes:
    """An event as the kernel writes it."""
    return _EVENT.pack(at_s, 0, event.kind, event.code, event.value)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the switch saw. turned_on: it went from off to on since the last look, if only for a moment."""

    on: bool
    turned_on: bool


class EventSwitch:
    """One key or switch of one input device. Looks never wait; a device that is away is off.

    Args:
        path: As /dev/input/by-path/...-event-kbd.
        kind: Of its events.
        code: Its number.
    """

    def __init__(self, path: Path, kind: Kind, code: int) -> None:
        self._path, self._kind, self._code = path, kind, code
        self._file: int | None = None
        self._rest = b""
        self._on = False

    def look(self) -> Seen:
        """How it stands, and whether it was turned on meanwhile."""
        try:
            if self._file is None:
                self._open()
            return self._read()
        except OSError:
            self.close()
            return Seen(False, False)

    def close(self) -> None:
        """Let go of the device. May be called twice."""
        file, self._file = self._file, None
        self._rest, self._on = b"", False
        if file is not None:
            os.close(file)

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        # How it stood before anybody looked is no turning.
        self._on = self._stands(self._file)

    def _stands(self, file: int) -> bool:
        bits = bytearray(_BITS_BYTES)
        # Not an input device, as a recording played through a pipe: it tells only what changes.
        with contextlib.suppress(OSError):
            fcntl.ioctl(file, 2 << 30 | len(bits) << 16 | ord("E") << 8 | _STATE[self._kind], bits)
        return bool(bits[self._code // 8] >> self._code % 8 & 1)

    def _read(self) -> Seen:
        turned_on = False
        for event in self._events():
            if (event.kind, event.code) == _DROPPED and self._file is not None:
                self._on = self._stands(self._file)
            if (event.kind, event.code) != (self._kind, self._code):
                continue
            turned_on |= event.value == 1 and not self._on
            self._on = event.value != 0
        return Seen(self._on, turned_on)

    def _events(self) -> Iterator[Event]:
        assert self._file is not None
        while True:
            try:
                data = os.read(self._file, _EVENT.size * _AT_ONCE)
            except BlockingIOError:
                return
            if not data:
                return
            used, events = decode(self._rest + data)
            self._rest = (self._rest + data)[used:]
            yield from events
