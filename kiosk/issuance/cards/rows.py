"""Fields in rows: label, colon, value; a value that takes more lines moves the rows below it down."""

from dataclasses import dataclass

from kiosk.issuance.cards.canvas import Canvas
from kiosk.issuance.cards.errors import DesignDoesNotFit
from kiosk.issuance.cards.fonts import Weight
from kiosk.issuance.cards.layout import Fitted, Place, fit

TIGHT = 1.1
"""Least height of a line over the size of its letters, so that no letter touches another line's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field.

    Attributes:
        field: Its name in the dataclass, for errors.
        label: Before the colon.
        text: After it.
        lines: It may take.
        indent_px: Of the label.
        narrower_px: How much less room the value has than the others.
    """

    field: str
    label: str
    text: str
    lines: int = 1
    indent_px: int = 0
    narrower_px: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where rows came to stand.

    Attributes:
        tops: Field to the top of its last line.
        pitch_px: Height of a line.
        size_px: Size of labels, and the largest of values.
    """

    tops: dict[str, float]
    pitch_px: float
    size_px: int


@dataclass(frozen=True, slots=True)
class Table:
    """Where rows go.

    Attributes:
        value_px: Where values begin.
        pitch_px: Height of a line while there is room.
    """

    left_px: int
    value_px: int
    right_px: int
    top_px: int
    bottom_px: int
    size_px: int
    smallest_px: int
    pitch_px: float

    def draw(self, canvas: Canvas, rows: tuple[Row, ...]) -> "Drawn":
        """Draw the rows.

        Raises:
            DesignDoesNotFit: One does not fit its lines, or all of them together are too many.
        """
        fitted = [self._fitted(row) for row in rows]
        count = sum(len(each.lines) for each in fitted)
        pitch = min(self.pitch_px, (self.bottom_px - self.top_px) / count)
        if pitch < self.smallest_px * TIGHT:
            longest = max(zip(fitted, rows, strict=True), key=lambda pair: len(pair[0].lines))[1]
            raise DesignDoesNotFit(longest.field, "leaves no room for the other fields")
        highest = min(self.size_px, int(pitch / TIGHT))
        tops: dict[str, float] = {}
        y = float(self.top_px)
        for row, value in zip(rows, fitted, strict=True):
            # What fits at its size fits at a smaller one, on the same lines.
            value = Fitted(value.lines, min(value.size_px, highest))
            label = Fitted((row.label,), highest)
            canvas.block(self.left_px + row.indent_px, y, label, Weight.REGULAR, pitch)
            canvas.block(self.value_px - 20, y, Fitted((":",), label.size_px), Weight.REGULAR, pitch)
            y = canvas.block(self.value_px, y, value, Weight.BOLD, pitch)
            tops[row.field] = y - pitch
        return Drawn(tops, pitch, highest)

    def _fitted(self, row: Row) -> Fitted:
        width = self.right_px - self.value_px - row.narrower_px
        return fit(row.field, row.text, Place(width, row.lines, self.size_px, self.smallest_px))
