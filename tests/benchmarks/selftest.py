"""What a self-test costs on one whole simulated machine: the command itself, and making and signing its report."""

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from kiosk.checkup import keep
from kiosk.config import load
from selftest.model import Check, Finding, Level, Machine, Measurement, Outcome, Report, Result, Words, passed
from simulator.demo.demo import ROOT, Demo
from simulator.demo.demo import Options as DemoOptions
from tests.benchmarks.harness import Options, Row, measured, seconds

RUNS = 3
SOFTWARE = ("face", "registry", "clock", "journal", "machine", "display", "touch", "sound")
REPORT_RUNS = 20
COMMAND_S = 60.0


def rows(options: Options) -> Iterable[Row]:
    """Every row, from one machine."""
    with tempfile.TemporaryDirectory(prefix="adm-") as directory:
        return asyncio.run(_measure(Path(directory)))


async def _measure(directory: Path) -> Sequence[Row]:
    options = DemoOptions(directory=directory, headless=True, screens=False, page_port=0, central_port=0)
    async with Demo(options):
        config_file = directory / "kiosk.toml"
        quick, software, spent, written = [], [], [], {}
        for _ in range(RUNS):
            began = time.perf_counter()
            written = await _command(config_file)
            quick.append(time.perf_counter() - began)
            began, used = time.perf_counter(), _children_cpu_s()
            await _command(config_file, *SOFTWARE)
            software.append(time.perf_counter() - began)
            spent.append(_children_cpu_s() - used)
        config = load(config_file)
        report = _again(written)
        making = await asyncio.to_thread(seconds, lambda: keep(config, report), REPORT_RUNS)
    return [
        measured("selftest.quick_s", "s", quick, target=15.0, note="adm selftest from start to end, devices borrowed"),
        measured(
            "selftest.quick_software_s",
            "s",
            software,
            target=5.0,
            note="the same of what has no device: face models, registry, clock, journal, machine, panel",
        ),
        measured(
            "selftest.quick_software_cpu_s", "s", spent, note="of that, CPU time: what a busy machine adds is not ours"
        ),
        measured(
            "selftest.report_ms",
            "ms",
            [1000 * taken for taken in making],
            target=300.0,
            note="trend, JSON, signature, on disk",
        ),
    ]


def _children_cpu_s() -> float:
    """CPU time of the processes that have ended; the machine's own are still running."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _command(config_file: Path, *words: str) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kiosk.cli", "--config", str(config_file), "selftest", "--json", *words),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'proto' / 'gen'}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await asyncio.wait_for(process.communicate(), COMMAND_S)
    if process.returncode != 0:
        raise RuntimeError(f"adm selftest ended with {process.returncode}: {output.decode()}")
    return dict(json.loads(output)["report"])


def _again(written: dict[str, object]) -> Report:
    """A report with as many checks and measurements as a real one."""
    checks = written["checks"]
    assert isinstance(checks, list)
    results = []
    for one in checks:
        check = Check(one["id"], one["device"], Words(**one["title"]), passed, 1.0)
        values = tuple(Measurement(m["name"], m["value"], m["unit"]) for m in one["measurements"])
        results.append(Result(check, Finding(Outcome(one["outcome"]), measurements=values), one["seconds"]))
    return Report(Machine("kiosk/3520/bench", {}, {}, True), Level.QUICK, str(written["began_at"]), 1.0, tuple(results))
