"""How long an exchange takes over ISO/IEC 14443: computed, and spent by the simulated card.

Figures of ISO/IEC 14443-2/-3/-4: 9 bits per byte (8 and parity, type A), a block has PCB and 2 bytes of CRC, blocks
of 256 bytes are chained and acknowledged. What the chip itself takes per command is not published; it is set in
the middle of 1 to 5 ms here, by what the command does.
"""

from dataclasses import dataclass

BIT_RATES_KBIT_S = (106, 212, 424, 848)

_BITS_PER_BYTE = 9
_BLOCK_BYTES = 256
_BLOCK_OVERHEAD_BYTES = 3
# Start and end of frame, and the guard time between the two directions (14443-3 6.1), rounded up.
_TURNAROUND_S = 0.0002

_THINKING_S = {
    0xA4: 0.003,  # SELECT
    0xB0: 0.002,  # READ BINARY: memory only
    0x84: 0.003,  # GET CHALLENGE: random numbers
    0x82: 0.005,  # EXTERNAL AUTHENTICATE: 3DES both ways
}
_OTHER_S = 0.002
_SECURE_S = 0.001  # on top, for secure messaging
_SECURE_CLA = 0x0C
_READER_CLA = 0xFF


@dataclass(frozen=True, slots=True)
class Air:
    """A contactless link.

    Attributes:
        kbit_s: 106, 212, 424 or 848 kbit/s; None is a link and a chip that take no time.
    """

    kbit_s: int | None

    def exchange_s(self, command: bytes, answer_bytes: int) -> float:
        """Seconds on the air and in the chip for one command and its answer."""
        if self.kbit_s is None or command[:1] == bytes((_READER_CLA,)):
            return 0.0
        on_air = _frames_bytes(len(command)) + _frames_bytes(answer_bytes)
        thinking = _THINKING_S.get(command[1], _OTHER_S)
        if command[0] & _SECURE_CLA == _SECURE_CLA:
            thinking += _SECURE_S
        return on_air * _BITS_PER_BYTE / (self.kbit_s * 1000) + 2 * _TURNAROUND_S + thinking


def _frames_bytes(size: int) -> int:
    blocks = max(1, -(-size // _BLOCK_BYTES))
    return size + (2 * blocks - 1) * _BLOCK_OVERHEAD_BYTES
