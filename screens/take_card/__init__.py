"""The card lies ready."""
