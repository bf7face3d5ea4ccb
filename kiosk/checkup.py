"""The self-test of this machine: one for a command, a timer, a technician, a start, and central alike."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import grpc

from drivers import catalog
from kiosk.checkup_subjects import Context, subjects
from kiosk.config import KioskConfig, Role
from kiosk.issuance.chain import read, verify
from kiosk.issuance.errors import JournalError
from selftest.model import Level, Machine, Report
from selftest.report import Archive, CannotSign, as_json, sign
from selftest.runner import Progress, run

FOLDER: Final = "selftest"


def ports(config: KioskConfig, roles: Sequence[Role]) -> dict[str, Any]:
    """Drivers by role, not yet opened."""
    return {
        role: catalog.create(role, config.devices[role].driver, config.driver_settings(role))
        for role in roles
        if role in config.devices
    }


def checked(
    config: KioskConfig,
    lent: Mapping[str, Any],
    level: Level,
    chosen: frozenset[str],
    on_progress: Progress,
    context: Context | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Run the checks on devices that are ours for now.

    Args:
        lent: Ports by role, not opened; checks of other devices are left out.
        chosen: Only these devices; empty for all.
        context: What the checks may use besides; None: nothing and nobody.
        cancelled: Once it says so, checks that have not begun are left out.
    """
    found = subjects(config, lent, context or Context(), journal_wrongs)
    return run(found, machine(config), level, chosen, on_progress, cancelled)


def keep(config: KioskConfig, report: Report) -> tuple[dict[str, Any], bytes, str]:
    """Sign a report and keep it with the last ones.

    Returns:
        The report, its signature, and what went wrong with keeping it; empty when nothing did.
    """
    kept = archive(config)
    written = as_json(report, kept.reports())
    try:
        signature = sign(written, config.registry.key_file)
    except CannotSign as error:
        return written, b"", f"not signed, not kept: {error}"
    try:
        kept.keep(written, signature)
    except OSError as error:
        return written, signature, f"not kept: {error.filename}: {error.strerror}"
    return written, signature, ""


def archive(config: KioskConfig) -> Archive:
    """The last reports of this machine."""
    return Archive(config.state_dir / FOLDER)


def last_full(reports: Sequence[Mapping[str, Any]]) -> datetime | None:
    """When the last full test of the whole machine began that found nothing wrong; None when there was none."""
    for report in reversed(reports):
        if report.get("level") == Level.FULL and report.get("well") and report.get("whole", True):
            return datetime.fromisoformat(str(report["began_at"]))
    return None


def journal_wrongs(path: Path) -> list[str] | None:
    """A line for each thing wrong with a journal; None when there is none."""
    if not path.exists():
        return None
    try:
        return verify(read(path))
    except JournalError as error:
        return [str(error)]


def versions() -> dict[str, str]:
    """Software by name."""
    try:
        own = version("adm")
    except PackageNotFoundError:
        own = "development"
    return {
        "adm": own,
        "python": platform.python_version(),
        "grpcio": grpc.__version__,
        "kernel": platform.release(),
    }


def machine(config: KioskConfig) -> Machine:
    """Whose report it is."""
    drivers = {str(role): device.driver for role, device in config.devices.items()}
    return Machine(config.machine_id, versions(), drivers, config.simulation)
