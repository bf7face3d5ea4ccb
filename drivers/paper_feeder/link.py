"""One command and its answer over a USB channel: acknowledged, sent again when it was not, never carried out
twice.

The sequence number in each command lets the feeder know a repetition: it answers with what it answered
before. So sending again is safe even for moves, as long as the number stays. Where a command page has no such
number, a move is sent again only when the feeder refused it as garbled.
"""

from dataclasses import replace

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, ProtocolError
from drivers.paper_feeder.page import ACK_S, MOVES, SENDINGS
from drivers.paper_feeder.wire import Answer, Command, Control, Garbled, Item, Refusal, decode, encode
from drivers.transport.record import Channel


class Link:
    """The host's end. One thread at a time."""

    def __init__(self, channel: Channel, sequenced: bool = True) -> None:
        """Take the wire.

        Args:
            sequenced: Whether commands carry a number.
        """
        self._channel = channel
        self._sequenced = sequenced
        self._buffer = b""
        self._sequence = 0

    def ask(self, code: int, parameter: int, deadline: Deadline) -> Answer | Refusal:
        """Send a command and wait for its answer, which is given without its number.

        Raises:
            ProtocolError: The feeder refused every sending as garbled: it did nothing.
            DeadlineExceeded: It was silent; what it did is not known.
            Disconnected: It went away; what it did is not known.
        """
        self._sequence = self._sequence % 255 + 1
        number = bytes((self._sequence,)) if self._sequenced else b""
        command = encode(Command(code, parameter, number))
        refused = 0
        for _ in range(SENDINGS):
            self._channel.write(command, deadline)
            reply = self._exchange(code, parameter, number, deadline)
            if isinstance(reply, Answer | Refusal):
                return replace(reply, data=reply.data[len(number) :])
            refused += reply is Control.NAK
            if reply is None and not self._sequenced and code in MOVES:
                # Perhaps only its acknowledgement was lost.
                break
            deadline.check("answer from the feeder")
        if refused == SENDINGS:
            raise ProtocolError("the feeder refuses every frame")
        raise DeadlineExceeded("the feeder does not answer")

    def begin(self, deadline: Deadline) -> None:
        """EOT: the feeder forgets what it was about to send and the last number, since ours begin anew."""
        self._channel.write(bytes((Control.EOT,)), deadline)

    def _exchange(
        self, code: int, parameter: int, number: bytes, deadline: Deadline
    ) -> Answer | Refusal | Control | None:
        """What came back: an answer, NAK, or nothing, in which case the command must be sent again."""
        acknowledged = False
        while True:
            try:
                item = self._next(deadline if acknowledged else deadline.sooner(ACK_S))
            except DeadlineExceeded:
                return None
            if item is Control.ACK:
                acknowledged = True
            elif item is Control.NAK and not acknowledged:
                return item
            elif isinstance(item, Garbled):
                self._channel.write(bytes((Control.NAK,)), deadline)
            elif isinstance(item, Answer | Refusal):
                # Acknowledged even when stale, so that the feeder stops sending it.
                self._channel.write(bytes((Control.ACK,)), deadline)
                if (item.code, item.parameter, item.data[: len(number)]) == (code, parameter, number):
                    return item

    def _next(self, deadline: Deadline) -> Item:
        while True:
            used, item = decode(self._buffer)
            self._buffer = self._buffer[used:]
            if item is not None:
                return item
            try:
                self._buffer += self._channel.read(deadline)
            except DeadlineExceeded:
                # Half a frame is no use once its sender has fallen silent.
                self._buffer = b""
                raise
