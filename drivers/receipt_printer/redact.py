"""What may be kept of a receipt printer's wire: questions, answers, cuts and lengths; never what was printed."""

from collections.abc import Sequence
from typing import Final

from drivers.receipt_printer import escpos_replies as replies
from drivers.transport.record import Piece, Way

NUMBER: Final = b"0000"
"""Stands for each process id, which is random."""
_QUESTION: Final = replies.ask_process_id(NUMBER)[: -len(NUMBER)]
_KEPT: Final = (
    replies.ASK_STATUS,
    replies.CLEAR_BUFFER,
    replies.AUTOMATIC_ON,
    replies.AUTOMATIC_OFF,
    replies.ASK_PAPER,
    _QUESTION,
)


def redact(way: Way, data: bytes) -> Sequence[Piece]:
    """What the printer says, and of what it is told the questions."""
    return _said(data) if way is Way.READ else _told(data)


def _said(data: bytes) -> Sequence[Piece]:
    begin = data.find(b"\x37\x22")
    if begin < 0 or len(data) < begin + 2 + len(NUMBER):
        return (data,)
    return (data[: begin + 2] + NUMBER + data[begin + 2 + len(NUMBER) :],)


def _told(data: bytes) -> Sequence[Piece]:
    pieces: list[Piece] = []
    at = gone = 0
    while at < len(data):
        known = next((one for one in _KEPT if data.startswith(one, at)), b"")
        if not known:
            at, gone = at + 1, gone + 1
            continue
        pieces += [gone, known] if gone else [known]
        at, gone = at + len(known), 0
    return [*pieces, gone] if gone else pieces
