"""A technician's visit that plays itself: card, PIN and every task by real touches, before the real daemon."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb

from simulator.demo.client import SimulatorClient
from simulator.demo.demo import Demo
from simulator.demo.tour import tasks
from simulator.demo.tour.camera_roll import CameraRoll, NoPictures
from simulator.demo.tour.hand import Hand
from simulator.demo.tour.visit import NOTHING_ENDS, SCREEN_S, Visit
from simulator.demo.views import Views

TECHNICIAN = ("service_technician", "246810")
WRONG_PIN = "975310"
Task = Callable[[Visit], Awaitable[None]]
SHORT: tuple[Task, ...] = (tasks.quick_test, tasks.load_paper, tasks.clear_jam)
"""What a test plays each time: one of each kind of screen."""
LONG: tuple[Task, ...] = (
    tasks.clear_feeder,
    tasks.settle,
    tasks.quick_test,
    tasks.load_paper,
    tasks.load_blanks,
    tasks.load_roll,
    tasks.clear_jam,
    tasks.align,
    tasks.clean,
    tasks.replace_device,
    tasks.touch_test,
    tasks.display_test,
    tasks.full_test,
    tasks.reports,
    tasks.export_logs,
)


OUTSIDE = ("attract", "out_of_service")


def hand_of(demo: Demo) -> Hand:
    """A finger on a demo's screens."""
    if demo.display is None or demo.windowed:
        raise ValueError("a visit is played on a display of the demo's own")
    return Hand(demo.display, demo.targets)


async def visit(demo: Demo, short: bool = False, roll: CameraRoll | None = None) -> None:
    """Play a visit on a running demo whose screens show attract.

    Args:
        demo: With screens of its own and a paper feeder.
        short: A few tasks alone; nobody's print ends badly before, and the machine is not restarted after.
        roll: Gets a picture of each screen; None: none are taken.

    Raises:
        NotInTime: Another screen came than the story has.
    """
    hand = hand_of(demo)
    roll = roll or NoPictures(hand.display, hand)
    async with Views(demo.panel, NOTHING_ENDS) as views:
        person = Visit(demo, views, hand, roll, SimulatorClient(demo.page))
        await person.sees("attract")
        if not short:
            await a_print_of_unknown_outcome(person)
        await comes_in(person)
        for task in SHORT if short else LONG:
            await task(person)
        await person.touches("done")
        # Closed when a self-test on a busy computer found something too slow.
        await person.sees(*OUTSIDE)
        if not short:
            await restarts(person, "restart")
    if not short:
        async with Views(demo.panel, NOTHING_ENDS) as views:
            person.views = views
            await person.sees(*OUTSIDE, within_s=SCREEN_S * 2, where=_started)
            await person.looks("attract_after_restart")
            await restarts(person, "shut_down")


async def comes_in(person: Visit, pin_wrong_first: bool = True) -> None:
    """Put the service card, mistype the PIN once, see the menu."""
    card, pin = TECHNICIAN
    await person.simulator.act("card_reader", "put_service", holder=card)
    await person.sees("technician_pin")
    if pin_wrong_first:
        await person.looks("technician_pin")
        await person.types(WRONG_PIN)
        await person.sees("technician_pin", where=lambda view: view.technician_pin.wrong)
        await person.looks("technician_pin_wrong")
    await person.types(pin)
    await person.sees("technician_menu")
    await person.takes_card()
    if pin_wrong_first:
        await person.looks("technician_menu")


async def restarts(person: Visit, how: str) -> None:
    """Come in once more and end the daemon; restarting it is its keeper's part, as systemd's on a machine."""
    await comes_in(person, pin_wrong_first=False)
    await person.picks(f"task:{how}")
    await person.sees("task")
    await person.looks(f"task_{how}")
    await person.touches("confirm")
    await person.demo.children["kiosk"].process.wait()
    await person.demo.children.end("kiosk")
    await person.hand.wait("out_of_service", 0)
    await person.looks(f"after_{how}")
    if how == "restart":
        await person.demo.start_kiosk()


async def a_print_of_unknown_outcome(person: Visit) -> None:
    """A resident's print whose answer is lost, so that there is something to settle."""
    await person.simulator.act("camera", "stand", resident="hamid")
    await person.touches("start")
    await person.sees("place_card")
    await person.simulator.act("card_reader", "put", resident="hamid")
    choosing = await person.sees("choose_document")
    await person.simulator.fault("document_printer", "cut_after_document")
    await person.touches(f"choose:{choosing.choose_document.documents[0].document_id}")
    await person.sees("proofread")
    await person.touches("confirm")
    await person.sees("trouble", within_s=120)
    await person.looks("trouble_outcome_unknown")
    await person.takes_card()
    await person.simulator.act("camera", "leave")
    await person.simulator.fault("document_printer", None)
    await person.touches("done")
    await person.sees("attract", where=_some_closed)
    await person.looks("closed_until_settled")


def _started(view: pb.View) -> bool:
    return bool(view.out_of_service.reason != pb.OUT_OF_SERVICE_REASON_STARTING)


def _some_closed(view: pb.View) -> bool:
    return any(offer.availability == fleet.AVAILABILITY_UNAVAILABLE for offer in view.attract.services)
