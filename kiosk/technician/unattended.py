"""A self-test with nobody there: at the start, and when central asks for one. Nothing is used up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from adm.panel.v1 import panel_pb2 as pb

from kiosk import checkup, logs
from kiosk.checkup_subjects import Context
from kiosk.maintenance import Busy
from selftest.model import Level

if TYPE_CHECKING:
    from kiosk.kiosk import Kiosk


async def unattended(kiosk: Kiosk) -> None:
    """Test, keep the report, tell central, serve on. A technician who waits for the devices goes first."""
    kiosk.self_test_wanted.clear()
    await kiosk.panel.show(pb.OutOfServiceScreen(reason=pb.OUT_OF_SERVICE_REASON_MAINTENANCE))
    context = Context(None, None, lambda: kiosk.clock_offset_s, kiosk.faces)
    try:
        async with kiosk.devices_put_down():
            ports = checkup.ports(kiosk.config, list(kiosk.config.devices))
            # A run is never left half way: its threads hold the devices.
            run = asyncio.to_thread(
                checkup.checked, kiosk.config, ports, Level.QUICK, frozenset(), lambda check, finding: None, context
            )
            report = await asyncio.shield(run)
    except Busy:
        kiosk.self_test_wanted.set()
        return
    written, signature, complaint = await asyncio.to_thread(checkup.keep, kiosk.config, report)
    if complaint:
        logs.event("selftest_not_kept")
    kiosk.tested_now(written, signature)
    await kiosk.look()
