"""The first evidence, by card: whose chip was read, and how much the reading proves."""

from datetime import datetime

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import RegistrySettings
from central.errors import Refused
from central.identity import Machine
from central.registry import sessions
from central.registry.sessions import Started
from central.store import residents

_ASSURANCE = {
    "sam_verified": pb.CHIP_ASSURANCE_SAM_VERIFIED,
    "unverified": pb.CHIP_ASSURANCE_UNVERIFIED,
}


def start(
    connection: sa.Connection, policy: RegistrySettings, machine: Machine, chip: pb.ChipEvidence, now: datetime
) -> Started:
    """Open a session for the resident of a chip.

    Raises:
        Refused: The chip proves too little, is not on record, or the resident's face is locked.
    """
    if chip.assurance < _ASSURANCE[policy.chip_assurance]:
        # An unverified chip says any NIK it likes: it is not shown to be the card on record.
        raise Refused(
            pb.ERROR_REASON_EVIDENCE_INSUFFICIENT,
            "the chip was not verified by a SAM",
            metadata={"required": "chipSamVerified"},
        )
    person = residents.resident(connection, chip.nik)
    if person is None or person.died_on is not None or person.card_uid != chip.uid:
        # One answer for all three: a machine must not be able to ask which NIKs exist.
        raise Refused(pb.ERROR_REASON_UNKNOWN_RESIDENT, "no living resident with this card", grpc.StatusCode.NOT_FOUND)
    return sessions.begin(connection, policy, machine, chip.nik, now)
