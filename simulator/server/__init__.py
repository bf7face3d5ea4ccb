"""The simulator's HTTP side: what people, the tour and tests do to the virtual devices."""
