"""The bench as fixtures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.store.engine import Store
from tests.unit.central import bench


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample registry, made once."""
    return bench.make(tmp_path_factory.mktemp("central") / "made")


@pytest.fixture
def directory(made: Path, tmp_path: Path) -> Path:
    """A registry of this test's own."""
    return bench.copy(made, tmp_path / "central")


@pytest.fixture
def store(directory: Path) -> Iterator[Store]:
    """Its database."""
    opened = Store(directory / "central.sqlite3")
    yield opened
    opened.close()
