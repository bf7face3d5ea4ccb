"""Thank you."""
