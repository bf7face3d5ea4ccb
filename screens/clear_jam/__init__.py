"""A jam is cleared."""
