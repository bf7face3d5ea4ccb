"""Every named fault of the simulators, planted in turn on a whole machine, is found, blamed on the right device and
given the right advice; a healthy machine raises nothing.

The quick level is asked first, the full level (test pages, a card) when that finds nothing. Devices are borrowed from
the running daemon. `--only` takes device/fault, or healthy. `python -m tests.proofs.selftest [DEVICE/FAULT...]` writes
the table, or those rows of it, into docs/selftest.md.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from drivers.deadline import Deadline
from drivers.status import DeviceState
from kiosk.checkup import checked, ports
from kiosk.checkup_subjects import LENT, Context
from kiosk.cli.lend import devices
from kiosk.config import ROLES, KioskConfig, load
from selftest.model import Finding, Level, Outcome, Report
from selftest.operator import Absent, Step
from simulator.demo.client import SimulatorClient
from simulator.demo.demo import Demo
from simulator.demo.demo import Options as DemoOptions
from tests.proofs import Options, Proof
from tests.proofs._selftest_faults import EXPECTED, Expected, Found, Silent

HEALTHY_SHORT: Final = 3
HEALTHY_LONG: Final = 100
HEAL_S: Final = 40.0
# pcscd looks at a slot every 400 ms.
PLANTED_S: Final = 1.0
RESIDENT: Final = "karto"
OWN: Final = {
    "card_reader": frozenset({"card_reader", "sam"}),
    "cabinet": frozenset({"door"}),
    "card_printer": frozenset({"card_printer", "card_encoder"}),
}
"""What a simulated device is called in a report, where it has other names than its own."""
PAPER_PATH: Final = frozenset({"document_printer", "paper_feeder"})
CARD_PATH: Final = frozenset({"card_printer", "kia_printer"})
BLANKS: Final = {Step.LOAD_TEST_BLANK: "card_printer", Step.LOAD_KIA_TEST_BLANK: "kia_printer"}
BEGUN: Final[Mapping[Step, tuple[tuple[str, str, Mapping[str, str]], ...]]] = {
    Step.PLACE_CARD: (("card_reader", "put", {"resident": RESIDENT}),),
    Step.PLACE_ENCODED_CARD: (("card_printer", "take_card", {}), ("card_reader", "put_test_card", {})),
    Step.SHOW_RECEIPT: (("camera", "show_receipt", {}),),
    Step.SHOW_PAGE: (("camera", "show_page", {}),),
}
ENDED: Final[Mapping[Step, tuple[str, str]]] = {
    Step.PLACE_ENCODED_CARD: ("card_reader", "take"),
    Step.SHOW_RECEIPT: ("camera", "put_down"),
    Step.SHOW_PAGE: ("camera", "put_down"),
}
OTHERS: Final = frozenset({"registry", "journal", "machine", "door", "clock"})
DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "selftest.md"
BEGIN, END = "<!-- faults: made by python -m tests.proofs.selftest -->\n", "<!-- end of faults -->\n"


@dataclass(frozen=True, slots=True)
class Tried:
    """One fault and what was said of it."""

    device: str
    fault: str
    effect: str
    level: str
    blamed: tuple[str, ...]
    reason: str
    action: str
    complaint: str


class Willing(Absent):
    """A `selftest.operator.Operator` who does with the simulator what a person does at the machine.

    Nobody hears the sound or touches the screen here.
    """

    def __init__(self, simulator: SimulatorClient) -> None:
        self._simulator = simulator
        self._loop = asyncio.get_running_loop()
        self._step: Step | None = None

    def ask(self, step: Step, within_s: float) -> bool | None:
        if step not in BLANKS:
            return None
        self._act(BLANKS[step], "put_test_blank")
        return True

    def begin(self, step: Step, within_s: float) -> bool:
        self._step = step
        for device, action, parameters in BEGUN.get(step, ()):
            self._act(device, action, **parameters)
        return step in BEGUN

    def end(self) -> None:
        step, self._step = self._step, None
        if step is not None and step in ENDED:
            self._act(*ENDED[step])

    def _act(self, device: str, action: str, **parameters: str) -> None:
        work = self._simulator.act(device, action, **parameters)
        asyncio.run_coroutine_threadsafe(work, self._loop).result(HEAL_S)


class Bench:
    """A machine whose devices are ours."""

    def __init__(self, demo: Demo) -> None:
        self.simulator = SimulatorClient(demo.page)
        self.page = demo.page
        self.config: KioskConfig = load(demo.directory / "kiosk.toml")

    async def faults(self) -> list[tuple[str, str, str]]:
        """Device, fault, effect, as the simulator itself tells them."""
        answer = await asyncio.to_thread(_get, f"{self.page}api/devices")
        return [(one["name"], fault["name"], fault["effect"]) for one in answer for fault in one["faults"]]

    async def run(self, level: Level, chosen: frozenset[str]) -> Report:
        """A self-test with drivers of its own."""
        config = self.config
        wanted = {role for name in chosen for role in (name, *LENT.get(name, ()))} or set(config.devices)
        lent = ports(config, [role for role in config.devices if role in wanted])
        # Sheets may be used up: what is planted in a feeder shows in what it does with them.
        context = Context(Willing(self.simulator), spend=lambda what, count: None)
        return await asyncio.to_thread(checked, config, lent, level, chosen, lambda check, finding: None, context)

    async def tried(self, device: str, fault: str, effect: str) -> Tried:
        """Plant, ask, heal."""
        own = OWN.get(device, frozenset({device}))
        await self.simulator.fault(device, fault)
        try:
            level, report = "quick", await self._at_rest(device, own)
            if not _wrong(report):
                level, report = "full", await self.run(Level.FULL, own | (PAPER_PATH if device in PAPER_PATH else own))
        finally:
            await self.heal(device, own)
        wrong = _wrong(report)
        complaint = judge(EXPECTED.get((device, fault)), own, wrong)
        first = next(iter(wrong.items()), None)
        return Tried(
            device,
            fault,
            effect,
            level if wrong else "",
            tuple(wrong),
            first[1].reason if first else "",
            first[1].advice.action.value if first and first[1].advice else "",
            complaint,
        )

    async def _at_rest(self, device: str, own: frozenset[str]) -> Report:
        """The quick level, asked until the fault had time to reach the wire."""
        soon = Deadline.after(PLANTED_S)
        while True:
            report = await self.run(Level.QUICK, own | _bystanders(device))
            if _wrong(report) or soon.expired:
                return report

    async def heal(self, device: str, own: frozenset[str]) -> None:
        """Take the fault away and wait until the device says that it is well."""
        await self.simulator.fault(device, None)
        if device == "card_reader" and (await self.simulator.state(device))["card"] is not None:
            await self.simulator.act(device, "take")
        around = own
        if device in PAPER_PATH:
            around = own | PAPER_PATH
            await self._clear_path()
        if device in CARD_PATH:
            await self._clear_cards(device)
        until = Deadline.after(HEAL_S)
        while _wrong(await self.run(Level.QUICK, around)):
            until.check(f"healthy {device}")

    async def _clear_cards(self, device: str) -> None:
        """As a technician does: power on, open, take out what is inside, empty the reject box, take what lies there."""
        for act in ("plug_in", "clear", "empty_reject"):
            await self.simulator.act(device, act)
        if (await self.simulator.state(device))["where"].get("exit"):
            await self.simulator.act(device, "take_card")

    async def _clear_path(self) -> None:
        """As a technician clears a jam: pull the sheet out, load paper, empty the bin, and tell the feeder."""
        for act in ("remove", "fill", "empty_bin"):
            await self.simulator.act("paper_feeder", act)

        def mend() -> None:
            (feeder,) = ports(self.config, ["paper_feeder"]).values()
            until = Deadline.after(HEAL_S)
            feeder.open(until)
            try:
                while feeder.status(until).device is DeviceState.NO_DEVICE:
                    until.check("feeder with its power back")
                feeder.initialise(True, Deadline.after(HEAL_S))
                feeder.bin_emptied(Deadline.after(HEAL_S))
            finally:
                feeder.close()

        await asyncio.to_thread(mend)


def judge(expected: Expected | None, own: frozenset[str], wrong: dict[str, Finding]) -> str:
    """What is wrong with what was said; empty when it is right."""
    if isinstance(expected, Silent):
        return f"found, though it cannot be: {sorted(wrong)}" if wrong else ""
    if not wrong:
        return "not found"
    if strangers := sorted(set(wrong) - own):
        return f"blames {', '.join(strangers)} too"
    wanted = {expected.device} if isinstance(expected, Found) else set(wrong)
    if set(wrong) != wanted:
        return f"blames {', '.join(wrong)}, not {', '.join(wanted)}"
    advices = [finding.advice for finding in wrong.values()]
    if any(advice is None for advice in advices):
        return f"no advice: {', '.join(finding.reason for finding in wrong.values())}"
    actions = {advice.action for advice in advices if advice is not None}
    if isinstance(expected, Found) and actions != {expected.action}:
        return f"advises {', '.join(sorted(actions))}, not {expected.action}"
    return ""


def _bystanders(device: str) -> frozenset[str]:
    """Who must not be blamed. The camera's long look is left out of other devices' turns."""
    return (frozenset(ROLES) | OTHERS | {"sam", "paper_feeder"}) - {device, "camera"} - OWN.get(device, frozenset())


def _wrong(report: Report) -> dict[str, Finding]:
    """The first finding of each device that is not well."""
    wrong: dict[str, Finding] = {}
    for result in report.results:
        if result.finding.outcome not in (Outcome.PASS, Outcome.SKIPPED):
            wrong.setdefault(result.device, result.finding)
    return wrong


def _get(address: str) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address, timeout=30) as answer:
        return json.load(answer)


def run(options: Options) -> Proof:
    """Plant every fault, then run on a healthy machine."""
    with tempfile.TemporaryDirectory(prefix="adm-") as directory:
        tried, alarms, healthy = asyncio.run(_prove(Path(directory), options))
    wrong = [f"{one.device}/{one.fault}: {one.complaint}" for one in tried if one.complaint]
    silent = [one for one in tried if not one.blamed and not one.complaint]
    return Proof(
        len(tried) + healthy,
        len(wrong) + len(alarms),
        (
            f"{len(tried)} faults planted: {sum(bool(one.blamed) for one in tried)} found, {len(silent)} not findable",
            f"{sum(one.level == 'quick' for one in tried)} of them by the quick level, at rest",
            f"{len(alarms)} false alarms in {healthy} healthy runs",
            *wrong,
            *alarms,
        ),
    )


async def _prove(directory: Path, options: Options) -> tuple[list[Tried], list[str], int]:
    demo_options = DemoOptions(
        directory=directory, headless=True, screens=False, page_port=0, central_port=0, feeder=True, cards=True
    )
    async with Demo(demo_options) as demo:
        bench = Bench(demo)
        with contextlib.ExitStack() as stack:
            lent = devices(directory / "kiosk.toml", list(bench.config.devices), "proof")
            await asyncio.to_thread(stack.enter_context, lent)
            tried = []
            for device, fault, effect in await bench.faults():
                if not options.only or f"{device}/{fault}" in options.only:
                    tried.append(await bench.tried(device, fault, effect))
                    print(_row(tried[-1]), tried[-1].complaint, file=sys.stderr, flush=True)
            count = HEALTHY_LONG if options.long else HEALTHY_SHORT
            rounds = count if not options.only or "healthy" in options.only else 0
            alarms = []
            for number in range(rounds):
                report = await bench.run(Level.QUICK, frozenset())
                found = [f"healthy run {number}: {name}: {said.reason}" for name, said in _wrong(report).items()]
                alarms += found
                print(f"healthy run {number}: {report.seconds:.1f} s", *found, sep="\n", file=sys.stderr, flush=True)
    return tried, alarms, rounds


def table(tried: list[Tried]) -> Iterator[str]:
    """The faults as Markdown."""
    yield "| Device | Fault | What it is | Found by | Blamed | Reason | Action |"
    yield "|---|---|---|---|---|---|---|"
    for one in tried:
        yield _row(one)


def _row(one: Tried) -> str:
    expected = EXPECTED.get((one.device, one.fault))
    if isinstance(expected, Silent):
        return f"| {one.device} | {one.fault} | {one.effect} | not findable | | {expected.why} | |"
    cells = (one.device, one.fault, one.effect, one.level, ", ".join(one.blamed), f"`{one.reason}`", one.action)
    return f"| {' | '.join(cells)} |"


def main(only: tuple[str, ...] = ()) -> int:
    """Write the table; 1 when the property does not hold.

    Args:
        only: Rows to write anew; empty for all.
    """
    with tempfile.TemporaryDirectory(prefix="adm-") as directory:
        tried, alarms, _ = asyncio.run(_prove(Path(directory), Options(only=only)))
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    old, _, after = rest.partition(END)
    fresh = {f"| {one.device} | {one.fault} |": _row(one) for one in tried}
    kept = [next((fresh[head] for head in fresh if line.startswith(head)), line) for line in old.splitlines()]
    lines = kept if only else list(table(tried))
    DOCUMENT.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after, encoding="utf-8")
    return int(bool(alarms) or any(one.complaint for one in tried))


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
