"""A device or a report is picked."""
