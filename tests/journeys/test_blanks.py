"""Blanks at a whole machine: counted by two people, closed when one is missing, an alarm where somebody watches."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
import pytest_asyncio
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.journal import read, verify
from simulator.demo.waiting import LOOK_EVERY_S, until
from tests.journeys.conftest import SCREEN_S, Visitor, adm, machine

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_cards")]

KTP = registry.DOCUMENT_KIND_KTP_EL
TWO = ("--by", "1975", "--confirmed-by", "1982")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Visitor]:
    """A machine with card printers, loaded as the demo loads it."""
    async with machine(tmp_path_factory.mktemp("s"), cards=True) as visitor:
        yield visitor


async def test_a_missing_blank_closes_cards_raises_an_alarm_and_a_count_that_agrees_opens_them(
    visitor: Visitor,
) -> None:
    await _service(visitor, fleet.AVAILABILITY_AVAILABLE)
    status, said = await adm(visitor, "stock", "count", "ktp", "49", *TWO)
    assert (status, "1 fewer counted than the books have" in said) == (1, True)
    assert "stock:mismatch" in await _service(visitor, fleet.AVAILABILITY_UNAVAILABLE)
    await until(lambda: _alarms(visitor) == ["stock_mismatch"], "an alarm at the registry", SCREEN_S)
    # What is missing is written off by two people's word, not by a correction; then the count agrees.
    status, _ = await adm(visitor, "stock", "spoil", "ktp", "1", "--batch", "SIM-KTP-001", *TWO)
    assert status == 1
    status, said = await adm(visitor, "stock", "count", "ktp", "49", *TWO)
    assert (status, "fewer" in said) == (0, False)
    assert await _service(visitor, fleet.AVAILABILITY_AVAILABLE) == ""
    await until(lambda: visitor.outbox() == 0, "everything told", SCREEN_S)
    assert _figures(visitor, "kiosk/journal.db", "book") == _figures(visitor, "central/central.sqlite3", "stock")
    assert verify(read(visitor.demo.journal)) == []


async def test_nothing_is_loaded_while_somebody_is_served(visitor: Visitor) -> None:
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    status, said = await adm(visitor, "stock", "load", "paper", "500", *TWO)
    assert (status, "being served" in said) == (2, True)
    await visitor.touches(cancel=pb.CancelAct())
    await visitor.sees("attract")
    status, said = await adm(visitor, "stock", "load", "paper", "500", *TWO)
    assert (status, "1000" in said) == (0, True)


async def _service(visitor: Visitor, wanted: fleet.Availability.ValueType) -> str:
    """Wait until cards are as wanted; gives the reason."""
    async with asyncio.timeout(SCREEN_S):
        while True:
            services = (await visitor.demo.panel.status()).health.services
            line = next(service for service in services if service.kind == KTP)
            if line.availability == wanted:
                return line.reason
            await asyncio.sleep(LOOK_EVERY_S)


def _alarms(visitor: Visitor) -> list[str]:
    file = visitor.demo.directory / "central" / "central.sqlite3"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as db:
        rows = db.execute("SELECT kind FROM alarms WHERE kind LIKE 'stock%' AND cleared_at IS NULL").fetchall()
    return [kind for (kind,) in rows]


def _figures(visitor: Visitor, file: str, table: str) -> list[tuple[int, ...]]:
    columns = "loaded, unloaded, issued, spoiled, retained, remaining, reserved, destroyed"
    with closing(sqlite3.connect(f"file:{visitor.demo.directory / file}?mode=ro", uri=True, timeout=10)) as db:
        where = "WHERE item LIKE 'BLANK%'" if table == "book" else ""
        return sorted(db.execute(f"SELECT {columns} FROM {table} {where}").fetchall())
