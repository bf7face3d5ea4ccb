"""What a development machine needs instead of an office: invented residents and certificates of a test CA."""
