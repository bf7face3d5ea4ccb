"""What a technician can do."""
