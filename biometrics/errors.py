"""What can go wrong with the model set."""


class ModelError(Exception):
    """A model file is missing or not the pinned one, or has no threshold. The message is one line."""
