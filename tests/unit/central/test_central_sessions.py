"""Sessions over time: what ends, what is forgotten, what policy asks."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.config import RegistrySettings
from central.errors import Refused
from central.identity import Machine
from central.registry import chips, entitlements, faces, sessions, verification
from central.store.engine import Store
from central.store.schema import references, residents
from central.store.schema import sessions as session_table
from tests.unit.central import bench

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MACHINE = Machine("kiosk/3520/mpp-01", "3520")
POLICY = RegistrySettings()


class Journey:
    """A resident before a machine, at moments of the test's choosing."""

    def __init__(self, store: Store, policy: RegistrySettings = POLICY) -> None:
        self.store = store
        self.policy = policy

    def start(
        self, at: datetime = NOW, assurance: pb.ChipAssurance.ValueType = pb.CHIP_ASSURANCE_SAM_VERIFIED
    ) -> sessions.Started:
        evidence = pb.ChipEvidence(nik=bench.HAMID[0], uid=bytes.fromhex(bench.HAMID[1]), assurance=assurance)
        return self.store.write_now(lambda c: chips.start(c, self.policy, MACHINE, evidence, at))

    def show(
        self, started: sessions.Started, person: tuple[str, str], at: datetime = NOW, liveness: float | None = None
    ) -> verification.Verified:
        query = sa.select(references.c.vector).where(references.c.nik == person[0])
        values = faces.unpack(self.store.read_now(lambda c: c.execute(query).scalar_one()))
        request = pb.VerifyFaceRequest(
            session_id=started.session_id,
            model_id=started.model_id,
            templates=[pb.FaceTemplate(values=values)],
            liveness=liveness,
        )
        return self.store.write_now(lambda c: verification.verify(c, self.policy, MACHINE, request, at))

    def holder(self, token: str, at: datetime) -> str:
        nik: str = self.store.read_now(lambda c: sessions.holder(c, MACHINE, token, at)).nik
        return nik


@pytest.fixture
def journey(store: Store) -> Journey:
    return Journey(store)


