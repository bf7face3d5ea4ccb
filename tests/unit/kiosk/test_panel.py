"""What counts as a touch, who is asked whether they are there, and what a session leaves behind."""

import asyncio

import pytest
from adm.panel.v1 import panel_pb2 as pb

from kiosk.session.panel import Abandoned, Panel

START = pb.StartAct()


@pytest.fixture
def panel() -> Panel:
    return Panel(pb.LANGUAGE_ID)


def _act(panel: Panel, **act: object) -> pb.ActRequest:
    return pb.ActRequest(revision=panel.view.revision, **act)  # type: ignore[arg-type]


async def _asked(panel: Panel) -> None:
    """Let the question come up: it needs a few turns of the loop and no time."""
    for _ in range(1000):
        if panel._acts:
            return
        await asyncio.sleep(0)
    pytest.fail("nothing is asked")


async def _shown(panel: Panel, name: str) -> None:
    async for view in panel.views():
        if view.WhichOneof("screen") == name:
            return


async def test_a_touch_answers_the_question(panel: Panel) -> None:
    asking = asyncio.create_task(panel.ask(pb.AttractScreen(), "start", idle_s=60, still_there_s=60))
    await _asked(panel)
    assert await panel.act(_act(panel, start=START))
    assert (await asking).WhichOneof("act") == "start"


async def test_a_question_that_its_asker_changes_and_asks_again_is_shown_as_it_is_now(panel: Panel) -> None:
    screen = pb.SurrenderCardScreen(into_slot=True)
    await panel.show(screen, 20)
    screen.not_seen = True
    await panel.show(screen, 20)
    assert panel.view.surrender_card.not_seen
    revision = panel.view.revision
    await panel.show(screen, 20)
    assert panel.view.revision == revision


async def test_a_touch_on_a_screen_that_is_gone_does_not_count(panel: Panel) -> None:
    await panel.show(pb.AttractScreen(site_name="before"))
    stale = _act(panel, done=pb.DoneAct())
    asking = asyncio.create_task(panel.ask(pb.GoodbyeScreen(), "done", idle_s=60, still_there_s=60))
    await _asked(panel)
    assert not await panel.act(stale)
    assert await panel.act(_act(panel, done=pb.DoneAct()))
    await asking


async def test_progress_under_the_finger_does_not_lose_the_touch(panel: Panel) -> None:
    await panel.show(pb.FaceScreen(progress=0.1))
    waiting = asyncio.create_task(panel.wait_act("cancel"))
    await _asked(panel)
    touch = _act(panel, cancel=pb.CancelAct())
    await panel.show(pb.FaceScreen(progress=0.2))
    assert await panel.act(touch)
    await waiting


async def test_a_touch_that_the_screen_does_not_offer_does_not_count(panel: Panel) -> None:
    asking = asyncio.create_task(panel.ask(pb.AttractScreen(), "start", idle_s=60, still_there_s=60))
    await _asked(panel)
    assert not await panel.act(_act(panel, confirm=pb.ConfirmAct()))
    asking.cancel()


async def test_a_second_touch_on_the_same_answer_does_not_count(panel: Panel) -> None:
    asking = asyncio.create_task(panel.ask(pb.AttractScreen(), "start", idle_s=60, still_there_s=60))
    await _asked(panel)
    touch = _act(panel, start=START)
    assert await panel.act(touch)
    assert not await panel.act(touch)
    await asking
    assert not await panel.act(touch)


async def test_the_language_switches_on_any_screen_and_the_question_stays(panel: Panel) -> None:
    asking = asyncio.create_task(panel.ask(pb.AttractScreen(), "start", idle_s=60, still_there_s=60))
    await _asked(panel)
    assert await panel.act(_act(panel, set_language=pb.SetLanguageAct(language=pb.LANGUAGE_EN)))
    assert panel.view.language == pb.LANGUAGE_EN
    assert panel.screen_name == "attract"
    assert await panel.act(_act(panel, start=START))
    await asking


async def test_somebody_who_says_they_are_there_sees_the_question_again(panel: Panel) -> None:
    asking = asyncio.create_task(panel.ask(pb.GoodbyeScreen(), "done", idle_s=0.05, still_there_s=60))
    await _shown(panel, "still_there")
    await _asked(panel)
    assert await panel.act(_act(panel, keep_going=pb.KeepGoingAct()))
    await _shown(panel, "goodbye")
    await _asked(panel)
    assert await panel.act(_act(panel, done=pb.DoneAct()))
    await asking


@pytest.mark.parametrize("answer", ["cancel", "nothing"])
async def test_somebody_who_left_is_abandoned(panel: Panel, answer: str) -> None:
    seconds = 0.05 if answer == "nothing" else 60
    asking = asyncio.create_task(panel.ask(pb.GoodbyeScreen(), "done", idle_s=0.05, still_there_s=seconds))
    if answer == "cancel":
        await _shown(panel, "still_there")
        await _asked(panel)
        await panel.act(_act(panel, cancel=pb.CancelAct()))
    with pytest.raises(Abandoned):
        await asking


async def test_a_screen_that_comes_late_gets_the_current_view_at_once_and_only_the_newest_later(panel: Panel) -> None:
    await panel.show(pb.AttractScreen(site_name="Magetan"))
    views = panel.views()
    assert (await anext(views)).attract.site_name == "Magetan"
    for progress in (0.1, 0.2, 0.3):
        await panel.show(pb.ReadingScreen(progress=progress))
    assert (await anext(views)).reading.progress == pytest.approx(0.3)


async def test_a_session_leaves_no_page_no_frame_and_no_language_behind(panel: Panel) -> None:
    panel.add_image("page", b"PNG")
    await panel.show(pb.FaceScreen())
    await panel.add_frame(pb.PreviewResponse(width_px=1))
    await panel.act(_act(panel, set_language=pb.SetLanguageAct(language=pb.LANGUAGE_EN)))
    await panel.forget()
    assert panel._frame is None
    assert panel.image("page") is None
    assert panel.language == pb.LANGUAGE_ID


async def test_a_preview_shows_the_newest_frame_and_ends_with_the_face_screen(panel: Panel) -> None:
    await panel.show(pb.FaceScreen())
    frames = panel.frames()
    first = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    await panel.add_frame(pb.PreviewResponse(width_px=1))
    assert (await first).width_px == 1
    last = asyncio.ensure_future(anext(frames))
    await asyncio.sleep(0)
    await panel.show(pb.GoodbyeScreen())
    with pytest.raises(StopAsyncIteration):
        await last
