"""One file a device: what is asked of it, within which limits, and what to do when it is not so."""