def refusal(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.reason_name.removeprefix("ERROR_REASON_")


def test_a_session_lasts_as_long_as_it_said(journey: Journey) -> None:
    started = journey.start()
    token = journey.show(started, bench.HAMID).token
    assert started.expires_at == NOW + timedelta(seconds=600)
    assert journey.holder(token, NOW + timedelta(seconds=599)) == bench.HAMID[0]
    with pytest.raises(Refused) as late:
        journey.holder(token, NOW + timedelta(seconds=600))
    with pytest.raises(Refused) as shown:
        journey.show(started, bench.HAMID, NOW + timedelta(seconds=600))
    assert refusal(late) == refusal(shown) == "SESSION_EXPIRED"


def test_the_lock_ends_after_its_time_and_all_attempts_are_back(journey: Journey) -> None:
    started = journey.start()
    for _ in range(3):
        journey.show(started, bench.NUR)
    with pytest.raises(Refused) as locked:
        journey.start(NOW + timedelta(seconds=899))
    assert locked.value.metadata == {"locked_until": "2026-11-23T09:15:00Z"}
    assert journey.start(NOW + timedelta(seconds=900)).attempts_left == 3


def test_failures_are_forgotten_after_the_locks_length(journey: Journey) -> None:
    started = journey.start()
    journey.show(started, bench.NUR)
    journey.show(started, bench.NUR)
    assert journey.start(NOW + timedelta(seconds=899)).attempts_left == 1
    assert journey.start(NOW + timedelta(seconds=900)).attempts_left == 3


def test_a_new_session_gives_no_new_attempts(journey: Journey) -> None:
    for left in (2, 1, 0):
        assert journey.show(journey.start(), bench.NUR).attempts_left == left
    with pytest.raises(Refused):
        journey.start()


def test_only_the_hash_of_a_token_is_kept_and_ended_sessions_go(journey: Journey) -> None:
    token = journey.show(journey.start(), bench.HAMID).token
    rows = journey.store.read_now(lambda c: list(c.execute(sa.select(session_table))))
    assert token not in repr(rows)
    assert rows[0].token_sha256 == sessions.token_hash(token)
    journey.start(NOW + timedelta(hours=1))
    kept = journey.store.read_now(lambda c: list(c.execute(sa.select(session_table.c.expires_at))))
    assert len(kept) == 1


def test_a_dead_resident_is_unknown_even_within_a_session(journey: Journey) -> None:
    token = journey.show(journey.start(), bench.HAMID).token
    journey.store.write_now(lambda c: c.execute(residents.update().values(died_on=date(2026, 11, 23))))
    with pytest.raises(Refused) as held:
        journey.holder(token, NOW)
    with pytest.raises(Refused) as started:
        journey.start()
    assert (refusal(held), refusal(started)) == ("SESSION_EXPIRED", "UNKNOWN_RESIDENT")


def test_policy_may_let_an_unverified_chip_begin(store: Store) -> None:
    lenient = Journey(store, RegistrySettings(chip_assurance="unverified"))
    assert lenient.start(assurance=pb.CHIP_ASSURANCE_UNVERIFIED).session_id


@pytest.mark.parametrize(("liveness", "live"), [(None, True), (0.69, False), (0.7, True)])
def test_a_liveness_score_must_reach_the_least_when_one_comes(store: Store, liveness: float | None, live: bool) -> None:
    journey = Journey(store, RegistrySettings(liveness_min=0.7))
    verified = journey.show(journey.start(), bench.HAMID, liveness=liveness)
    assert (verified.live, verified.match) == (live, live)


def test_policy_may_require_liveness_and_its_absence_is_no_attempt(store: Store) -> None:
    strict = Journey(store, RegistrySettings(liveness_required=True))
    started = strict.start()
    with pytest.raises(Refused) as refused:
        strict.show(started, bench.HAMID)
    assert refusal(refused) == "NOT_LIVE"
    assert strict.start().attempts_left == 3
    assert strict.show(started, bench.HAMID, liveness=0.9).match


def test_the_threshold_is_the_models(journey: Journey) -> None:
    started = journey.start()
    assert not journey.show(started, bench.NUR).match
    journey.store.write_now(lambda c: c.execute(sa.text("UPDATE face_models SET threshold = 10")))
    assert journey.show(started, bench.NUR).match


@pytest.mark.parametrize(
    ("birth", "today", "years"),
    [
        (date(2000, 2, 29), date(2017, 2, 28), 16),
        (date(2000, 2, 29), date(2017, 3, 1), 17),
        (date(2009, 11, 23), date(2026, 11, 22), 16),
        (date(2009, 11, 23), date(2026, 11, 23), 17),
    ],
)
def test_age_counts_full_years(birth: date, today: date, years: int) -> None:
    assert entitlements.age(birth, today) == years


def test_a_minor_may_not_print_the_familys_card(store: Store) -> None:
    child = store.read_now(lambda c: c.execute(sa.select(residents).where(residents.c.nik == "3520061405140001")).one())
    kinds = store.read_now(lambda c: [kind for kind, _ in entitlements.printable(c, child, date(2026, 11, 23))])
    assert kinds == [pb.DOCUMENT_KIND_BIODATA, pb.DOCUMENT_KIND_AKTA_KELAHIRAN]
    grown = store.read_now(lambda c: [kind for kind, _ in entitlements.printable(c, child, date(2031, 5, 14))])
    assert grown[0] == pb.DOCUMENT_KIND_KK


@pytest.mark.parametrize(("today", "cards"), [(date(2031, 5, 13), 2), (date(2031, 5, 14), 1), (date(2037, 3, 1), 0)])
def test_parents_print_the_cards_of_children_who_are_not_seventeen(store: Store, today: date, cards: int) -> None:
    mother = store.read_now(lambda c: c.execute(sa.select(residents).where(residents.c.nik == bench.NUR[0])).one())
    kinds = store.read_now(lambda c: [kind for kind, _ in entitlements.printable(c, mother, today)])
    assert kinds.count(pb.DOCUMENT_KIND_KIA) == cards
