"""The face is being checked."""
