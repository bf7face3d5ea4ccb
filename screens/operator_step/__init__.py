"""A self-test needs somebody."""
