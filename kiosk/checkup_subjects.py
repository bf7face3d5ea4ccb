"""Which checks this machine has: one subject for each device it is configured with, and for what stands around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from biometrics.engine import FaceEngine
from kiosk.config import KioskConfig
from kiosk.technician.identities import Identities
from kiosk.testpage import MARK_ASPECT, a4_test_page
from selftest import sound
from selftest.checks import (
    camera,
    card_printer,
    card_reader,
    document_printer,
    endurance,
    face,
    loopback,
    machine,
    panel,
    paper_feeder,
    receipt_printer,
    registry,
    surroundings,
    test_card,
)
from selftest.model import Subject
from selftest.operator import Operator

DEVICES: Final = (
    "card_reader",
    card_reader.SAM,
    "camera",
    face.DEVICE,
    "card_printer",
    card_printer.ENCODER,
    "kia_printer",
    "document_printer",
    "paper_feeder",
    "receipt_printer",
    panel.DISPLAY,
    panel.TOUCH,
    panel.SOUND,
    registry.DEVICE,
    surroundings.CLOCK,
    machine.JOURNAL,
    machine.DEVICE,
    surroundings.UPS,
    surroundings.DOOR,
)
"""Everything that a check may be about."""
LENT: Final[Mapping[str, tuple[str, ...]]] = {
    card_reader.SAM: ("card_reader",),
    card_printer.ENCODER: ("card_encoder", "card_printer", "card_reader"),
    "document_printer": ("document_printer", "paper_feeder", "camera"),
    "receipt_printer": ("receipt_printer", "camera"),
}
"""Devices that the checks of one need, where it is not just that one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the checks may use besides the devices.

    Attributes:
        operator: Who can be asked; None: nobody.
        spend: Called with what is used up, and how many, before it is; None: nothing may be, but test pages.
        clock_offset_s: How far the machine's clock is ahead of the registry's; None when that is not known.
        faces: The models that are loaded already; None: they are loaded for the test.
    """

    operator: Operator | None = None
    spend: Callable[[str, int], None] | None = None
    clock_offset_s: Callable[[], float | None] = lambda: None
    faces: FaceEngine | None = None


def subjects(
    config: KioskConfig,
    ports: Mapping[str, Any],
    context: Context,
    journal_wrongs: Callable[[Path], Sequence[str] | None],
) -> list[Subject]:
    """The checks of what is lent, and of what needs no lending."""
    link = config.registry
    there = registry.Link(link.target, link.server_name, link.ca_file, link.cert_file, link.key_file)
    settings = config.selftest
    return [
        *_alone(config, ports, context),
        *_together(ports, context),
        registry.subject(there),
        *machine.subjects(config.state_dir, lambda: journal_wrongs(config.state_dir / "journal.db")),
        face.subject(lambda: context.faces or FaceEngine(config.models_dir), _picture),
        surroundings.clock(context.clock_offset_s),
        surroundings.disks(settings.health_folder),
        *([surroundings.ups(settings.ups.host, settings.ups.port, settings.ups.name)] if settings.ups else []),
        *([surroundings.contacts(settings.contacts)] if settings.contacts else []),
        panel.subject(context.operator, microphone=sound.microphone(settings.microphone)),
    ]


def _alone(config: KioskConfig, ports: Mapping[str, Any], context: Context) -> list[Subject]:
    """Each device by itself."""
    serials = Identities(config.state_dir)
    # With a feeder the printer has no paper of its own: its page goes through both.
    page = None if "paper_feeder" in ports else a4_test_page()
    make: Mapping[str, Callable[[Any], Subject]] = {
        "card_reader": lambda port: card_reader.subject(port, context.operator, serials.serial("card_reader")),
        "camera": lambda port: camera.subject(port, serials.serial("camera")),
        "document_printer": lambda port: document_printer.subject(
            port, page, serials.serial("document_printer"), context.spend
        ),
        "receipt_printer": lambda port: receipt_printer.subject(port, serials.serial("receipt_printer")),
        "paper_feeder": lambda port: paper_feeder.subject(port, serials.serial("paper_feeder")),
        "card_printer": lambda port: card_printer.subject("card_printer", port, serials.serial("card_printer")),
        "kia_printer": lambda port: card_printer.subject("kia_printer", port, serials.serial("kia_printer")),
        "card_encoder": card_printer.encoder,
    }
    return [make[role](port) for role, port in ports.items()]


def _together(ports: Mapping[str, Any], context: Context) -> list[Subject]:
    """What proves itself only on several devices, one after the other."""
    found = [endurance.subject(role, port) for role, port in ports.items() if role in endurance.ROLES]
    eye = ports.get("camera")
    printer, feeder, receipts = (ports.get(role) for role in ("document_printer", "paper_feeder", "receipt_printer"))
    ways = loopback.Ways(context.operator, decoded, a4_test_page, MARK_ASPECT, context.spend)
    if printer is not None and feeder is not None:
        found.append(document_printer.page_through(printer, feeder, a4_test_page(), context.spend))
    if feeder is not None:
        found.append(paper_feeder.moves(feeder, context.spend))
    if eye is not None:
        if receipts is not None:
            found.append(loopback.receipt(receipts, eye, ways))
        if printer is not None:
            found.append(loopback.page(printer, feeder, eye, ways))
        found.append(loopback.latency(eye, context.operator))
    for role in ("card_printer", "kia_printer"):
        if role in ports:
            # Only the KTP-el printer has an encoder.
            chip = (ports.get("card_encoder"), ports.get("card_reader")) if role == "card_printer" else (None, None)
            found.append(test_card.subject(test_card.Way(role, ports[role], *chip, context.operator, context.spend)))
    return found


def decoded(bgr: NDArray[np.uint8]) -> dict[str, tuple[float, float]]:
    """Every QR code in a picture: its text, and the middle of it in px."""
    grey = np.ascontiguousarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY))
    found = {}
    for code in zxingcpp.read_barcodes(grey):
        at = code.position
        corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
        found[code.text] = (sum(one.x for one in corners) / 4, sum(one.y for one in corners) / 4)
    return found


def _picture(path: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise FileNotFoundError(path)
    return np.asarray(picture, np.uint8)
