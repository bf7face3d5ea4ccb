"""Who comes before the liveness check: rendered residents who turn as asked, and attackers who do their best.

A subject is a generator of pictures that hears what is asked. Time is simulated: nobody waits.
"""

import functools
import math
from collections.abc import Callable, Generator
from random import Random

import cv2
import numpy as np
import PIL.Image

from biometrics.engine import FaceEngine
from biometrics.geometry import Image
from drivers.camera.port import Frame
from kiosk.identity.liveness import LivenessCheck
from kiosk.identity.liveness_rules import Ask, End
from simulator.camera import scene
from simulator.camera.performance import IDLE, yaw_pose
from tests.support.attacks import Pose, Sheet, show, with_moire, with_noise
from tests.support.faces import SAMPLES

Subject = Generator[Image, Ask, None]

FRAMES_PER_S = 10.0
GIVE_UP_S = 100.0


def outcome(engine: FaceEngine, subject: Subject, random: Random, fps: float = FRAMES_PER_S) -> tuple[End, float]:
    """Let the subject go through the check; how it ended, and the score."""
    check = LivenessCheck(engine, random.random)
    ask, picture = Ask.LOOK_STRAIGHT, next(subject)
    for number in range(1, int(GIVE_UP_S * fps)):
        step = check.step(Frame(picture, number / fps, number))
        ask = step.ask
        if step.end is not None:
            score = check.score
            check.close()
            return step.end, score
        picture = subject.send(ask)
    raise AssertionError("the check does not end by itself")


def standing_picture(person: str, pose: str) -> Image:
    """A sample pose as the camera sees it, without its noise."""
    return np.ascontiguousarray(np.asarray(_standing(person, pose), np.uint8)[..., ::-1])


def resident(person: str, random: Random, slow: bool | None = None) -> Subject:
    """Drifts a little; turns to the asked side after a moment and comes back when told, or earlier by itself.

    Args:
        slow: Reacts after 0.8 to 2 seconds and turns by 10 to 20 degrees a second, where others take 0.3 to 0.8
            seconds and turn by 20 to 40; None: one in four does.
    """
    sensor = scene.Sensor(random)
    moving = movements(random, slow)
    pose = next(moving)
    while True:
        ask = yield _decoded(sensor.grab(_standing(person, pose)))
        pose = moving.send(ask)


def movements(random: Random, slow: bool | None = None) -> Generator[str, Ask, None]:
    """What a resident does: see `resident`; poses out, a frame each, and what is asked in."""
    slow = random.random() < 0.25 if slow is None else slow
    waits_to_be_told = random.random() < 0.7
    idle, asked = random.randrange(len(IDLE)), Ask.LOOK_STRAIGHT
    poses: list[str] = []
    way: list[str] = []
    while True:
        if poses:
            ask = yield poses.pop(0)
        elif way:
            ask = yield way[-1]
        else:
            idle += 1
            ask = yield IDLE[idle % len(IDLE)]
        if ask is asked:
            continue
        asked = ask
        delay = random.randint(8, 20) if slow else random.randint(3, 8)
        if ask in (Ask.TURN_LEFT, Ask.TURN_RIGHT):
            way = _way(1 if ask is Ask.TURN_LEFT else -1, random, slow)
            poses = [*poses, *[IDLE[0]] * delay, *way]
            if not waits_to_be_told:
                poses += [way[-1]] * random.randint(4, 16) + way[::-1]
                way = []
        elif way:
            poses += [way[-1]] * delay + way[::-1]
            way = []


def _way(sign: int, random: Random, slow: bool) -> list[str]:
    """From straight to one side, a frame each; no two are the same, as with people."""
    lasting = (2, 2, 3, 4) if slow else (1, 1, 1, 2)
    steps = range(0, random.choice((36, 40)) + 1, 4)
    return [yaw_pose(sign * yaw) for yaw in steps for _ in range(random.choice(lasting))]


