"""Waiting for an e-KTP."""
