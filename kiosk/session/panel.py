"""What the resident sees and touches, as the journey uses it. Holds the one current View; nothing here draws.

The View's revision grows with every change, so screens always know the newest. An act counts when it was made on any
View since the current question was asked: a progress update that arrives under a finger does not lose the touch.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech
from adm.registry.v1 import registry_pb2 as registry

Screen = (
    pb.AttractScreen
    | pb.PlaceCardScreen
    | pb.ReadingScreen
    | pb.FaceScreen
    | pb.ChooseDocumentScreen
    | pb.ProofreadScreen
    | pb.PrintingScreen
    | pb.TakePaperScreen
    | pb.ReceiptScreen
    | pb.GoodbyeScreen
    | pb.TroubleScreen
    | pb.OutOfServiceScreen
    | pb.StillThereScreen
    | pb.ShowQrScreen
    | pb.EnterPinScreen
    | pb.OfficerScreen
    | pb.VerdictScreen
    | pb.TakeCardScreen
    | pb.SurrenderCardScreen
    | tech.TechnicianPinScreen
    | tech.TechnicianMenuScreen
    | tech.SelfTestScreen
    | tech.SelfTestResultScreen
    | tech.LoadStockScreen
    | tech.ClearJamScreen
    | tech.SettleScreen
    | tech.TouchTestScreen
    | tech.DisplayTestScreen
    | tech.PickScreen
    | tech.TaskScreen
)
Worded = Callable[[pb.Language.ValueType], Screen]
"""A screen with words of the daemon's own: made for a language, and made anew for another one."""

_FIELD_OF: Final = {
    field.message_type.name: field.name
    for field in pb.View.DESCRIPTOR.oneofs_by_name["screen"].fields
    if field.message_type is not None
}
_IMAGE_LIMIT: Final = 64
WITH_PREVIEW: Final = frozenset({"face", "show_qr", "self_test"})


class Abandoned(Exception):
    """The resident left: said so, or did not answer."""


class Panel:
    """The current View, the question that is open, and what only this session may show."""

    def __init__(self, default_language: pb.Language.ValueType) -> None:
        self._default_language = default_language
        self.language = default_language
        self._revision = 0
        self._asked_at = 0
        self._acts: frozenset[str] = frozenset()
        self._answer: asyncio.Future[pb.ActRequest] | None = None
        self._changed = asyncio.Condition()
        self._images: dict[str, bytes] = {}
        self._frame: pb.PreviewResponse | None = None
        self._frames = 0
        self._frame_came = asyncio.Condition()
        self.view = pb.View()
        self._screen: Screen | Worded = pb.OutOfServiceScreen(reason=pb.OUT_OF_SERVICE_REASON_STARTING)
        self._timeout_s = 0
        self._build()

    @property
    def screen_name(self) -> str:
        """Name of the screen shown, as attract."""
        return self.view.WhichOneof("screen") or ""

    async def show(self, screen: Screen | Worded, timeout_s: float = 0) -> None:
        """Show a screen; `timeout_s` is the countdown it shows."""
        timeout = round(timeout_s)
        # Held against what is shown, not against what was handed in: a caller may have changed that since.
        if timeout == self._timeout_s and self._drawn(screen) == self._shown():
            self._screen = screen
            return
        self._screen, self._timeout_s = screen, timeout
        await self._publish()

    async def wait_act(self, *acts: str) -> pb.ActRequest:
        """The first touch of one of these acts on what is shown from now on."""
        answer: asyncio.Future[pb.ActRequest] = asyncio.get_running_loop().create_future()
        self._answer, self._acts, self._asked_at = answer, frozenset(acts), self._revision
        try:
            return await answer
        finally:
            if self._answer is answer:
                self._answer, self._acts = None, frozenset()

    async def ask(self, screen: Screen | Worded, *acts: str, idle_s: float, still_there_s: float) -> pb.ActRequest:
        """Show a question and wait for its answer; somebody who does not answer is asked whether they are there.

        Raises:
            Abandoned: They are not, or they touched cancel and the question does not take it itself.
        """
        while True:
            await self.show(screen, idle_s)
            try:
                async with asyncio.timeout(idle_s):
                    return await self.wait_act(*acts)
            except TimeoutError:
                await self.still_there(still_there_s)

    async def still_there(
        self, seconds: float, to_take: registry.DocumentKind.ValueType = registry.DOCUMENT_KIND_UNSPECIFIED
    ) -> None:
        """Ask whether somebody is there. Raises Abandoned when nobody says so.

        Args:
            to_take: What lies ready for them, if anything does.
        """
        await self.show(pb.StillThereScreen(seconds_left=round(seconds), to_take=to_take), seconds)
        try:
            async with asyncio.timeout(seconds):
                act = await self.wait_act("keep_going", "cancel")
        except TimeoutError:
            raise Abandoned("no answer") from None
        if act.WhichOneof("act") == "cancel":
            raise Abandoned("cancelled")

    async def act(self, request: pb.ActRequest) -> bool:
        """A touch arrives. Returns whether it counted."""
        name = request.WhichOneof("act")
        if name == "set_language":
            self.language = request.set_language.language
            await self._publish()
            return True
        answer = self._answer
        fresh = self._asked_at <= request.revision <= self._revision
        if name not in self._acts or not fresh or answer is None or answer.done():
            return False
        answer.set_result(request)
        return True

    async def views(self) -> AsyncIterator[pb.View]:
        """The current View at once, then the newest after each change."""
        sent = -1
        while True:
            async with self._changed:
                while self.view.revision == sent:
                    await self._changed.wait()
                view = self.view
            sent = view.revision
            yield view

    def add_image(self, image_id: str, png: bytes) -> None:
        """Keep a page to show until the session ends."""
        if len(self._images) >= _IMAGE_LIMIT:
            del self._images[next(iter(self._images))]
        self._images[image_id] = png

    def image(self, image_id: str) -> bytes | None:
        """A page of this session."""
        return self._images.get(image_id)

    async def add_frame(self, frame: pb.PreviewResponse | None) -> None:
        """The newest preview frame; None ends every preview."""
        async with self._frame_came:
            self._frame = frame
            self._frames += 1
            self._frame_came.notify_all()

    async def frames(self) -> AsyncIterator[pb.PreviewResponse]:
        """Newest preview frames until a screen with a preview is left."""
        sent = self._frames
        while self.screen_name in WITH_PREVIEW:
            async with self._frame_came:
                while self._frames == sent:
                    await self._frame_came.wait()
                frame, sent = self._frame, self._frames
            if frame is None:
                return
            yield frame

    async def forget(self) -> None:
        """Drop everything of the session that has ended; the language goes back to the machine's."""
        self._images.clear()
        self.language = self._default_language
        await self.add_frame(None)

    async def _publish(self) -> None:
        before = self.screen_name
        self._revision += 1
        self._build()
        if before in WITH_PREVIEW and before != self.screen_name:
            await self.add_frame(None)
        async with self._changed:
            self._changed.notify_all()

    def _drawn(self, screen: Screen | Worded) -> Screen:
        return screen(self.language) if callable(screen) else screen

    def _shown(self) -> Screen:
        shown: Screen = getattr(self.view, self.screen_name)
        return shown

    def _build(self) -> None:
        screen = self._drawn(self._screen)
        field = _FIELD_OF[screen.DESCRIPTOR.name]
        view = pb.View(revision=self._revision, language=self.language, timeout_s=self._timeout_s)
        getattr(view, field).CopyFrom(screen)
        self.view = view
