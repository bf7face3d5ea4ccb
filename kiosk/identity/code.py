"""The QR code as evidence: held to the camera, then its PIN. And any document's code, to check it."""

from typing import Final

from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from drivers.camera.port import Frame
from kiosk.identity.face import middle, preview
from kiosk.identity.looking import Look, camera_on, look
from kiosk.identity.qr import Code, CodeKind, CodeReader
from kiosk.registry.client import Refused, RegistryError
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import of_registry

PIN_DIGITS: Final = 6
RELEASE_DIGITS: Final = 8


async def show_code(session: ResidentSession, purpose: "pb.QrPurpose.ValueType") -> Code:
    """A code of the kind that is asked for. To sign in, a stranger's code gets a hint; as a document's, it is found.

    Raises:
        Trouble: The camera fails.
        Abandoned: The resident left.
    """
    check = purpose == pb.QR_PURPOSE_CHECK_DOCUMENT
    wanted = {CodeKind.DOCUMENT, CodeKind.FOREIGN} if check else {CodeKind.TOKEN}
    reader = CodeReader(session.kiosk.config.identity.verify_urls)
    hint = pb.QR_HINT_UNSPECIFIED

    def judge(frame: Frame) -> Look[Code]:
        nonlocal hint
        code = reader.step(frame)
        found = code if code is not None and code.kind in wanted else None
        if code is not None and found is None:
            hint = pb.QR_HINT_NOT_OURS
        return Look(pb.ShowQrScreen(purpose=purpose, hint=hint), preview(middle(frame.bgr), None), found)

    async with camera_on(session):
        try:
            return await look(session, pb.ShowQrScreen(purpose=purpose), judge)
        finally:
            reader.close()


async def sign_in(session: ResidentSession) -> registry.StartSessionResponse:
    """A session at the registry by QR code and PIN.

    Raises:
        Trouble: The code or its PIN is refused for good.
        Abandoned: The resident left.
    """
    code = await show_code(session, pb.QR_PURPOSE_SIGN_IN)
    screen = pb.EnterPinScreen(length=PIN_DIGITS)
    while True:
        act = await session.ask(screen, "enter_pin")
        try:
            return await session.kiosk.registry.start_session_with_code(code.token, act.enter_pin.pin)
        except Refused as error:
            if error.reason != registry.ERROR_REASON_PIN_WRONG:
                raise of_registry(error) from error
            left = int(error.metadata.get("attempts_left", "0"))
            screen = pb.EnterPinScreen(length=PIN_DIGITS, wrong=True, attempts_left=left)
        except RegistryError as error:
            raise of_registry(error) from error


async def release_by_officer(session: ResidentSession) -> registry.ReleaseSessionResponse:
    """The officer who looked at the resident enters a code that the registry gave for this one.

    Raises:
        Trouble: The registry cannot be reached, or the session has ended.
        Abandoned: Nobody enters one.
    """
    screen = pb.OfficerScreen(length=RELEASE_DIGITS)
    while True:
        act = await session.ask(screen, "enter_release_code")
        try:
            return await session.kiosk.registry.release_session(session.session_id, act.enter_release_code.code)
        except Refused as error:
            if error.reason != registry.ERROR_REASON_RELEASE_REFUSED:
                raise of_registry(error) from error
            screen = pb.OfficerScreen(length=RELEASE_DIGITS, wrong=True)
        except RegistryError as error:
            raise of_registry(error) from error
