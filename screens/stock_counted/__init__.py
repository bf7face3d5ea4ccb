"""Is this count right."""
