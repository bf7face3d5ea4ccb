"""The card reader: codecs, the SAM, the read, and the simulated chips."""
