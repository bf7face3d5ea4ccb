"""Faces as numbers: models, detection, alignment, descriptor, quality, pose. Shared by kiosk and central."""
