"""The person at the machine as the checks ask them: questions cross from the checks' threads to the panel and back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from typing import TYPE_CHECKING, Any, Final, TypeVar

import cv2
import numpy as np
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from drivers.camera.port import Frame
from selftest.operator import Step

if TYPE_CHECKING:
    from kiosk.technician.testing import Running

T = TypeVar("T")
STEPS: Final[Mapping[Step, tech.OperatorStep.ValueType]] = {
    Step.PLACE_CARD: tech.OPERATOR_STEP_PLACE_CARD,
    Step.SHOW_RECEIPT: tech.OPERATOR_STEP_SHOW_RECEIPT,
    Step.SHOW_PAGE: tech.OPERATOR_STEP_SHOW_PAGE,
    Step.HEAR_SOUND: tech.OPERATOR_STEP_HEAR_SOUND,
    Step.WATCH_PREVIEW: tech.OPERATOR_STEP_WATCH_PREVIEW,
    Step.LOAD_TEST_BLANK: tech.OPERATOR_STEP_LOAD_TEST_BLANK,
    Step.LOAD_KIA_TEST_BLANK: tech.OPERATOR_STEP_LOAD_KIA_TEST_BLANK,
    Step.PLACE_ENCODED_CARD: tech.OPERATOR_STEP_PLACE_ENCODED_CARD,
}
GRACE_S: Final = 2.0
PREVIEW_PX: Final = 480


class AtThePanel:
    """A `selftest.operator.Operator` on the machine's own screen. One question at a time, from any thread."""

    def __init__(self, running: Running, loop: asyncio.AbstractEventLoop) -> None:
        self._running = running
        self._loop = loop
        self._turn = threading.Lock()
        self._step: Future[Any] | None = None
        self._numbers = 0

    def ask(self, step: Step, within_s: float) -> bool | None:
        """Confirm or reject; None when neither comes."""
        with self._turn:
            return self._asked(self._running.answer(STEPS[step], within_s), within_s)

    def begin(self, step: Step, within_s: float) -> bool:
        """Show a step; the turn is kept until `end`."""
        self._turn.acquire()
        self._step = asyncio.run_coroutine_threadsafe(self._running.answer(STEPS[step], within_s), self._loop)
        return True

    def gave_up(self) -> bool:
        """Reject was touched, the self-test was cancelled, or the time is over."""
        step = self._step
        return step is None or step.done()

    def end(self) -> None:
        """The step is over."""
        step, self._step = self._step, None
        if step is not None:
            step.cancel()
        self._call(self._running.step_over(), GRACE_S)
        self._turn.release()

    def frame(self, frame: Frame) -> None:
        """Show what the camera sees."""
        self._call(self._running.panel.add_frame(_preview(frame, 0)), GRACE_S)

    def shown_after_s(self, frame: Frame, within_s: float) -> float | None:
        """Until the screens say that they have drawn it."""
        self._numbers += 1
        number = self._numbers
        shown = self._asked(self._running.shown(_preview(frame, number), number), within_s)
        return None if shown is None else time.monotonic() - frame.at_s

    def dead_cells(self, columns: int, rows: int, within_s: float) -> list[int] | None:
        """By the screens' own map."""
        with self._turn:
            screen = tech.TouchTestScreen(columns=columns, rows=rows, seconds_left=round(within_s))
            answer = self._asked(self._running.detour(screen, within_s, "touch_map", "cancel"), within_s)
            if answer is None or answer.WhichOneof("act") != "touch_map":
                return None
            return sorted({cell for cell in answer.touch_map.dead if cell < columns * rows})

    def display_fine(self, within_s: float) -> bool | None:
        """What they say after having looked."""
        with self._turn:
            screen = tech.DisplayTestScreen()
            answer = self._asked(self._running.detour(screen, within_s, "confirm", "reject", "cancel"), within_s)
            if answer is None or answer.WhichOneof("act") == "cancel":
                return None
            return answer.WhichOneof("act") == "confirm"

    def _asked(self, question: Coroutine[Any, Any, T], within_s: float) -> T | None:
        return self._call(question, within_s + GRACE_S)

    def _call(self, work: Coroutine[Any, Any, T], within_s: float) -> T | None:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(within_s)
        except (NotInTime, TimeoutError, asyncio.CancelledError):
            future.cancel()
            return None


def _preview(frame: Frame, number: int) -> pb.PreviewResponse:
    """Small and mirrored, as residents see themselves."""
    height, width = frame.bgr.shape[:2]
    size = (PREVIEW_PX, max(1, round(PREVIEW_PX * height / width)))
    small = cv2.resize(frame.bgr, size, interpolation=cv2.INTER_AREA)
    rgb = np.ascontiguousarray(small[:, ::-1, ::-1])
    return pb.PreviewResponse(width_px=size[0], height_px=size[1], rgb=rgb.tobytes(), number=number)
