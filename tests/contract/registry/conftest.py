"""A running registry and a machine that calls it, over mutual TLS on loopback."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.unit.central import bench


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample registry, made once."""
    return bench.make(tmp_path_factory.mktemp("registry") / "made")


@pytest_asyncio.fixture
async def central(made: Path, tmp_path: Path) -> AsyncIterator[bench.Bench]:
    """A server over a fresh copy."""
    async with bench.running(bench.copy(made, tmp_path / "central")) as running:
        yield running


@pytest_asyncio.fixture
async def machine(central: bench.Bench) -> AsyncIterator[bench.Machine]:
    """The enrolled machine."""
    async with central.machine() as calling:
        yield calling
