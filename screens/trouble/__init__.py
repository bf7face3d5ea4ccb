"""Something went wrong for this resident."""
