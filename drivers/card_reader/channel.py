"""Commands over one chip: encodes, checks the answer's length, and follows 61xx and 6Cxx (ISO/IEC 7816-4 5.3.4)."""

from collections.abc import Callable
from dataclasses import replace

from drivers.card_reader import status_words
from drivers.card_reader.apdu import MAX_SHORT_NE, MIN_COMMAND_BYTES, Command, Response
from drivers.card_reader.status_words import Kind
from drivers.errors import ProtocolError

Transmit = Callable[[bytes], bytes]

_GET_RESPONSE = 0xC0
# 64 KB in pieces of 256: a card that has still more to say than the longest answer is lying.
_MAX_PIECES = 256


class Channel:
    """One chip, reached through `transmit`, which moves one APDU there and its answer back."""

    def __init__(self, transmit: Transmit) -> None:
        self._transmit = transmit

    def raw(self, apdu: bytes, most: int = MAX_SHORT_NE) -> bytes:
        """Send bytes that are already an APDU; its answer, status word and all.

        Raises:
            ProtocolError: The APDU is under 4 bytes (pcscd would hang on it), or the answer is no answer.
        """
        if len(apdu) < MIN_COMMAND_BYTES:
            raise ProtocolError(f"refused to send an APDU of {len(apdu)} bytes")
        answer = self._transmit(apdu)
        Response.decode(answer, most)
        return answer

    def send(self, command: Command, most: int | None = None) -> Response:
        """Send one command.

        Args:
            command: What to send.
            most: Most bytes of answer, when the command goes without Le and is answered with data nevertheless.

        Raises:
            ProtocolError: The answer is no answer, or longer than asked for.
        """
        limit = command.ne if most is None else most
        response = self._once(command, limit)
        if status_words.kind(response.sw) is Kind.OK:
            return response
        if status_words.kind(response.sw) is Kind.WRONG_LE:
            response = self._once(replace(command, ne=response.sw & 0xFF or MAX_SHORT_NE), limit)
        data = response.data
        for _ in range(_MAX_PIECES):
            if status_words.kind(response.sw) is not Kind.MORE:
                return Response(data, response.sw)
            piece = Command(command.cla & 0x03, _GET_RESPONSE, ne=response.sw & 0xFF or MAX_SHORT_NE)
            response = self._once(piece, piece.ne)
            data += response.data
            if len(data) > limit:
                raise ProtocolError(f"more than the {limit} bytes asked for")
        raise ProtocolError("the chip never ends its answer")

    def _once(self, command: Command, limit: int) -> Response:
        return Response.decode(self._transmit(command.encode()), limit)
