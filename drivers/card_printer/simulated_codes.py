"""Codes of the SIMULATED personalisation, invented here; the simulator's blanks know them and no real card does."""

CLA_OURS = 0x80
INS_STATE, INS_LOCK = 0xCA, 0xE2
STATE_BLANK, STATE_LOCKED = b"SIMBLANK", b"SIMLOCKD"
