"""The cabinet around the devices: its key, its door, and a USB stick."""
