"""Documents as people get them: what stands in them, and how they are set."""
