"""The person at the machine, as a check asks them. Every call may take long, and each has its limit."""

from enum import StrEnum
from typing import Protocol

from drivers.camera.port import Frame


class Step(StrEnum):
    """What a person is asked for."""

    PLACE_CARD = "place_card"
    SHOW_RECEIPT = "show_receipt"
    SHOW_PAGE = "show_page"
    HEAR_SOUND = "hear_sound"
    WATCH_PREVIEW = "watch_preview"
    LOAD_TEST_BLANK = "load_test_blank"
    LOAD_KIA_TEST_BLANK = "load_kia_test_blank"
    PLACE_ENCODED_CARD = "place_encoded_card"


class Cancelled(Exception):
    """They ended the self-test."""


class Operator(Protocol):
    """Somebody who can be asked. Called from the checks' threads, one question at a time."""

    def ask(self, step: Step, within_s: float) -> bool | None:
        """Yes, no, or None when nobody answered or this face of the self-test cannot ask it."""

    def begin(self, step: Step, within_s: float) -> bool:
        """Say what to do; the check itself sees when it is done. False: nobody is there to do it."""

    def gave_up(self) -> bool:
        """Whether they said that they cannot, since `begin`."""

    def end(self) -> None:
        """The step that was begun is over."""

    def frame(self, frame: Frame) -> None:
        """Show what the camera sees during a step."""

    def shown_after_s(self, frame: Frame, within_s: float) -> float | None:
        """Show a frame, and say how long after it was grabbed it was on the display; None when nobody said."""

    def dead_cells(self, columns: int, rows: int, within_s: float) -> list[int] | None:
        """Cells of the screen that took no touch; None when it cannot be tried."""

    def display_fine(self, within_s: float) -> bool | None:
        """Whether plain colours and fine lines look as they should; None when it cannot be tried."""


class Absent:
    """An `Operator` whom nothing can be asked or shown: what somebody who can do less than all of it begins from."""

    def ask(self, step: Step, within_s: float) -> bool | None:
        """Nobody answers."""
        return None

    def begin(self, step: Step, within_s: float) -> bool:
        """Nobody does it."""
        return False

    def gave_up(self) -> bool:
        """Nobody says so."""
        return False

    def end(self) -> None:
        """Nobody is told."""

    def frame(self, frame: Frame) -> None:
        """Nobody looks."""

    def shown_after_s(self, frame: Frame, within_s: float) -> float | None:
        """Nothing is shown."""
        return None

    def dead_cells(self, columns: int, rows: int, within_s: float) -> list[int] | None:
        """Nothing is touched."""
        return None

    def display_fine(self, within_s: float) -> bool | None:
        """Nobody looks."""
        return None
