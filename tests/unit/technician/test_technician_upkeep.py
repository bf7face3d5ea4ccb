"""A device is accepted in the place of another by its serial number: deliberately, and written down before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.panel.v1 import technician_pb2 as tech

from drivers.card_printer.port import Identity
from drivers.deadline import Deadline
from kiosk.devices import Device
from kiosk.technician.identities import Identities
from kiosk.technician.session import Back
from kiosk.technician.upkeep import replace_device
from kiosk.technician.words import why

TASK = tech.TECHNICIAN_TASK_REPLACE_DEVICE


@dataclass
class Telling:
    """A driver that tells what the test says."""

    told: dict[str, str]

    def open(self, deadline: Deadline) -> None:
        return

    def close(self) -> None:
        return

    def facts(self, deadline: Deadline) -> Mapping[str, str]:
        return self.told


class CardPrinter(Telling):
    """One that says more, by another call."""

    def identify(self, deadline: Deadline) -> Identity:
        return Identity(model="KC", serial=self.told["serial"], firmware="1", print_head="")


@dataclass
class Session:
    """A technician who picks the one device and says yes; what cannot be done once is left."""

    kiosk: Any
    happened: list[str] = field(default_factory=list)

    async def ask(self, screen: Any, *acts: str) -> pb.ActRequest:
        (line,) = screen(pb.LANGUAGE_ID).lines
        return pb.ActRequest(pick=tech.PickAct(id=line.id))

    async def deed(self, act: str, **detail: str | int) -> None:
        self.happened.append(f"{act} {detail['old']}>{detail['new']}")

    async def task(self, task: Any, state: Any, key: str, **values: Any) -> None:
        self.happened.append(key)
        if state != tech.TASK_STATE_ASK:
            raise Back


async def replaced(state_dir: Path, name: str, port: Telling) -> list[str]:
    device: Device[Any] = Device(name, "test", lambda: port)
    await device.open()
    session = Session(SimpleNamespace(config=SimpleNamespace(state_dir=state_dir), devices=[device]))
    try:
        with pytest.raises(Back):
            await replace_device(session, TASK)  # type: ignore[arg-type]
    finally:
        await device.close()
    return session.happened


@pytest.mark.parametrize(
    ("name", "kind"), [("camera", Telling), ("receipt_printer", Telling), ("kia_printer", CardPrinter)]
)
async def test_another_serial_number_is_asked_about_written_down_and_kept(
    tmp_path: Path, name: str, kind: type[Telling]
) -> None:
    Identities(tmp_path).accept(name, "A1")
    assert await replaced(tmp_path, name, kind({"serial": "A1"})) == ["replace_same"]
    assert await replaced(tmp_path, name, kind({"serial": "B2"})) == ["replace_ask", "replace_device A1>B2", "replaced"]
    assert Identities(tmp_path).serial(name) == "B2"


async def test_a_device_that_tells_no_serial_number_is_not_accepted(tmp_path: Path) -> None:
    assert await replaced(tmp_path, "paper_feeder", Telling({"model": "Feeder"})) == ["serial_unknown"]
    assert Identities(tmp_path).serial("paper_feeder") == ""


def test_why_a_service_is_closed_is_said_in_words() -> None:
    assert why("document_printer:unsettled", pb.LANGUAGE_EN) == "A4 printer: a print of unknown outcome."
    assert why("paper_feeder:jammed", pb.LANGUAGE_ID) == "Pengumpan kertas: macet."
    assert why("registry:offline", pb.LANGUAGE_ID) == "Server Dukcapil tidak tersambung."
    assert (
        why("card_printer:blanks,ribbon", pb.LANGUAGE_EN)
        == "KTP-el printer: no blanks are left, the ribbon is used up."
    )
    hot = why("kia_printer:headHot until 2026-01-05T01:00+00:00", pb.LANGUAGE_EN)
    assert hot.startswith("KIA printer: the print head is hot, until 05-01 ")
    assert why("toaster:burnt", pb.LANGUAGE_EN) == "toaster: burnt."
