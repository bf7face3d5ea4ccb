"""Is this what was found."""
