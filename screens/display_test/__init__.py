"""The display is looked at."""
