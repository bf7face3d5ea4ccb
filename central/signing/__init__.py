"""Signing of documents."""
