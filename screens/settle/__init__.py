"""What became of an issuance."""
