"""The virtual card reader's processes end with whoever started them, and pcscd's trouble is told in one line."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from simulator.chip.device import VirtualCardReader
from simulator.chip.processes import ChildFailed
from simulator.device import ActionRefused
from tests.support.card_bench import LONG_S, SAMPLES

ROOT = Path(__file__).parents[3]
OWNER = """
import asyncio, pathlib, sys
from simulator.chip.device import VirtualCardReader

async def main():
    virtual = VirtualCardReader(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
    await virtual.start()
    await virtual.actions()["put"].run(resident="hamid")
    print("there", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_everything_ends_when_the_simulator_is_killed(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path), str(SAMPLES)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "there\n"
        children = psutil.Process(owner.pid).children(recursive=True)
        assert "pcscd" in {child.name() for child in children}
        owner.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=LONG_S)
    # Where nobody collects what has ended, it stays in the process table.
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


async def test_without_vpcd_it_says_which_package_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.chip.device._VPCD", str(tmp_path / "none.so"))
    with pytest.raises(ChildFailed, match="vsmartcard-vpcd"):
        await VirtualCardReader(tmp_path, SAMPLES).start()


async def test_before_it_is_started_and_after_it_is_stopped_it_refuses(tmp_path: Path) -> None:
    virtual = VirtualCardReader(tmp_path, SAMPLES)
    with pytest.raises(ActionRefused):
        await virtual.actions()["put"].run(resident="hamid")
    await virtual.stop()
    with pytest.raises(KeyError):
        await virtual.set_fault("no such fault")


async def test_two_stand_side_by_side(tmp_path: Path) -> None:
    first, second = (VirtualCardReader(tmp_path / name, SAMPLES) for name in ("first", "second"))
    try:
        await asyncio.gather(first.start(), second.start())
        await asyncio.gather(*(one.actions()["put"].run(resident="mei") for one in (first, second)))
        assert [one.state()["card"] for one in (first, second)] == ["mei", "mei"]
    finally:
        await asyncio.gather(first.stop(), second.stop())
