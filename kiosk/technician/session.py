"""One technician's time at the machine: who it is, how the machine asks, and that every deed is journaled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from kiosk import logs
from kiosk.session.meanwhile import meanwhile
from kiosk.session.panel import Panel, Screen, Worded
from kiosk.technician.notebook import note
from kiosk.technician.staff import Holder, Role
from kiosk.technician.words import say

if TYPE_CHECKING:
    from kiosk.kiosk import Kiosk

T = TypeVar("T")
LOOK_S: Final = 0.5
ROLES: Final = {
    Role.ATTENDANT: tech.TECHNICIAN_ROLE_ATTENDANT,
    Role.TECHNICIAN: tech.TECHNICIAN_ROLE_TECHNICIAN,
    Role.AUDITOR: tech.TECHNICIAN_ROLE_AUDITOR,
}


class Back(Exception):
    """The task was left: back to the menu."""


class TechnicianSession:
    """What a task holds.

    Attributes:
        holder: Who works here.
        read_only: The journal takes nothing: what issues, books or changes anything is not offered.
    """

    def __init__(self, kiosk: Kiosk, holder: Holder) -> None:
        self.kiosk = kiosk
        self.holder = holder
        self.read_only = False

    @property
    def panel(self) -> Panel:
        """What is shown and touched."""
        return self.kiosk.panel

    async def deed(self, act: str, **detail: str | int) -> None:
        """Write who does what, before it is done. Raises JournalError: then it is not done."""
        if self.read_only:
            await note(self.kiosk, self.holder, act, detail)
        else:
            await self.kiosk.ledger.record_technician(self.holder.staff, self.holder.role.value, act, detail)
        logs.event("technician", reason=act)

    async def ask(self, screen: Screen | Worded, *acts: str) -> pb.ActRequest:
        """Show a question and wait for one of `acts`.

        Raises:
            Back: Cancel was touched, and is not one of `acts`.
            Abandoned: Nobody is there any more.
        """
        waits = self.kiosk.config
        answer = await self.panel.ask(
            screen, *{*acts, "cancel"}, idle_s=waits.technician.idle_s, still_there_s=waits.session.still_there_s
        )
        return self._checked(answer, acts)

    async def live(self, draw: Callable[[], Awaitable[Screen | Worded]], *acts: str) -> pb.ActRequest:
        """The same with a screen that is drawn anew twice a second. Raises as `ask`."""
        while True:
            await self.panel.show(await draw())
            answer = asyncio.ensure_future(self.panel.wait_act(*{*acts, "cancel"}))
            try:
                async with asyncio.timeout(self.kiosk.config.technician.idle_s):
                    while not (await asyncio.wait({answer}, timeout=LOOK_S))[0]:
                        await self.panel.show(await draw())
                return self._checked(answer.result(), acts)
            except TimeoutError:
                await self.panel.still_there(self.kiosk.config.session.still_there_s)
            finally:
                answer.cancel()

    async def until(self, screen: Screen | Worded, work: Coroutine[Any, Any, T]) -> T:
        """Show a screen until `work` is done. Raises Back and Abandoned as `ask`; then `work` is cancelled."""
        return await meanwhile(work, self.ask(screen))

    async def task(
        self,
        task: tech.TechnicianTask.ValueType,
        state: tech.TaskState.ValueType,
        key: str,
        *,
        device: str = "",
        facts: tuple[tuple[str, str], ...] = (),
        **values: object,
    ) -> pb.ActRequest | None:
        """Show the screen of a task without one of its own; wait for the touch unless it says WORKING.

        Args:
            facts: Key of the title, and value.

        Raises:
            Back: Cancel, or anything that ends a DONE or FAILED that cannot be tried again.
        """

        def worded(language: pb.Language.ValueType) -> tech.TaskScreen:
            lines = [tech.TaskFact(title=say(title, language), value=value) for title, value in facts]
            words = say(key, language, **values)
            return tech.TaskScreen(task=task, state=state, words=words, device=device, facts=lines)

        if state == tech.TASK_STATE_WORKING:
            await self.panel.show(worded)
            return None
        acts = {
            tech.TASK_STATE_ASK: ("confirm",),
            tech.TASK_STATE_BY_HAND: ("confirm",),
            tech.TASK_STATE_JUDGE: ("confirm", "reject"),
            tech.TASK_STATE_DONE: ("done",),
            tech.TASK_STATE_FAILED: ("done", "retry"),
        }[state]
        answer = await self.ask(worded, *acts)
        if answer.WhichOneof("act") == "done":
            raise Back
        return answer

    @staticmethod
    def _checked(answer: pb.ActRequest, acts: tuple[str, ...]) -> pb.ActRequest:
        if answer.WhichOneof("act") == "cancel" and "cancel" not in acts:
            raise Back
        return answer
