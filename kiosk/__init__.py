"""The daemon: owns every device, the session, the journal and the link to central."""
