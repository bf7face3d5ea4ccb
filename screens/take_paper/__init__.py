"""The document lies ready."""
