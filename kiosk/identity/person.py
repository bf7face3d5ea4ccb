"""The person before the camera: alive, gathered as templates, decided by the registry, guided to another try."""

import asyncio
import random
from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from biometrics.engine import Template, distance
from drivers.camera.port import Frame
from kiosk import logs
from kiosk.identity.face import FaceCheck, middle, preview
from kiosk.identity.guidance import Hint, HintKeeper
from kiosk.identity.liveness import Ask, LivenessCheck
from kiosk.identity.liveness import End as LivenessEnd
from kiosk.identity.looking import Look, camera_on, look
from kiosk.registry.client import RegistryError
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble, of_registry

SHOW_RESULT_S: Final = 1.5
ASK_OFFICER: Final = "ask_officer"

_ASKED: Final = {
    Ask.TURN_LEFT: "TURN_LEFT",
    Ask.TURN_RIGHT: "TURN_RIGHT",
    Ask.LOOK_STRAIGHT: "LOOK_STRAIGHT",
    Ask.NOTHING: "UNSPECIFIED",
}


async def verify_face(session: ResidentSession, started: registry.StartSessionResponse) -> registry.VerifyFaceResponse:
    """The registry's yes, with whom to greet.

    Raises:
        Trouble: No match, not live, locked, or the camera fails.
        Chose: The resident asks for an officer.
        Abandoned: The resident left.
    """
    faces = session.kiosk.faces
    if started.face_model_id != faces.model_id:
        raise Trouble(pb.TROUBLE_KIND_MACHINE)
    async with camera_on(session):
        live = LivenessCheck(faces, random.SystemRandom().random)
        check = FaceCheck(faces)
        try:
            if session.kiosk.config.identity.liveness == "required":
                await _prove_life(session, live, started.attempts_left)
            return await _until_matched(session, live, check, started.attempts_left)
        finally:
            live.close()
            check.close()


async def _prove_life(session: ResidentSession, live: LivenessCheck, attempts_left: int) -> None:
    keeper = HintKeeper()

    def judge(frame: Frame) -> Look[LivenessEnd]:
        step = live.step(frame)
        hint = keeper.update(step.hint, frame.at_s).name
        if hint == Hint.UNSPECIFIED.name:
            hint = _ASKED[step.ask]
        screen = _screen(pb.FACE_PHASE_TURNING, attempts_left, hint, step.progress)
        return Look(screen, preview(middle(frame.bgr), None), step.end)

    first = _screen(pb.FACE_PHASE_TURNING, attempts_left, "LOOK_STRAIGHT")
    end = await look(session, first, judge, ASK_OFFICER)
    if end is not LivenessEnd.PASSED:
        logs.event("not_live", reason=end.value)
        raise Trouble(pb.TROUBLE_KIND_NOT_LIVE)


async def _until_matched(
    session: ResidentSession, live: LivenessCheck, check: FaceCheck, attempts_left: int
) -> registry.VerifyFaceResponse:
    while True:
        await _gather(session, check, attempts_left)
        if live.known_template is not None and not _same(session, live.known_template, check.templates):
            logs.event("not_live", reason="other_face_afterwards")
            raise Trouble(pb.TROUBLE_KIND_NOT_LIVE)
        await session.panel.show(_screen(pb.FACE_PHASE_CHECKING, attempts_left, progress=1.0))
        score = live.score if live.end is LivenessEnd.PASSED else None
        try:
            reply = await session.kiosk.registry.verify_face(
                session.session_id, check.model_id, [template.tolist() for template in check.templates], score
            )
        except RegistryError as error:
            raise of_registry(error) from error
        if reply.match:
            await session.panel.show(_screen(pb.FACE_PHASE_MATCHED, attempts_left, progress=1.0))
            return reply
        check.retry()
        attempts_left = reply.attempts_left
        if attempts_left == 0:
            raise Trouble(pb.TROUBLE_KIND_FACE_NOT_MATCHED)
        await session.panel.show(_screen(pb.FACE_PHASE_NOT_MATCHED, attempts_left))
        await asyncio.sleep(SHOW_RESULT_S)  # long enough to be read


async def _gather(session: ResidentSession, check: FaceCheck, attempts_left: int) -> None:
    """Frontal, usable frames until enough templates are there."""

    def judge(frame: Frame) -> Look[bool]:
        step = check.step(frame)
        screen = _screen(pb.FACE_PHASE_LOOKING, attempts_left, step.hint.name, step.progress)
        return Look(screen, step.preview, True if check.complete else None)

    await look(session, _screen(pb.FACE_PHASE_LOOKING, attempts_left), judge, ASK_OFFICER)


def _same(session: ResidentSession, known: Template, templates: tuple[Template, ...]) -> bool:
    """Whether the face that turned is the face that is to be compared."""
    return all(distance(known, template) <= session.kiosk.faces.threshold for template in templates)


def _screen(
    phase: "pb.FacePhase.ValueType", attempts_left: int, hint: str = "UNSPECIFIED", progress: float = 0.0
) -> pb.FaceScreen:
    return pb.FaceScreen(
        phase=phase,
        hint=pb.FaceHint.Value(f"FACE_HINT_{hint}"),
        attempts_left=attempts_left,
        progress=round(progress, 2),
    )
