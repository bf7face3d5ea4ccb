"""The virtual camera: an HTTP MJPEG stream of an empty place, or of a sample resident."""

from simulator.camera.device import VirtualCamera

__all__ = ["VirtualCamera"]
