"""A receipt printer on USB that draws what it prints."""
