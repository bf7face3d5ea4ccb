"""A service card's PIN."""
