"""Are you still there."""
