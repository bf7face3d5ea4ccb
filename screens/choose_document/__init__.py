"""Which document."""
