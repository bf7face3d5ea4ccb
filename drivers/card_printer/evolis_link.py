"""One question, one answer with an Evolis printer on USB, and never an answer taken for another question's."""

from collections.abc import Iterable, Iterator

from drivers.card_printer.evolis_answers import Answer, Done, Refused, Text, decode_answer
from drivers.card_printer.evolis_wire import Command, Name, encode_command
from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, DriverError, ProtocolError
from drivers.transport.usb import UsbAddress, UsbChannel

CHUNK_BYTES = 65536
"""These printers hold whole cards in memory and take data as fast as the bus gives it."""
QUIET_S = 0.02
"""Answers that wait in the printer come one right after the other; after this long there is none left."""


class EvolisLink:
    """An open printer. One thread at a time.

    An answer carries nothing that says which question it belongs to. So after anything that left an answer outstanding,
    the next question is asked only when the printer has answered a harmless one in between.
    """

    def __init__(self, channel: UsbChannel) -> None:
        self._channel = channel
        self._buffer = b""
        self._behind = True

    @classmethod
    def open(cls, address: UsbAddress) -> "EvolisLink":
        """Find and claim it. Raises as `UsbChannel.open`."""
        return cls(UsbChannel.open(address))

    def close(self) -> None:
        """Let go of it; may be called twice."""
        self._channel.close()

    def ready(self, deadline: Deadline) -> "EvolisLink":
        """This link, once nothing is outstanding on it. Raises as `ask`."""
        if self._behind:
            self._catch_up(deadline)
        return self

    def ask(self, command: Command, deadline: Deadline) -> Answer:
        """Send a command and give its answer.

        Raises:
            DeadlineExceeded, ProtocolError, Disconnected: No answer, or none that makes sense.
        """
        self.send(command, deadline)
        return self.answer(deadline)

    def ask_each(self, commands: Iterable[Command], deadline: Deadline) -> Iterator[tuple[Command, Answer]]:
        """Send commands one after the other, each while the answer to the one before it is on its way.

        Whoever stops listening early leaves an answer outstanding; the next question waits for it. Raises as `ask`.
        """
        self.ready(deadline)
        before: Command | None = None
        for command in commands:
            self._behind = True
            self._channel.write(encode_command(command), deadline, CHUNK_BYTES)
            if before is not None:
                yield before, self._next(deadline)
            before = command
        if before is not None:
            answer = self._next(deadline)
            self._behind = False
            yield before, answer

    def send(self, command: Command, deadline: Deadline) -> None:
        """Send a command whose answer is fetched with `answer`. Raises as `ask`."""
        raw = encode_command(command)
        self.ready(deadline)
        self._behind = True
        self._channel.write(raw, deadline, CHUNK_BYTES)

    def answer(self, deadline: Deadline) -> Answer:
        """The answer to what was sent last; may be called again after DeadlineExceeded. Raises as `ask`."""
        answer = self._next(deadline)
        self._behind = False
        return answer

    def text(self, command: Command, deadline: Deadline) -> str:
        """The answer to a question. Raises as `ask`; DriverError when the printer refuses to answer."""
        match self.ask(command, deadline):
            case Text(text):
                return text
            case Done():
                raise ProtocolError(f"{command.name} is not answered with text")
            case Refused(_, code):
                raise DriverError(f"{command.name} is refused: {code}")

    def _catch_up(self, deadline: Deadline) -> None:
        """Have the printer say its serial number, and drop every answer that comes before it."""
        self._channel.write(encode_command(Command(Name.SERIAL)), deadline)
        answered = False
        while True:
            try:
                answered |= isinstance(self._next(Deadline.after(QUIET_S) if answered else deadline), Text)
            except DeadlineExceeded:
                if answered:
                    break
                raise
            except ProtocolError:
                # Half an answer from before; what matters comes after it.
                deadline.check("answer that makes sense")
        self._buffer = b""
        self._behind = False

    def _next(self, deadline: Deadline) -> Answer:
        while True:
            try:
                used, answer = decode_answer(self._buffer)
            except ProtocolError:
                self._buffer = self._buffer.partition(b"\r")[2]
                raise
            if answer is not None:
                self._buffer = self._buffer[used:]
                return answer
            try:
                self._buffer += self._channel.read(deadline)
            except Disconnected:
                self._buffer = b""
                raise
