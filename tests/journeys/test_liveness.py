"""The turns of the head: asked of everybody where the machine is set so, and an officer for whoever cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import pytest_asyncio
from adm.panel.v1 import panel_pb2 as pb

from tests.journeys.conftest import Visitor, machine

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_liveness")]

TURNS = {pb.FACE_HINT_TURN_LEFT: "turn_left", pb.FACE_HINT_TURN_RIGHT: "turn_right"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    """A machine that asks for turns."""
    kiosk = {"identity": {"liveness": "required"}}
    async with machine(tmp_path_factory.mktemp("m"), kiosk=kiosk) as visitor:
        yield visitor


@asynccontextmanager
async def turning(visitor: Visitor) -> AsyncIterator[list[str]]:
    """The person does what the screen asks; gives what was asked."""
    asked: list[str] = []

    async def oblige() -> None:
        before = pb.FACE_HINT_UNSPECIFIED
        async for answer in visitor.demo.panel.stub.Watch(pb.WatchRequest()):
            hint = answer.view.face.hint
            if hint != before and hint in TURNS:
                asked.append(TURNS[hint])
                await visitor.simulator.act("camera", TURNS[hint])
            before = hint

    task = asyncio.create_task(oblige())
    try:
        yield asked
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_somebody_who_turns_as_asked_is_let_in(visitor: Visitor) -> None:
    async with turning(visitor) as asked:
        await visitor.comes("hamid")
        assert (await visitor.sees("choose_document", within_s=60)).choose_document.resident_name == "HAMID SUROSO"
    assert len(asked) >= 2
    await visitor.finishes()


async def test_somebody_who_does_not_turn_is_told_kindly_and_not_let_in(visitor: Visitor) -> None:
    await visitor.comes("mei")
    await visitor.sees("face", where=lambda view: view.face.hint in TURNS)
    assert (await visitor.sees("trouble", within_s=60)).trouble.kind == pb.TROUBLE_KIND_NOT_LIVE
    await visitor.leaves()


async def test_somebody_who_asks_for_the_officer_meets_the_code_pad(visitor: Visitor) -> None:
    await visitor.comes("karto")
    await visitor.sees("face")
    await visitor.touches(ask_officer=pb.AskOfficerAct())
    assert (await visitor.sees("officer")).officer.length == 8
    await visitor.leaves()


async def test_a_preview_runs_beside_the_turns(visitor: Visitor) -> None:
    await visitor.comes("bagus")
    await visitor.sees("face")
    async with asyncio.timeout(20):
        async for frame in visitor.demo.panel.stub.Preview(pb.PreviewRequest(max_fps=5)):
            assert len(frame.rgb) == frame.width_px * frame.height_px * 3
            break
    await visitor.leaves()


async def test_a_camera_pulled_out_in_mid_check_is_said_and_the_next_visitor_is_served(visitor: Visitor) -> None:
    await visitor.comes("mei")
    await visitor.sees("face", where=lambda view: view.face.hint in TURNS)
    await visitor.simulator.fault("camera", "unplugged")
    assert (await visitor.sees("trouble")).trouble.kind == pb.TROUBLE_KIND_CAMERA
    await visitor.simulator.fault("camera", None)
    await visitor.leaves()
    await visitor.comes("mei")
    await visitor.sees("face", where=lambda view: view.face.hint in TURNS)
    await visitor.leaves()


async def test_three_frames_a_second_are_enough_to_get_through(visitor: Visitor) -> None:
    await visitor.simulator.fault("camera", "slow")
    async with turning(visitor) as asked:
        await visitor.comes("hamid")
        assert (await visitor.sees("choose_document", within_s=90)).choose_document.resident_name == "HAMID SUROSO"
    assert len(asked) >= 2
    await visitor.finishes()
