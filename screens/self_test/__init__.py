"""A self-test under way."""
