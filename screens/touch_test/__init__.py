"""Every part of the screen is touched."""
