"""Health of the machine, and its stream to central."""
