"""The benchmark and proof runners."""
