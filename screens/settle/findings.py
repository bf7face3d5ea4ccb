"""What a technician can have found, and what becomes of the issuance with it."""

from adm.panel.v1 import technician_pb2 as technician

FINDINGS = {
    technician.FINDING_TAKEN: ("taken", "check"),
    technician.FINDING_DESTROYED: ("destroyed", "x"),
}
NOTES = {
    technician.SETTLE_NOTE_RESIDENT_HAS_IT: ("resident_has_it", technician.FINDING_TAKEN),
    technician.SETTLE_NOTE_NOTHING_IN_THE_MACHINE: ("nothing_in_the_machine", technician.FINDING_TAKEN),
    technician.SETTLE_NOTE_FOUND_IN_TRAY: ("found_in_tray", technician.FINDING_DESTROYED),
    technician.SETTLE_NOTE_FOUND_INSIDE: ("found_inside", technician.FINDING_DESTROYED),
    technician.SETTLE_NOTE_FOUND_SPOILED: ("found_spoiled", technician.FINDING_DESTROYED),
}