def held_sheet(
    sheet: Sheet,
    random: Random,
    reach_deg: float = 45.0,
    shift_mm: float = 0.0,
    change: Callable[[Image], Image] = lambda i: i,
) -> Subject:
    """An attacker who holds the sheet by hand and turns it to the asked side as far as it goes, again and again."""
    background = _empty_place(random)
    noise = np.random.default_rng(random.randrange(2**32))
    distance_mm = random.uniform(420, 650)
    pitch = random.uniform(-8, 8)
    phase = 0.0
    ask = Ask.LOOK_STRAIGHT
    while True:
        side = {Ask.TURN_LEFT: 1.0, Ask.TURN_RIGHT: -1.0}.get(ask, 0.0)
        phase = phase + 0.22 if side else 0.0
        angle = side * reach_deg * abs(math.sin(phase))
        # Which way helps depends on the bend: try both in turn.
        if side and int(phase / math.pi) % 2:
            angle = -angle
        pose = Pose(
            yaw=angle + random.uniform(-1, 1),
            pitch=pitch + random.uniform(-1, 1),
            roll=random.uniform(-1.5, 1.5),
            distance_mm=distance_mm,
            x_mm=shift_mm * side * abs(math.sin(phase)) + random.uniform(-1, 1),
            y_mm=random.uniform(-1, 1),
        )
        ask = yield with_noise(change(show(sheet, pose, background)), noise)


def screen(picture: Image, random: Random) -> Subject:
    """A screen that shows the picture, with moire."""
    pitch, strength = random.uniform(5, 30), random.uniform(4, 12)
    sheet = Sheet(picture, random.uniform(150, 230), random.choice((0.0, 0.04)), border_level=25)
    return held_sheet(sheet, random, change=lambda seen: with_moire(seen, pitch, strength, random.uniform(0, 6)))


def frozen(person: str, random: Random) -> Subject:
    """A stream that stopped: the same picture for ever."""
    picture = _decoded(scene.Sensor(random).grab(_standing(person, "yaw_+00")))
    while True:
        yield picture


def loop(person: str, random: Random, poses: list[str], fresh_noise: bool) -> Subject:
    """A clip played again and again: fed in as a file, or filmed from a screen (then with fresh noise)."""
    sensor = scene.Sensor(random)
    clip = [_standing(person, pose) for pose in poses]
    grabs = [_decoded(sensor.grab(picture)) for picture in clip]
    at = random.randrange(len(clip))
    while True:
        yield _decoded(sensor.grab(clip[at % len(clip)])) if fresh_noise else grabs[at % len(clip)]
        at += 1


def recording(person: str, random: Random, poses: list[str]) -> Subject:
    """A film of this very person, shown on a screen again and again at its own pace: every frame is a new one."""
    sensor = scene.Sensor(random)
    at, pace = random.uniform(0, len(poses)), random.uniform(0.7, 1.3)
    while True:
        yield _decoded(sensor.grab(_standing(person, poses[int(at) % len(poses)])))
        at += pace


def recorded(subject: Subject, frames: int) -> list[Image]:
    """What a camera films of somebody who is asked for nothing."""
    clip = [next(subject)]
    while len(clip) < frames:
        clip.append(subject.send(Ask.LOOK_STRAIGHT))
    return clip


def replayed(clip: list[Image], random: Random) -> Subject:
    """A film fed in as a file, again and again; of one frame, a stream that stopped."""
    at = random.randrange(len(clip))
    while True:
        yield clip[at % len(clip)]
        at += 1


@functools.lru_cache(maxsize=400)
def _standing(person: str, pose: str) -> PIL.Image.Image:
    return scene.standing(SAMPLES / "faces" / person / f"{pose}.jpg")


def _decoded(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def _empty_place(random: Random) -> Image:
    return _decoded(scene.Sensor(random).grab(scene.empty_place()))
