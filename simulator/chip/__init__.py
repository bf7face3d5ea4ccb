"""Simulated KTP-el chips and a simulated SAM behind a real pcscd.

The file layout, commands and order are the documented ones; the cryptography inside (keys, signature, card control)
is invented for the simulation and is not Dukcapil's.
"""
