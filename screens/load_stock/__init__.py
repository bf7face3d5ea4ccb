"""How many were loaded."""
