"""FleetService: every machine's last known state."""
