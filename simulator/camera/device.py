"""The virtual camera as the simulator page sees it: who stands there, what is wrong with it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from simulator.camera import scene
from simulator.camera.performance import FRAMES_PER_S, IDLE, Performance, Pose, turn
from simulator.camera.stream import MjpegServer
from simulator.device import Action, ActionRefused

FAULTS = {
    "covered": "a hand on the lens: the picture is black",
    "dark": "no light: hardly anything is seen",
    "frozen": "the same picture for ever",
    "unplugged": "the camera is gone until it is plugged in again",
    "slow": "three frames a second",
    "corrupted": "every frame is damaged on its way",
}
SLOW_FRAMES_PER_S = 3.0
PHOTO = "photo"


Part = tuple[float, float, float, float]
# Where a document has its QR code, as shares of the page: people hold that corner to the camera.
QR_CORNER_WIDE: Part = (0.76, 0.72, 1.0, 1.0)
QR_CORNER_TALL: Part = (0.58, 0.77, 0.98, 0.95)


class VirtualCamera:
    """Implements `simulator.device.VirtualDevice`; its wire is an HTTP MJPEG stream.

    Attributes:
        url: Where the stream is; only after `start`.
    """

    name = "camera"
    title = "Camera"

    def __init__(
        self,
        samples: Path,
        codes: Path | None = None,
        papers: Path | None = None,
        receipts: Path | None = None,
    ) -> None:
        """
        Args:
            samples: Folder with `faces/NAME/*.jpg`.
            codes: Folder with `NAME.png`, the residents' QR codes; it may come to be later.
            papers: Folder with pictures of the pages that came out of the printer.
            receipts: The same of the receipts.
        """
        self._codes, self._papers, self._receipts = codes, papers, receipts
        self._held: Image.Image | None = None
        self._faces = samples / "faces"
        self._people = tuple(sorted(path.name for path in self._faces.iterdir() if path.is_dir()))
        self._stream = MjpegServer(self._next_jpeg, self._frames_per_s)
        self._empty = scene.empty_place()
        self._pictures: dict[tuple[str, str], Image.Image] = {}
        self._random = Random()
        self._sensor = scene.Sensor(self._random)
        self._person: str | None = None
        self._photo: str | None = None
        self._performance = Performance(0.0)
        self._fault: str | None = None
        self._newest = b""

    @property
    def url(self) -> str:
        """Where the stream is."""
        return self._stream.url

    async def start(self) -> None:
        """Listen; frames are made only while somebody looks."""
        await self._stream.start()

    async def stop(self) -> None:
        """Stop listening and end every connection."""
        await self._stream.stop()

    def state(self) -> Mapping[str, Any]:
        """Who stands there, whose photograph is held up (None: nobody), the fault, and how many look."""
        return {
            "person": self._person,
            "photo": self._photo,
            "holding": self._held is not None,
            "fault": self._fault,
            "watchers": self._stream.clients,
        }

    def actions(self) -> Mapping[str, Action]:
        """Stand, turn the head, leave, hold up a photograph."""
        actions = {
            "stand": Action("Stand here", self._stand, {"resident": self._people}),
            "show_photo": Action("Hold up a photograph", self._show_photo, {"resident": self._people}),
            "show_code": Action("Hold up a QR code", self._show_code, {"resident": self._people}),
            "show_paper": Action("Hold up the newest printed page", self._show_paper),
            "show_page": Action("Hold up the whole newest page", self._show_page),
            "show_receipt": Action("Hold up the newest receipt", self._show_receipt),
        }
        if self._held is not None:
            actions["put_down"] = Action("Put it down", self._put_down)
        if self._person is not None:
            actions["turn_left"] = Action("Turn to own left", self._turn_left)
            actions["turn_right"] = Action("Turn to own right", self._turn_right)
        if self._person is not None or self._photo is not None:
            actions["leave"] = Action("Walk away", self._leave)
        return actions

    def faults(self) -> Mapping[str, str]:
        """What can be wrong with it."""
        return FAULTS

    async def set_fault(self, fault: str | None) -> None:
        """Show this fault from now on; None is healthy again."""
        if fault is not None and fault not in FAULTS:
            raise KeyError(fault)
        self._fault = fault
        await self._stream.set_plugged(fault != "unplugged")

    async def _stand(self, resident: str) -> None:
        if resident not in self._people:
            raise ActionRefused(f"nobody is called {resident}")
        self._pictures = {key: made for key, made in self._pictures.items() if key[0] in ("", resident)}
        await asyncio.to_thread(self._prepare, resident, IDLE)
        self._person, self._photo, self._held = resident, None, None
        self._performance = Performance(asyncio.get_running_loop().time())

    async def _show_photo(self, resident: str) -> None:
        if resident not in self._people:
            raise ActionRefused(f"nobody is called {resident}")
        await asyncio.to_thread(self._prepare, resident, (PHOTO,))
        self._person, self._photo = None, resident

    async def _show_code(self, resident: str) -> None:
        file = None if self._codes is None else self._codes / f"{resident}.png"
        if resident not in self._people or file is None or not file.is_file():
            raise ActionRefused(f"{resident} has no QR code")
        self._held = await asyncio.to_thread(_held_up, file, False)

    async def _show_paper(self) -> None:
        self._held = await asyncio.to_thread(_held_up, _newest(self._papers), True)

    async def _show_page(self) -> None:
        self._held = await asyncio.to_thread(_held_up, _newest(self._papers), False)

    async def _show_receipt(self) -> None:
        self._held = await asyncio.to_thread(_held_up, _newest(self._receipts), False)

    async def _put_down(self) -> None:
        self._held = None

    async def _leave(self) -> None:
        self._person = self._photo = self._held = None

    async def _turn_left(self) -> None:
        await self._turn(to_own_left=True)

    async def _turn_right(self) -> None:
        await self._turn(to_own_left=False)

    async def _turn(self, to_own_left: bool) -> None:
        if self._person is None:
            raise ActionRefused("nobody stands before the camera")
        poses = turn(to_own_left, self._random)
        await asyncio.to_thread(self._prepare, self._person, poses)
        self._performance.play(poses, asyncio.get_running_loop().time())

    def _frames_per_s(self) -> float:
        return SLOW_FRAMES_PER_S if self._fault == "slow" else float(FRAMES_PER_S)

    def _next_jpeg(self) -> bytes:
        if self._fault != "frozen" or not self._newest:
            shown = self._held or self._picture(self._person or self._photo or "", self._pose())
            self._newest = self._sensor.grab(shown)
        return scene.corrupted(self._newest) if self._fault == "corrupted" else self._newest

    def _pose(self) -> str:
        if self._fault == "covered":
            return "covered"
        pose = "empty"
        if self._photo is not None:
            pose = PHOTO
        elif self._person is not None:
            pose = self._performance.pose(asyncio.get_running_loop().time())
        return f"{pose} dark" if self._fault == "dark" else pose

    def _prepare(self, person: str, poses: Sequence[Pose]) -> None:
        """Make the pictures beforehand, so that the stream does not stutter."""
        for pose in sorted(set(poses)):
            self._picture(person, pose)

    def _picture(self, person: str, pose: str) -> Image.Image:
        key = (person, pose)
        if key not in self._pictures:
            self._pictures[key] = self._made(person, pose)
        return self._pictures[key]

    def _made(self, person: str, pose: str) -> Image.Image:
        if pose == "covered":
            return scene.covered()
        if pose.endswith(" dark"):
            return scene.darkened(self._picture(person, pose.removesuffix(" dark")))
        if pose == PHOTO:
            return scene.photograph(self._faces / person / "portrait.jpg")
        return scene.standing(self._faces / person / f"{pose}.jpg") if person else self._empty


def _newest(folder: Path | None) -> Path:
    pages = sorted(folder.glob("*.png"), key=lambda page: page.stat().st_mtime) if folder else []
    if not pages:
        raise ActionRefused("nothing was printed yet")
    return pages[-1]


def _held_up(file: Path, corner: bool) -> Image.Image:
    with Image.open(file) as opened:
        thing = opened.convert("RGB")
    if corner:
        width, height = thing.size
        left, top, right, bottom = QR_CORNER_WIDE if width > height else QR_CORNER_TALL
        thing = thing.crop((round(width * left), round(height * top), round(width * right), round(height * bottom)))
    return scene.held_up(thing)
