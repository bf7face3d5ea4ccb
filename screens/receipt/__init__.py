"""The receipt, and its number for when there is no paper."""
