"""The old card is asked for."""
