"""Another service card is asked for."""
