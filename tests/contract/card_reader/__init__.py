"""What every card reader does."""
