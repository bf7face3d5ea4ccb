"""One resident's journey, from touching the attract screen to taking the card back."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from simulator.demo.client import SimulatorClient
from simulator.demo.demo import Demo
from simulator.demo.tour.camera_roll import CameraRoll, NoPictures
from simulator.demo.tour.hand import Hand
from simulator.demo.tour.timeline import Timeline
from simulator.demo.views import Seen, Views
from simulator.demo.waiting import NotInTime

KINDS = {
    "kk": registry.DOCUMENT_KIND_KK,
    "biodata": registry.DOCUMENT_KIND_BIODATA,
    "akta_kelahiran": registry.DOCUMENT_KIND_AKTA_KELAHIRAN,
    "akta_kematian": registry.DOCUMENT_KIND_AKTA_KEMATIAN,
    "skpwni": registry.DOCUMENT_KIND_SKPWNI,
    "ktp_el": registry.DOCUMENT_KIND_KTP_EL,
    "kia": registry.DOCUMENT_KIND_KIA,
}
CARD_PRINTERS = {"ktp_el": "card_printer", "kia": "kia_printer"}
SCREEN_S = 30.0
PRINT_S = 90.0
ATTRACT_S = 90.0


@dataclass(frozen=True, slots=True)
class Script:
    """Who does what.

    Attributes:
        resident: Whose card and face, as in samples/faces.
        document: Which document, a key of `KINDS`.
        language: "id" or "en".
        pause_s: How long the person looks at each screen before touching it.
    """

    resident: str = "hamid"
    document: str = "kk"
    language: str = "id"
    pause_s: float = 1.0


@dataclass(slots=True)
class Journey:
    """What was played.

    Attributes:
        timeline: Times of each screen.
        printer: Which device printed.
        pages: Names of the printed pages' pictures at the simulator, of both sides of a card.
        receipt: Name of the receipt's picture; empty when none was printed.
        receipt_number: As the screen showed it.
        fed_s: Time the paper feeder took to bring the first sheet.
    """

    script: Script
    timeline: Timeline
    printer: str = "document_printer"
    pages: list[str] = field(default_factory=list)
    receipt: str = ""
    receipt_number: str = ""
    fed_s: float = 0.0

    def card_to_job_sent(self) -> dict[str, float]:
        """Time from the card's touch on the reader to the moment the printer has the job, by whose it was.

        The device part is the chip's air time and the first sheet's way to the printer: nothing else of the machine
        moves before the job is sent.
        """
        marks = self.timeline.marks
        total_s = marks["job_sent"] - marks["card_on_reader"]
        human_s = self.timeline.human_between(marks["card_on_reader"], marks["job_sent"])
        device_s = self.fed_s + next(step.device_s for step in self.timeline.steps if step.name == "reading")
        return {
            "total_s": total_s,
            "software_s": total_s - human_s - device_s,
            "device_s": device_s,
            "human_s": human_s,
        }


async def play(demo: Demo, script: Script, pictures: bool = False) -> tuple[Journey, CameraRoll]:
    """Play a journey on a running demo whose screens show attract.

    Args:
        demo: With screens of its own (not a person's window, which may lie anywhere).
        script: Who does what.
        pictures: Take a picture of each screen; costs time on a small machine.

    Raises:
        NotInTime: The journey took another way than the script; the message says which screen came.
    """
    if demo.display is None or demo.windowed:
        raise ValueError("a journey is played on a display of the demo's own")
    hand = Hand(demo.display, demo.targets)
    roll = CameraRoll(demo.display, hand) if pictures else NoPictures(demo.display, hand)
    async with Views(demo.panel) as views:
        make = _CardPlayer if script.document in CARD_PRINTERS else _Player
        player = make(script, views, hand, roll, SimulatorClient(demo.page), demo.options.feeder)
        return await player.play(), roll


class _Player:
    def __init__(
        self, script: Script, views: Views, hand: Hand, roll: CameraRoll, simulator: SimulatorClient, feeder: bool
    ) -> None:
        self._script = script
        self._feeder = feeder
        self._views = views
        self._hand = hand
        self._roll = roll
        self._simulator = simulator
        self._time = Timeline()
        self._journey = Journey(script, self._time)
        self._paper_left_mm = 0.0

    async def play(self) -> Journey:
        await self._come()
        async with self._roll.passing("reading", "face"):
            await self._identify()
            choosing = await self._shown("choose_document")
        await self._choose(choosing)
        proofreading = await self._shown("proofread")
        async with self._roll.passing("printing"):
            await self._confirm(proofreading)
            taking = await self._printed()
        await self._take_paper(taking)
        await self._take_receipt()
        await self._leave()
        return self._journey

    async def _come(self) -> None:
        attract = await self._shown("attract", ATTRACT_S, where=self._offered)
        with self._time.human():
            await self._simulator.act("camera", "stand", resident=self._script.resident)
        if attract.view.language != _language(self._script.language):
            await self._look("attract_other_language")
            await self._touch("language")
            language = _language(self._script.language)
            await self._shown("attract", where=lambda view: view.language == language)
        await self._look("attract")
        await self._touch("start")

    def _offered(self, view: pb.View) -> bool:
        kind, closed = KINDS[self._script.document], fleet.AVAILABILITY_UNAVAILABLE
        return any(offer.kind == kind and offer.availability != closed for offer in view.attract.services)

    async def _identify(self) -> None:
        await self._shown("place_card")
        await self._look("place_card")
        with self._time.human():
            await self._simulator.act("card_reader", "put", resident=self._script.resident)
        self._time.mark("card_on_reader", time.monotonic())
        reading = await self._views.wait("reading", within_s=SCREEN_S)
        self._time.begin("reading", reading.at_s)
        face = await self._views.wait("face", within_s=SCREEN_S)
        # The counters begin anew with each card.
        self._time.device((await self._simulator.counters("card_reader"))["air_s"])
        self._time.begin("face", face.at_s)

    async def _choose(self, seen: Seen) -> None:
        kind = KINDS[self._script.document]
        choices = [choice for choice in seen.view.choose_document.documents if choice.kind == kind]
        if not choices:
            raise NotInTime(f"{self._script.resident} has no {self._script.document} to print")
        await self._look("choose_document")
        target = f"choose:{choices[0].document_id}"
        with self._time.human():
            await self._hand.find(target)
        await self._touch(target)

    async def _confirm(self, _: Seen) -> None:
        await self._hand.offered("confirm")
        await self._look("proofread")
        await self._touch("confirm")

    async def _printed(self) -> Seen:
        moved_before_s = await self._moved_s()
        printing = await self._views.wait("printing", within_s=SCREEN_S)
        self._time.begin("printing", printing.at_s)
        step = pb.PRINTING_STEP_PRINTING
        sent = await self._views.wait("printing", within_s=SCREEN_S, where=lambda view: view.printing.step == step)
        self._time.mark("job_sent", sent.at_s)
        self._journey.fed_s = await self._moved_s() - moved_before_s
        taking = await self._views.wait("take_paper", within_s=PRINT_S)
        moved_s = await self._moved_s() - moved_before_s
        self._time.device(moved_s + _last_print_s(await self._simulator.state("document_printer")))
        self._time.begin("take_paper", taking.at_s)
        await self._hand.wait("take_paper", taking.view.revision)
        return taking

    async def _moved_s(self) -> float:
        return float((await self._simulator.state("paper_feeder"))["moved_s"]) if self._feeder else 0.0

    async def _take_paper(self, _: Seen) -> None:
        state = await self._simulator.state("document_printer")
        self._journey.pages = list(state["pages"])
        await self._look("take_paper")
        with self._time.human():
            # Read before: a sensor may have the next screen there at once.
            self._paper_left_mm = (await self._simulator.state("receipt_printer"))["paper_left_mm"]
            await self._simulator.act(
                *(("paper_feeder", "take") if self._feeder else ("document_printer", "take_paper"))
            )
        if not self._feeder:
            await self._touch("done")

    async def _take_receipt(self) -> None:
        printing = await self._views.wait("receipt", within_s=SCREEN_S)
        self._time.begin("receipt", printing.at_s)
        over = pb.RECEIPT_STATE_PRINTING
        ready = printing
        if printing.view.receipt.state == over:
            ready = await self._views.wait("receipt", within_s=SCREEN_S, where=lambda view: view.receipt.state != over)
        self._journey.receipt_number = ready.view.receipt.receipt_number
        await self._hand.wait("receipt", ready.view.revision)
        state = await self._simulator.state("receipt_printer")
        self._time.device((self._paper_left_mm - state["paper_left_mm"]) / state["speed_mm_s"])
        if state["waiting"]:
            self._journey.receipt = state["waiting"][-1]
            with self._time.human():
                await self._simulator.act("receipt_printer", "take_receipt")
        await self._look("receipt")
        await self._touch("done")

    async def _leave(self) -> None:
        await self._shown("choose_document")
        await self._look("choose_document_again")
        await self._touch("done")
        await self._shown("goodbye")
        await self._look("goodbye")
        with self._time.human():
            if (await self._simulator.state("card_reader"))["card"] is not None:
                await self._simulator.act("card_reader", "take")
            await self._simulator.act("camera", "leave")
        attract = await self._views.wait("attract", within_s=SCREEN_S)
        self._time.end(attract.at_s)

    async def _shown(self, screen: str, within_s: float = SCREEN_S, **more: Any) -> Seen:
        """Wait for a screen of the journey, and until it is drawn."""
        seen = await self._views.wait(screen, within_s=within_s, **more)
        self._time.begin(screen, seen.at_s)
        await self._hand.wait(screen, seen.view.revision)
        return seen

    async def _look(self, picture: str) -> None:
        """The person reads the screen."""
        with self._time.human():
            pause = asyncio.create_task(asyncio.sleep(self._script.pause_s))
            await self._roll.still(picture)
            await pause

    async def _touch(self, name: str) -> None:
        with self._time.human():
            await self._hand.touch(name)


class _CardPlayer(_Player):
    """Has a card made, takes it, and puts the old one into the slot when asked for it."""

    async def _printed(self) -> Seen:
        self._journey.printer = CARD_PRINTERS[self._script.document]
        before_s = await self._busy_s()
        printing = await self._views.wait("printing", within_s=SCREEN_S)
        self._time.begin("printing", printing.at_s)
        step = pb.PRINTING_STEP_PRINTING
        sent = await self._views.wait("printing", within_s=PRINT_S, where=lambda view: view.printing.step == step)
        self._time.mark("job_sent", sent.at_s)
        self._journey.fed_s = await self._busy_s() - before_s
        taking = await self._views.wait("take_card", within_s=PRINT_S)
        self._time.device(await self._busy_s() - before_s)
        self._time.begin("take_card", taking.at_s)
        await self._hand.wait("take_card", taking.view.revision)
        return taking

    async def _take_paper(self, _: Seen) -> None:
        self._journey.pages = ["front.png", "back.png"]
        await self._look("take_card")
        with self._time.human():
            # Read before: a sensor may have the next screen there at once.
            self._paper_left_mm = (await self._simulator.state("receipt_printer"))["paper_left_mm"]
            await self._simulator.act(self._journey.printer, "take_card")
        if self._script.document != "ktp_el":
            return
        await self._shown("surrender_card")
        await self._look("surrender_card")
        with self._time.human():
            await self._simulator.act("card_reader", "take")
            await self._simulator.act(self._journey.printer, "insert_card")
        await self._touch("confirm")

    async def _busy_s(self) -> float:
        return float((await self._simulator.state(self._journey.printer))["busy_s"])


def _language(code: str) -> pb.Language.ValueType:
    return pb.LANGUAGE_EN if code == "en" else pb.LANGUAGE_ID


def _last_print_s(state: dict[str, Any]) -> float:
    return float(state["last_print_s"])
