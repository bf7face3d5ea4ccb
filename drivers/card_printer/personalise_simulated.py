"""SIMULATED personalisation: commands invented here, which only the simulator's blanks understand.

Files are written with UPDATE BINARY and read with READ BINARY (ISO/IEC 7816-4); state and lock are instructions of our
own in the proprietary class. No real KTP-el is written like this.
"""

from drivers.card_printer.personalise import BlankDefective
from drivers.card_printer.simulated_codes import CLA_OURS, INS_LOCK, INS_STATE, STATE_BLANK, STATE_LOCKED
from drivers.card_reader.apdu import Command
from drivers.card_reader.channel import Channel
from drivers.card_reader.profile import KTP_EL

CHUNK_BYTES = 0xF0
_OK = 0x9000


class SimulatedPersonaliser:
    """Implements `Personaliser`."""

    simulated = True

    def begin(self, channel: Channel) -> None:
        """See `Personaliser.begin`."""
        self._select(channel, KTP_EL.df)
        if self._state(channel) != STATE_BLANK:
            raise BlankDefective("it is no blank")

    def write(self, channel: Channel, file: int, content: bytes) -> None:
        """See `Personaliser.write`."""
        self._select(channel, file)
        for start in range(0, len(content), CHUNK_BYTES):
            data = content[start : start + CHUNK_BYTES]
            _checked(channel, Command(0, 0xD6, start >> 8, start & 0xFF, data))

    def read(self, channel: Channel, file: int, length: int) -> bytes:
        """See `Personaliser.read`."""
        self._select(channel, file)
        content = b""
        while len(content) < length:
            at = len(content)
            piece = _checked(channel, Command(0, 0xB0, at >> 8, at & 0xFF, ne=min(CHUNK_BYTES, length - at)))
            if not piece:
                raise BlankDefective("a file ends early")
            content += piece
        return content

    def lock(self, channel: Channel) -> None:
        """See `Personaliser.lock`."""
        _checked(channel, Command(CLA_OURS, INS_LOCK))

    def locked(self, channel: Channel) -> bool:
        """See `Personaliser.locked`."""
        self._select(channel, KTP_EL.df)
        return self._state(channel) == STATE_LOCKED

    def _select(self, channel: Channel, file: int) -> None:
        _checked(channel, Command(0, 0xA4, 0, 0, file.to_bytes(2, "big")))

    def _state(self, channel: Channel) -> bytes:
        return _checked(channel, Command(CLA_OURS, INS_STATE, ne=len(STATE_BLANK)))


def _checked(channel: Channel, command: Command) -> bytes:
    response = channel.send(command)
    if response.sw != _OK:
        raise BlankDefective(f"the chip answers {response.sw:04X} to {command.ins:02X}")
    return response.data
