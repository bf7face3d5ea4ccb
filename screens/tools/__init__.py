"""Tools for whoever changes the screens."""
