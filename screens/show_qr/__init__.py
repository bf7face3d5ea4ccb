"""Waiting for a QR code before the camera."""
