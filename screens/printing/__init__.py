"""The document is being made."""
