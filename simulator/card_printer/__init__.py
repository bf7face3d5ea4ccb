"""A virtual Evolis card printer on the USB/IP server, and the encoder inside it."""
