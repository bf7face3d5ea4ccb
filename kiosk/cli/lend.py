"""Devices for a technician's command: the running daemon lends them, or they are opened as they are configured."""

import grp
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import grpc
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1.panel_pb2_grpc import PanelServiceStub

from drivers import catalog
from drivers.deadline import Deadline
from kiosk.cli.say import CommandFailed
from kiosk.config import load

OPEN_S: Final = 10.0
LEND_S: Final = 30.0
ANSWER_S: Final = 1.0
TECHNICIANS: Final = "adm-technician"


@contextmanager
def device(config_file: Path, role: str, purpose: str, record: Path | None = None) -> Iterator[Any]:
    """One device, opened, for this command alone.

    Args:
        role: In the configuration, as card_reader.
        purpose: The command's name, for the daemon's log.
        record: Where its wire is recorded, without what is personal.

    Raises:
        CommandFailed: The machine is in use, or has no such device.
    """
    with devices(config_file, (role,), purpose, record) as ports:
        port = ports[role]
        port.open(Deadline.after(OPEN_S))
        try:
            yield port
        finally:
            port.close()


@contextmanager
def devices(
    config_file: Path, roles: Sequence[str], purpose: str, record: Path | None = None
) -> Iterator[dict[str, Any]]:
    """Several devices by role, not yet opened: whoever opens one closes it.

    Args:
        record: Where the first one's wire is recorded.

    Raises:
        CommandFailed: The machine is in use, or lacks one of them.
    """
    config = load(config_file)
    if missing := [role for role in roles if role not in config.devices]:
        raise CommandFailed(f"{config_file} has no {', '.join(missing)}")
    ports = {}
    for role in roles:
        driver, settings = config.devices[role].driver, config.driver_settings(role)  # type: ignore[index]
        if record is not None and role == roles[0]:
            settings = _recorded(settings, record)
        ports[role] = catalog.create(role, driver, settings)
    with _lent(config.panel_socket, purpose):
        yield ports


def _recorded(settings: catalog.DriverSettings, file: Path) -> catalog.DriverSettings:
    if "record" not in type(settings).model_fields:
        raise CommandFailed("this device's driver records nothing")
    return settings.model_copy(update={"record": file})


@contextmanager
def _lent(socket: Path, purpose: str) -> Iterator[None]:
    """Hold the daemon's devices; without a running daemon they are free already."""
    with grpc.insecure_channel(f"unix:{socket}") as link:
        if not _runs(link):
            yield
            return
        stream = PanelServiceStub(link).Maintain(pb.MaintainRequest(purpose=purpose))
        try:
            next(iter(stream))
            yield
        except grpc.RpcError as error:
            raise CommandFailed(error.details() or error.code().name) from error
        finally:
            stream.cancel()


def _runs(link: grpc.Channel) -> bool:
    try:
        PanelServiceStub(link).GetStatus(pb.GetStatusRequest(), timeout=ANSWER_S)
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return False
        raise CommandFailed(error.details() or error.code().name) from error
    return True


def require_technician(what: str) -> None:
    """Raise unless root or a member of the technicians' group asks.

    Raises:
        CommandFailed: Somebody else does.
    """
    if os.geteuid() == 0:
        return
    try:
        allowed = grp.getgrnam(TECHNICIANS).gr_gid in os.getgroups()
    except KeyError:
        allowed = False
    if not allowed:
        raise CommandFailed(f"{what} is for technicians: members of the group {TECHNICIANS}")
