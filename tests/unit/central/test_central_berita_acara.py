"""The berita acara says what the books say of spoiled and destroyed blanks, what is not settled, and is signed."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from adm.registry.v1 import registry_pb2 as pb

from central.development import setup
from central.documents.contents import WIB
from central.identity import Machine
from central.registry import spoilage, stock_events
from central.registry.spoilage import Period
from central.registry.stock import Book, move
from central.store.engine import Store
from central.store.schema import issuances
from tests.unit.central import bench
from tests.unit.central.test_central_documents import text_of
from tests.unit.central.test_central_signing import validate

KTP = pb.BLANK_CARD_KTP_EL
BATCH = "SIM-KTP-001"
TODAY = datetime.now(WIB).date()
STAFF = ("197001", "198002")


def _tell(store: Store, event: pb.StockEvent.ValueType, count: int, seq: int) -> None:
    request = pb.RecordStockRequest(
        journal_seq=seq, blank=KTP, batch=BATCH, event=event, count=count, staff=STAFF, occurred_at=bench.MOMENT
    )
    machine = Machine(setup.MACHINE_ID, "3520")
    store.write_now(lambda c: stock_events.record(c, machine, request, datetime.now(UTC)))


def _retract_one(store: Store) -> None:
    """A grant of a card that nobody took, as its void leaves it in the books."""

    def write(connection: sa.Connection) -> None:
        book = Book(setup.MACHINE_ID, KTP, BATCH)
        row = {"machine_id": setup.MACHINE_ID, "state": "void", "grant_id": "g-1", "receipt_number": "ADM-3520-000077"}
        connection.execute(issuances.insert().values(idempotency_key="k-1", **row))
        move(connection, book, datetime.now(UTC), "g-1", remaining=-1, retained=1)

    store.write_now(write)


@pytest.fixture
def told(store: Store) -> Store:
    """Two spoiled, one taken back, one of them destroyed."""
    _tell(store, pb.STOCK_EVENT_SPOILED, 2, 1)
    _retract_one(store)
    _tell(store, pb.STOCK_EVENT_DESTROYED, 1, 2)
    return store


async def _written(directory: Path, out: Path, begins: date = TODAY, ends: date = TODAY) -> str:
    words = [setup.MACHINE_ID, "--from", str(begins), "--to", str(ends), "--out", str(out)]
    done = await bench.command("berita-acara", *words, "--config", directory / "central.toml")
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_it_says_what_was_spoiled_taken_back_and_destroyed_and_is_signed(
    told: Store, directory: Path, tmp_path: Path
) -> None:
    out = tmp_path / "berita-acara.pdf"
    assert "3 spoiled or taken back, 1 destroyed" in await _written(directory, out)
    pdf = out.read_bytes()
    text = text_of(pdf)
    for words in (
        setup.MACHINE_ID,
        BATCH,
        "ADM-3520-000077",
        "ditarik kembali",
        "197001, 198002",
        "Halaman 1 dari 1",
        "SIMULASI",
    ):
        assert words in text
    assert "2 blanko rusak atau ditarik kembali belum dimusnahkan" in text
    status = await validate(pdf, directory / "pki" / "signing-ca.pem")
    assert status.bottom_line


async def test_another_period_has_nothing_and_the_books_stand_all_the_same(
    told: Store, directory: Path, tmp_path: Path
) -> None:
    out = tmp_path / "before.pdf"
    before = TODAY - timedelta(days=40)
    assert "0 spoiled or taken back, 0 destroyed" in await _written(directory, out, before, before)
    text = text_of(out.read_bytes())
    assert text.count("Tidak ada dalam masa ini.") == 2
    assert BATCH in text


def test_what_does_not_add_up_and_what_nobody_knows_is_an_open_question(told: Store) -> None:
    _tell(told, pb.STOCK_EVENT_COUNTED, 40, 3)

    def forget(connection: sa.Connection) -> None:
        row = {"machine_id": setup.MACHINE_ID, "state": "unknown", "receipt_number": "ADM-3520-000078"}
        connection.execute(issuances.insert().values(idempotency_key="k-2", **row))

    told.write_now(forget)
    now = datetime.now(UTC)
    found = told.read_now(lambda c: spoilage.read(c, setup.MACHINE_ID, Period(now - timedelta(days=1), now)))
    questions = " | ".join(found.open_questions)
    assert "pembukuan tidak cocok (counted by hand: 40" in questions
    assert "ADM-3520-000078: hasilnya belum diketahui" in questions
    nobody = told.read_now(lambda c: spoilage.read(c, bench.OTHER_MACHINE, Period(now - timedelta(days=1), now)))
    assert dataclasses.astuple(nobody) == ((), (), (), ())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("kiosk/0000/nowhere", "--from", "2026-11-01", "--to", "2026-11-30"), "no machine"),
        ((setup.MACHINE_ID, "--from", "2026-11-30", "--to", "2026-11-01"), "before"),
    ],
)
async def test_what_cannot_be_written_is_refused(
    directory: Path, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "out.pdf"
    done = await bench.command("berita-acara", *words, "--out", str(out), "--config", directory / "central.toml")
    assert done.returncode != 0
    assert said in done.stderr
    assert not out.exists()
