"""The second evidence: a live face against the registry's reference, counted in the transaction of the comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import grpc
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import RegistrySettings
from central.errors import Refused
from central.identity import Machine
from central.logs import mask_nik
from central.registry import attempts, faces, sessions
from central.store import audit, residents
from central.store.residents import Row
from central.store.schema import face_models, references


@dataclass(frozen=True, slots=True)
class Verified:
    """A comparison's result. Token and resident are set after a match only.

    Attributes:
        live: False: the liveness score was too low, so nothing was compared. It counts as a failed attempt.
    """

    match: bool
    attempts_left: int
    token: str = ""
    resident: Row | None = None
    live: bool = True


def verify(
    connection: sa.Connection, policy: RegistrySettings, machine: Machine, request: pb.VerifyFaceRequest, now: datetime
) -> Verified:
    """Compare live templates with the reference and count the attempt, all in one transaction.

    Raises:
        Refused: No such session, the face is locked, the templates are of another model, or liveness is missing.
    """
    nik = sessions.of_id(connection, machine, request.session_id, now).nik
    attempts.left(connection, policy, nik, now)
    live = _live(policy, request)
    templates = [tuple(template.values) for template in request.templates]
    match = live and _matches(connection, nik, request.model_id, templates)
    if not match:
        left = attempts.count_failure(connection, policy, nik, now)
        event = "face_refused" if live else "not_live"
        audit.append(connection, now, machine.id, event, {"resident": mask_nik(nik), "attempts_left": left})
        return Verified(False, left, live=live)
    attempts.forget(connection, nik)
    token = sessions.admit(connection, request.session_id)
    audit.append(connection, now, machine.id, "face_matched", {"resident": mask_nik(nik)})
    return Verified(True, policy.face_attempts, token, residents.resident(connection, nik))


def not_live(attempts_left: int | None = None) -> Refused:
    """The refusal of somebody who was not shown to be live."""
    metadata = {} if attempts_left is None else {"attempts_left": str(attempts_left)}
    return Refused(pb.ERROR_REASON_NOT_LIVE, "liveness was not shown", metadata=metadata)


def _live(policy: RegistrySettings, request: pb.VerifyFaceRequest) -> bool:
    if request.HasField("liveness"):
        return faces.reaches(request.liveness, policy.liveness_min)
    if policy.liveness_required:
        # The machine left the check out; that is no attempt of the resident's.
        raise not_live()
    return True


def _matches(connection: sa.Connection, nik: str, model_id: str, live: Sequence[Sequence[float]]) -> bool:
    query = (
        sa.select(references.c.vector, face_models.c.threshold, face_models.c.dimensions)
        .join(face_models, face_models.c.model_id == references.c.model_id)
        .where(references.c.nik == nik, references.c.model_id == model_id, face_models.c.in_use)
    )
    reference = connection.execute(query).first()
    if reference is None:
        raise Refused(pb.ERROR_REASON_MODEL_MISMATCH, "there is no reference of this model")
    if any(len(template) != reference.dimensions for template in live):
        raise Refused(
            pb.ERROR_REASON_INVALID_REQUEST,
            f"templates of this model have {reference.dimensions} values",
            grpc.StatusCode.INVALID_ARGUMENT,
        )
    threshold: float = reference.threshold
    return faces.best_distance(faces.unpack(reference.vector), live) <= threshold
