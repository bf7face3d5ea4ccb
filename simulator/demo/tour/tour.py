"""`./adm tour OUT`: the whole machine under Xvfb, one journey, and everything it leaves in OUT."""

import asyncio
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from simulator.demo.children import ChildDied
from simulator.demo.client import Refused, SimulatorClient
from simulator.demo.demo import CannotStart, Demo, Options
from simulator.demo.tour.camera_roll import CameraRoll
from simulator.demo.tour.play import Journey, Script, play
from simulator.demo.tour.technician import hand_of, visit
from simulator.demo.waiting import NotInTime
from simulator.server.serve import PortInUse


async def tour(out: Path, script: Script, options: Options) -> int:
    """Play and write.

    Args:
        out: Made when missing; files of the same names are replaced.
        script: Who does what.
        options: For the demo; its directory is replaced by a new temporary one, so that nothing was printed before.

    Returns:
        Exit status: 0 well, 1 with the reason in one line.
    """
    _say("starting simulator, central, kiosk and screens")
    try:
        async with Demo(options) as demo:
            _say(f"playing: {script.resident} prints {script.document}")
            journey, roll = await demo.children.while_alive(play(demo, script, pictures=True))
            _say("writing pictures, document and receipt")
            await _write(out, demo, journey, roll)
    except (CannotStart, ChildDied, NotInTime, PortInUse, Refused) as error:
        _say(str(error))
        _keep_logs(options.directory / "logs", out)
        return 1
    _say(f"done: {out}")
    return 0


async def technicians_tour(out: Path, options: Options) -> int:
    """Play a technician's visit and write its pictures; arguments and status as `tour`."""
    _say("starting simulator, central, kiosk and screens")
    try:
        async with Demo(options) as demo:
            _say("playing: a technician does every task")
            hand = hand_of(demo)
            roll = CameraRoll(hand.display, hand)
            try:
                await visit(demo, roll=roll)
            finally:
                _say("writing pictures")
                await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
                await asyncio.to_thread(roll.write, out)
    except (CannotStart, ChildDied, NotInTime, PortInUse, Refused) as error:
        _say(str(error))
        _keep_logs(options.directory / "logs", out)
        return 1
    _say(f"done: {out}")
    return 0


async def _write(out: Path, demo: Demo, journey: Journey, roll: CameraRoll) -> None:
    simulator = SimulatorClient(demo.page)
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    pictures = await asyncio.to_thread(roll.write, out)
    for number, page in enumerate(journey.pages):
        name = "document.png" if number == 0 else f"document-{number + 1}.png"
        of_a_card = journey.printer != "document_printer"
        (out / (f"card-{page}" if of_a_card else name)).write_bytes(await simulator.picture(journey.printer, page))
    if journey.printer == "document_printer":
        document = Path((await simulator.state("document_printer"))["last_pdf"])
        await asyncio.to_thread(shutil.copyfile, document, out / "document.pdf")
    if journey.receipt:
        (out / "receipt.png").write_bytes(await simulator.picture("receipt_printer", journey.receipt))
    content = report(journey, str(demo.size), [path.name for path in pictures])
    (out / "tour.json").write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def report(journey: Journey, size: str, pictures: list[str]) -> dict[str, Any]:
    """What tour.json holds; how each time is obtained says `timeline`."""
    time = journey.timeline
    steps = [
        {
            "name": step.name,
            "start_s": round(step.start_s, 3),
            "total_s": round(step.total_s, 3),
            "software_s": round(step.software_s, 3),
            "device_s": round(step.device_s, 3),
            "human_s": round(step.human_s, 3),
        }
        for step in time.steps
    ]
    parts = ("total_s", "software_s", "device_s", "human_s")
    return {
        "simulation": True,
        "resident": journey.script.resident,
        "document": journey.script.document,
        "language": journey.script.language,
        "size": size,
        "receipt_number": journey.receipt_number,
        "steps": steps,
        "totals": {part: round(sum(getattr(step, part) for step in time.steps), 3) for part in parts},
        "card_to_job_sent": {part: round(value, 3) for part, value in journey.card_to_job_sent().items()},
        "pictures": pictures,
    }


def temporary_directory() -> tempfile.TemporaryDirectory[str]:
    """Where a tour's demo lives: new each time, gone afterwards."""
    return tempfile.TemporaryDirectory(prefix="adm-tour-", ignore_cleanup_errors=True)


def _keep_logs(logs: Path, out: Path) -> None:
    if logs.is_dir():
        shutil.copytree(logs, out / "logs", dirs_exist_ok=True)
        _say(f"the logs are in {out / 'logs'}")


def _say(text: str) -> None:
    print(f"adm tour: {text}", file=sys.stderr, flush=True)
