"""A USB/IP server that exports virtual devices."""
