"""Hardware: one folder a device. Knows no resident, no screen, no registry."""
