"""Another task of a technician."""
