"""The person before the camera: gather live templates, let the registry decide, guide whoever needs another try."""

import asyncio
from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from drivers.camera.port import Camera, Frame
from drivers.deadline import Deadline
from drivers.errors import DriverError
from kiosk.identity.face import FaceCheck, FaceStep
from kiosk.registry.client import RegistryError
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble, of_registry

OPEN_S: Final = 5.0
FRAME_S: Final = 4.0
PATIENCE_S: Final = 60.0
SHOW_RESULT_S: Final = 1.5


async def verify_face(session: ResidentSession, started: registry.StartSessionResponse) -> registry.VerifyFaceResponse:
    """The registry's yes, with whom to greet.

    Raises:
        Trouble: No match, locked, or the camera fails.
        Abandoned: The resident left.
    """
    kiosk = session.kiosk
    check = FaceCheck(kiosk.faces)
    if started.face_model_id != check.model_id:
        raise Trouble(pb.TROUBLE_KIND_MACHINE)
    try:
        await kiosk.camera.call(lambda camera: camera.open(Deadline.after(OPEN_S)), OPEN_S)
        return await _until_matched(session, check, started.attempts_left)
    except DriverError as error:
        raise Trouble(pb.TROUBLE_KIND_CAMERA) from error
    finally:
        check.close()
        await session.panel.add_frame(None)
        kiosk.background(_close(session))


async def _until_matched(session: ResidentSession, check: FaceCheck, attempts_left: int) -> registry.VerifyFaceResponse:
    while True:
        screen = _screen(pb.FACE_PHASE_LOOKING, attempts_left)
        await session.during(screen, _gather(session, check, attempts_left), idle=False)
        await session.panel.show(_screen(pb.FACE_PHASE_CHECKING, attempts_left, progress=1.0))
        try:
            reply = await session.kiosk.registry.verify_face(
                session.session_id, check.model_id, [template.tolist() for template in check.templates]
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
    """Show frames and hints until enough templates are there; ask now and then whether anybody is."""
    patience, number = Deadline.after(PATIENCE_S), 0
    while not check.complete:
        if patience.expired:
            await session.panel.still_there(session.kiosk.config.session.still_there_s)
            patience = Deadline.after(PATIENCE_S)
        last = number

        def look(camera: Camera, last: int = last) -> tuple[Frame, FaceStep]:
            frame = camera.newest(last, Deadline.after(FRAME_S))
            return frame, check.step(frame)

        frame, step = await session.kiosk.camera.call(look, FRAME_S)
        number = frame.number
        await _preview(session, step)
        await session.panel.show(
            _screen(
                pb.FACE_PHASE_LOOKING, attempts_left, pb.FaceHint.Value(f"FACE_HINT_{step.hint.name}"), step.progress
            )
        )


async def _preview(session: ResidentSession, step: FaceStep) -> None:
    picture = step.preview
    message = pb.PreviewResponse(width_px=picture.width_px, height_px=picture.height_px, rgb=picture.rgb)
    if picture.face is not None:
        box = picture.face
        message.face.left, message.face.top = box.left, box.top
        message.face.right, message.face.bottom = box.right, box.bottom
    await session.panel.add_frame(message)


async def _close(session: ResidentSession) -> None:
    try:
        await session.kiosk.camera.call(lambda camera: camera.close(), OPEN_S)
    except DriverError:
        return  # the device's own status says what is wrong with it


def _screen(
    phase: "pb.FacePhase.ValueType",
    attempts_left: int,
    hint: "pb.FaceHint.ValueType" = pb.FACE_HINT_UNSPECIFIED,
    progress: float = 0.0,
) -> pb.FaceScreen:
    return pb.FaceScreen(phase=phase, hint=hint, attempts_left=attempts_left, progress=round(progress, 2))
