"""What a self-test found."""
