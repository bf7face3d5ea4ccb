"""The chip is being read."""
