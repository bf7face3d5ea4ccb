"""The daemon dies in mid-print and comes back: what was printed is printed once, and a person settles the rest."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.journal import read, verify
from simulator.demo.waiting import until
from tests.journeys.conftest import Visitor, looking_again, machine

pytestmark = [pytest.mark.xdist_group("journey_restart")]


async def test_a_daemon_killed_in_mid_print_never_prints_again(tmp_path: Path) -> None:
    async with machine(tmp_path) as visitor:
        await visitor.comes("hamid")
        await visitor.chooses(registry.DOCUMENT_KIND_KK)
        await visitor.sees("proofread")
        await visitor.touches(confirm=pb.ConfirmAct())
        await visitor.sees("printing", where=lambda view: view.printing.step == pb.PRINTING_STEP_PRINTING)
        await visitor.demo.children.end("kiosk", signal.SIGKILL)
        await visitor.takes_card()
        assert visitor.last_states() == ["asked", "granted", "printing", "accepted"]
        await visitor.demo.start_kiosk()
        async with looking_again(visitor) as technician:
            await _finds_it_unsettled(technician)


async def _finds_it_unsettled(technician: Visitor) -> None:
    await technician.sees(
        "out_of_service", where=lambda view: view.out_of_service.detail == "document_printer:unsettled"
    )
    assert technician.last_states() == ["asked", "granted", "printing", "accepted", "printed", "unknown"]
    assert await technician.printed() == 1
    await technician.takes_paper()
    await technician.settles("destroyed")
    await technician.sees("attract")
    (number, _) = technician.at_registry()[0]
    await until(lambda: technician.at_registry() == [(number, "void")], "the void at the registry", 40)
    assert await technician.printed() == 1
    assert verify(read(technician.demo.journal)) == []
