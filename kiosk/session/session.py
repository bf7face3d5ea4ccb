"""One resident's time at the machine. Leaving it, however that happens, erases everything personal."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from adm.panel.v1 import panel_pb2 as pb

from kiosk import logs, memory
from kiosk.kiosk import Kiosk
from kiosk.registry.client import RegistryError
from kiosk.session.meanwhile import meanwhile
from kiosk.session.panel import Abandoned, Screen

T = TypeVar("T")


class Chose(Exception):
    """Something else was touched while the machine was at work.

    Attributes:
        act: What.
    """

    def __init__(self, act: str) -> None:
        super().__init__(act)
        self.act = act


class ResidentSession:
    """What one resident's journey holds and how it waits for people.

    Attributes:
        session_id: The registry's name for it, once begun.
        token: The right to list and print, once the face matched.
        resident_name: Whom to greet.
    """

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.panel = kiosk.panel
        self.session_id = ""
        self.token = ""
        self.resident_name = ""

    async def ask(self, screen: Screen, *acts: str, idle_s: float | None = None) -> pb.ActRequest:
        """Show a question and wait for one of `acts`.

        Raises:
            Abandoned: Nobody is there, or cancel was touched and is not one of `acts`.
        """
        waits = self.kiosk.config.session
        answer = await self.panel.ask(
            screen,
            *{*acts, "cancel"},
            idle_s=waits.idle_s if idle_s is None else idle_s,
            still_there_s=waits.still_there_s,
        )
        if answer.WhichOneof("act") == "cancel" and "cancel" not in acts:
            raise Abandoned("cancelled")
        return answer

    async def during(self, screen: Screen, work: Coroutine[Any, Any, T], *acts: str, idle: bool = True) -> T:
        """Show a screen while `work` goes on.

        Args:
            acts: What may be touched meanwhile, besides cancel.
            idle: Whether somebody who touches nothing is asked if they are there.

        Raises:
            Chose: One of `acts` was touched; the work was cancelled.
            Abandoned: The resident left; the work was cancelled.
        """
        return await meanwhile(work, self._choice(screen, acts, idle))

    async def _choice(self, screen: Screen, acts: tuple[str, ...], idle: bool) -> None:
        if idle:
            act = await self.ask(screen, *acts)
        else:
            await self.panel.show(screen)
            act = await self.panel.wait_act("cancel", *acts)
        name = act.WhichOneof("act") or ""
        if name not in acts:
            raise Abandoned("cancelled")
        raise Chose(name)

    async def _erase(self) -> None:
        session_id, self.session_id = self.session_id, ""
        self.token = self.resident_name = ""
        await self.panel.forget()
        memory.give_back()
        if session_id:
            self.kiosk.background(self._end_at_registry(session_id))

    async def _end_at_registry(self, session_id: str) -> None:
        try:
            await self.kiosk.registry.end_session(session_id)
        except RegistryError as error:
            logs.event("session_left_to_expire", error=error)


@asynccontextmanager
async def resident_session(kiosk: Kiosk) -> AsyncIterator[ResidentSession]:
    """Begin a session; leaving erases it."""
    session = ResidentSession(kiosk)
    kiosk.in_session = True
    try:
        yield session
    finally:
        await asyncio.shield(session._erase())
        kiosk.in_session = False
