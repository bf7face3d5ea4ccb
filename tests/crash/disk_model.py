"""A disk that loses power: what was fsynced stays, of what came later some pieces of 512 bytes may, in any order.

Making and removing a file is kept in order, as journalling file systems do: it is on disk with the next fsync of
anything, and until then may be or may not.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.crash.recorder import Kind, Step

PIECE_BYTES = 512
CHANCES = (0.1, 0.5, 0.9)

Files = Mapping[str, bytes]


@dataclass
class Disk:
    """What is surely there, and what was done since.

    Attributes:
        durable: Content of each file that a power cut leaves.
        pending: Changes since the last fsync of their file, in order.
    """

    durable: dict[str, bytearray] = field(default_factory=dict)
    pending: list[Step] = field(default_factory=list)

    def apply(self, step: Step) -> None:
        """One more step of the recording."""
        if step.kind is Kind.SAID:
            return
        if step.kind is not Kind.SYNC:
            self.pending.append(step)
            return
        kept = []
        for change in self.pending:
            if change.file == step.file or change.kind in (Kind.CREATE, Kind.UNLINK):
                _change(self.durable, change)
            else:
                kept.append(change)
        self.pending = kept

    def states(self, draw: random.Random, torn: int) -> Iterator[Files]:
        """What may be there after a power cut now: nothing more, all, and `torn` random mixtures."""
        yield self._with(())
        yield self._with(self.pending)
        if not self.pending:
            return
        for _ in range(torn):
            chance = draw.choice(CHANCES)
            yield self._with(piece for change in self.pending for piece in _pieces(change) if draw.random() < chance)

    def _with(self, changes: Iterator[Step] | list[Step] | tuple[Step, ...]) -> Files:
        files = {name: bytearray(content) for name, content in self.durable.items()}
        for change in changes:
            _change(files, change)
        return {name: bytes(content) for name, content in files.items()}


def _change(files: dict[str, bytearray], change: Step) -> None:
    if change.kind is Kind.UNLINK:
        files.pop(change.file, None)
        return
    content = files.setdefault(change.file, bytearray())
    end = change.at + len(change.data)
    if change.kind is Kind.WRITE:
        if len(content) < end:
            content.extend(bytes(end - len(content)))
        content[change.at : end] = change.data
    elif change.kind is Kind.TRUNCATE:
        del content[change.at :]
        content.extend(bytes(change.at - len(content)))


def _pieces(change: Step) -> Iterator[Step]:
    """A write as the sectors it touches; anything else as it is."""
    if change.kind is not Kind.WRITE:
        yield change
        return
    at, end = change.at, change.at + len(change.data)
    while at < end:
        stop = min(end, (at // PIECE_BYTES + 1) * PIECE_BYTES)
        yield Step(Kind.WRITE, change.file, at, change.data[at - change.at : stop - change.at])
        at = stop
