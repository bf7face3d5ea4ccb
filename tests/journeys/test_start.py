"""The machine tests itself before it serves anybody, and what it finds decides whether it does."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import Visitor, looking_again, machine

pytestmark = [pytest.mark.xdist_group("journey_start")]
HINDERED = "selftest:door.tamper:tamper:open"


def reports(visitor: Visitor) -> list[dict[str, Any]]:
    """What is kept of the self-tests, oldest first."""
    kept = visitor.demo.journal.parent / "selftest" / "reports.jsonl"
    return [json.loads(line)["report"] for line in kept.read_text("ascii").splitlines()]


async def test_the_self_test_at_the_start_keeps_a_forced_cabinet_closed(tmp_path: Path) -> None:
    async with machine(tmp_path, kiosk={"selftest": {"at_start": True}}) as visitor:
        await visitor.sees("attract")
        (first,) = reports(visitor)
        assert (first["level"], first["well"]) == ("quick", True)
        assert {"camera.picture", "door.tamper", "face.known"} <= {check["id"] for check in first["checks"]}
        await visitor.demo.children.end("kiosk", signal.SIGTERM)
        await visitor.simulator.fault("cabinet", "tampered")
        await visitor.demo.start_kiosk()
        async with looking_again(visitor) as again:
            await again.sees("out_of_service", where=lambda view: view.out_of_service.detail == HINDERED)
        assert [report["well"] for report in reports(visitor)] == [True, False]
