"""How commands fail and reach the daemon."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import grpc
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub

from kiosk.config import load

CALL_S: Final = 5.0


def confirm(what: str, yes: bool) -> None:
    """Ask before something that cannot be undone.

    Args:
        what: What will happen, as a sentence.
        yes: Already confirmed on the command line.

    Raises:
        CommandFailed: The person does not want it, or nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandFailed(f"{what} Say --yes to do it.")
    print(f"{what} Continue? [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "ya"):
        raise CommandFailed("Nothing was done.")


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
