"""Synthetic presentation attacks: prints, bent prints and screens held before a pin-hole camera.

Rendered from pictures of the invented residents, or of a folder given for measuring. A rendered sheet is not a printed
one: nothing here is a test after ISO/IEC 30107-3.
"""

import functools
import math
from dataclasses import dataclass

import cv2
import numpy as np

from biometrics.geometry import Image

# The camera: 640 x 480, about 60 degrees across.
WIDTH_PX = 640
HEIGHT_PX = 480
FOCAL_PX = 554.0
INTER_EYE_MM = 63.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture on something flat or bent.

    Attributes:
        picture: What is printed or shown, BGR.
        width_mm: How wide the picture is on the sheet.
        border: Share of the width that is white (or the screen's dark frame) around it; 0 for none.
        border_level: Grey level of that border.
        radius_mm: Radius of the bend about the vertical axis; None for flat.
    """

    picture: Image
    width_mm: float
    border: float = 0.0
    border_level: int = 245
    radius_mm: float | None = None

    @property
    def height_mm(self) -> float:
        """How high the picture is on the sheet."""
        rows, columns = self.picture.shape[:2]
        return float(self.width_mm * rows / columns)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the sheet is held; angles in degrees, lengths in millimetres."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    distance_mm: float = 550.0
    x_mm: float = 0.0
    y_mm: float = 0.0


def show(sheet: Sheet, pose: Pose, background: Image) -> Image:
    """What the camera sees."""
    u, v = _sheet_coordinates(sheet, pose)
    height, width = sheet.picture.shape[:2]
    map_x = ((u / sheet.width_mm + 0.5) * width).astype(np.float32)
    map_y = ((v / sheet.height_mm + 0.5) * height).astype(np.float32)
    seen = cv2.remap(sheet.picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    margin = sheet.border * sheet.width_mm
    half_width, half_height = sheet.width_mm / 2, sheet.height_mm / 2
    inside = (np.abs(u) <= half_width) & (np.abs(v) <= half_height)
    on_sheet = (np.abs(u) <= half_width + margin) & (np.abs(v) <= half_height + margin)
    frame = np.where(on_sheet[..., None], np.uint8(sheet.border_level), background)
    return np.where(inside[..., None], seen, frame).astype(np.uint8)


def _sheet_coordinates(sheet: Sheet, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel, the place on the unrolled sheet that its ray meets; far outside when it meets none."""
    turn = _rotation(pose)
    direction = _rays() @ turn
    origin = -np.array([pose.x_mm, pose.y_mm, pose.distance_mm], np.float32) @ turn
    if sheet.radius_mm is None:
        along = -origin[2] / direction[..., 2]
        x, y = origin[0] + along * direction[..., 0], origin[1] + along * direction[..., 1]
        return x, y
    # A cylinder behind the sheet's middle: its axis is vertical at z = +radius, the camera sees its near side.
    radius = sheet.radius_mm
    oz = origin[2] - radius
    a = direction[..., 0] ** 2 + direction[..., 2] ** 2
    b = origin[0] * direction[..., 0] + oz * direction[..., 2]
    c = origin[0] ** 2 + oz**2 - radius**2
    under_root = b * b - a * c
    along = (-b - np.sqrt(np.maximum(under_root, 0.0))) / a
    x, y = origin[0] + along * direction[..., 0], origin[1] + along * direction[..., 1]
    z = oz + along * direction[..., 2]
    unrolled = radius * np.arctan2(x, -z)
    return np.where(under_root > 0, unrolled, 1e6), y


@functools.cache
def _rays() -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(WIDTH_PX) + 0.5, np.arange(HEIGHT_PX) + 0.5)
    x, y = (columns - WIDTH_PX / 2) / FOCAL_PX, (rows - HEIGHT_PX / 2) / FOCAL_PX
    return np.stack((x, y, np.ones_like(x)), -1).astype(np.float32)


def _rotation(pose: Pose) -> np.ndarray:
    """Sheet to camera. Positive yaw brings the right edge of the picture away from the camera."""
    y, p, r = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    result: np.ndarray = (about_z @ about_x @ about_y).astype(np.float32)
    return result


def with_moire(picture: Image, pitch_px: float, strength: float, phase: float) -> Image:
    """Beats of a screen's grid with the sensor's, as coloured stripes."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]]
    beats = [
        np.sin(2 * math.pi * (columns * math.cos(angle) + rows * math.sin(angle)) / pitch_px + phase + shift)
        for angle, shift in ((0.15, 0.0), (0.18, 0.7), (0.21, 1.4))
    ]
    return np.clip(picture + strength * np.stack(beats, -1), 0, 255).astype(np.uint8)


def with_noise(picture: Image, random: np.random.Generator, deviation: float = 2.5) -> Image:
    """The sensor's noise."""
    grain = np.zeros(picture.shape, np.int16)
    cv2.randn(grain, (0.0,) * 3, (deviation,) * 3)
    rolled = np.roll(grain, int(random.integers(picture.shape[0])), axis=0)
    return np.asarray(cv2.add(picture, rolled, dtype=cv2.CV_8U), np.uint8)
