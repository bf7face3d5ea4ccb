"""What each fault of the feeder ends in at each step, for the contract suite and the proof.

An outcome is an error code of the command page, "done", "unknown", "silent" (refused, nothing moved) or
"gone" (not there, nothing moved). Steps that are not named end in "done".
"""

STEPS = ("feed", "present", "retain", "retract")
_JAMS: dict[str, dict[str, str]] = {
    "jam_s3": {"feed": "10"},
    "jam_s4": {"feed": "10"},
    "jam_s5": {"present": "10"},
    "jam_s6": {"present": "10", "retain": "10", "retract": "10"},
    "jam_s7": {"present": "10", "retain": "10", "retract": "10"},
    "jam_s8": {"retract": "10"},
}
EXPECTED: dict[str, dict[str, str]] = _JAMS | {
    "double_feed": {"feed": "11"},
    "empty": {"feed": "A0"},
    "bin_full": {"retract": "A1"},
    "motor_stall": dict.fromkeys(STEPS, "51"),
    "pulled": {"present": "14", "retain": "14", "retract": "14"},
    "nak_storm": dict.fromkeys(STEPS, "silent"),
    "mute": dict.fromkeys(STEPS, "silent"),
    "unplugged": dict.fromkeys(STEPS, "gone"),
    "garbled": {},
    "lost_ack": {},
    "lost_answer": {},
    "power_lost": dict.fromkeys(STEPS, "unknown"),
    "unplugged_mid_frame": dict.fromkeys(STEPS, "unknown"),
}
