"""Is everything right."""
