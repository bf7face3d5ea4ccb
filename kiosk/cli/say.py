"""How commands fail and reach the daemon."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub

from kiosk.config import load

CALL_S: Final = 5.0


class CommandFailed(Exception):
    """One line that says what is wrong and what to do."""


@contextmanager
def daemon(config_file: Path) -> Iterator[PanelServiceStub]:
    """The running daemon's panel service.

    Raises:
        CommandFailed: It does not answer, or refuses.
    """
    socket = load(config_file).panel_socket
    try:
        with grpc.insecure_channel(f"unix:{socket}") as link:
            yield PanelServiceStub(link)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            raise CommandFailed(
                f"The daemon does not answer on {socket}. Is it running, and may you use it?"
            ) from error
        raise CommandFailed(error.details() or error.code().name) from error
