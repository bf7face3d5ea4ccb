"""The commands of `python -m central`, a file a subject; each adds itself to the parser."""
