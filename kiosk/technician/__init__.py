"""Technician's mode: what somebody with a service card, or the key of the cabinet, may do at the machine."""
