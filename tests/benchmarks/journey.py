"""What a resident feels and what the machine costs: one whole simulated machine, journeys played with real touches."""

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil

from simulator.demo.demo import Demo
from simulator.demo.demo import Options as DemoOptions
from simulator.demo.tour.play import Journey, Script, play
from simulator.demo.waiting import until
from tests.benchmarks.harness import Options, Row, measured

JOURNEYS = (
    Script("hamid", "kk", pause_s=0.2),
    Script("mei", "biodata", pause_s=0.2),
    Script("yosef", "skpwni", pause_s=0.2),
    Script("karto", "akta_kematian", pause_s=0.2),
    Script("tiara", "akta_kelahiran", pause_s=0.2),
)
STARTS = 5
IDLE_S = 20.0
IDLE_RUNS = 3
SCREENS_WITHIN_S = 30.0


def rows(options: Options) -> Iterable[Row]:
    """Every row of the area, from one machine."""
    with tempfile.TemporaryDirectory(prefix="adm-") as directory:
        return asyncio.run(_measure(Path(directory)))


async def _measure(directory: Path) -> Sequence[Row]:
    options = DemoOptions(directory=directory, headless=True, share=False, page_port=0, central_port=0)
    async with Demo(options) as demo:
        software, chip, printing = [], [], []
        for script in JOURNEYS:
            journey, _ = await play(demo, script)
            software.append(_software_s(journey))
            chip.append(_step(journey, "reading"))
            printing.append(_step(journey, "printing"))
        rss = {name: _rss_mb(demo, name) for name in ("kiosk", "screens")}
        idle = [await _idle_percent(demo) for _ in range(IDLE_RUNS)]
        starts = [await _first_frame_s(demo) for _ in range(STARTS + 1)][1:]
    return [
        measured(
            "journey.software_s",
            "s",
            software,
            target=3.0,
            note="card on reader to job sent, less the person's time and the chip's air time",
        ),
        measured("journey.reading_software_s", "s", chip, note="the chip's reading, less its air time"),
        measured("journey.printing_software_s", "s", printing, note="yes to sheet in the tray, less the mechanics"),
        measured("journey.first_frame_s", "s", starts, target=1.5, note="process start to drawn attract screen, warm"),
        Row("journey.kiosk_rss_mb", rss["kiosk"], "MB", target=250, note="after five journeys"),
        Row("journey.screens_rss_mb", rss["screens"], "MB", target=220, note="after five journeys"),
        measured(
            "journey.idle_cpu_percent",
            "% of a core",
            idle,
            target=5,
            note=f"attract screen, screens and daemon together, {IDLE_S:.0f} s each",
        ),
    ]


def _software_s(journey: Journey) -> float:
    """From the card on the reader to the job at the printer, without the person and the chip's air."""
    marks, timeline = journey.timeline.marks, journey.timeline
    begin, end = marks["card_on_reader"], marks["job_sent"]
    air = sum(step.device_s for step in timeline.steps if step.name == "reading")
    return end - begin - timeline.human_between(begin, end) - air


def _step(journey: Journey, name: str) -> float:
    return statistics.fmean(step.software_s for step in journey.timeline.steps if step.name == name)


def _rss_mb(demo: Demo, name: str) -> float:
    return float(psutil.Process(demo.children[name].pid).memory_info().rss) / 1e6


async def _idle_percent(demo: Demo) -> float:
    """Processor time of daemon and screens while nobody is there, in percent of one core."""
    await demo.panel.view("attract", within_s=60)
    processes = [psutil.Process(demo.children[name].pid) for name in ("kiosk", "screens")]
    before, began = sum(map(_cpu_s, processes)), time.monotonic()
    await asyncio.sleep(IDLE_S)  # idling is what is measured
    return 100 * (sum(map(_cpu_s, processes)) - before) / (time.monotonic() - began)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _first_frame_s(demo: Demo) -> float:
    """Start the screens anew and wait for their first page."""
    await demo.children.end("screens")
    demo.targets.unlink(missing_ok=True)
    began = time.monotonic()
    starting = asyncio.create_task(demo.start_screens())
    await until(lambda: _drawn(demo.targets) == "attract", "attract drawn", SCREENS_WITHIN_S)
    taken = time.monotonic() - began
    await starting
    return taken


def _drawn(targets: Path) -> str:
    return str(json.loads(targets.read_text())["screen"]) if targets.exists() else ""
