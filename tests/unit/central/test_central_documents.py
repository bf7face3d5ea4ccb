"""Documents say what the registry knows, on the pages they should have, and nothing ever stands outside its place."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from datetime import date

import numpy as np
import pypdfium2
import pytest
import pytest_asyncio
import sqlalchemy as sa
import zxingcpp
from adm.registry.v1 import registry_pb2 as pb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.documents import contents, words
from central.documents.content import Content
from central.documents.typesetter import TypesetError, Typesetter
from central.store.engine import Store
from central.store.schema import documents, families, residents
from tests.unit.central import bench

DAY = date(2026, 11, 23)
A4_PT = (595, 842)
BREAK_HERE = 0x200B
KINDS = {
    pb.DOCUMENT_KIND_KK: "3520061203150007",
    pb.DOCUMENT_KIND_BIODATA: bench.HAMID[0],
    pb.DOCUMENT_KIND_AKTA_KELAHIRAN: "3520066902200003",
    pb.DOCUMENT_KIND_AKTA_KEMATIAN: "3520-KM-14032019-0005",
    pb.DOCUMENT_KIND_SKPWNI: "SKPWNI/3520/21092026/0014",
}


@pytest_asyncio.fixture
async def typesetter() -> AsyncIterator[Typesetter]:
    setter = Typesetter("http://127.0.0.1:7444/periksa", "Drs. CONTOH PEJABAT, M.Si.", "197001011990011001")
    yield setter
    setter.close()


def content_of(store: Store, kind: pb.DocumentKind.ValueType, subject: str = "") -> Content:
    found = store.read_now(lambda c: contents.read(c, kind, subject or KINDS[kind], DAY))
    assert found is not None
    return found


def text_of(pdf: bytes) -> str:
    """All text, white space and break opportunities made single spaces."""
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join("\n".join(pages).replace("\u200b", "").split())


def glyph_boxes(page: pypdfium2.PdfPage) -> np.ndarray:
    """Boxes (left, bottom, right, top) of every visible glyph, points."""
    text = page.get_textpage()
    count = text.count_chars()
    codes = [pypdfium2.raw.FPDFText_GetUnicode(text, i) for i in range(count)]
    return np.array([text.get_charbox(i) for i in range(count) if codes[i] != BREAK_HERE and codes[i] > 32])


def overlapping(boxes: np.ndarray) -> int:
    """How many pairs of glyphs lie on each other by more than a third of the smaller one."""
    left = np.maximum(boxes[:, None, 0], boxes[None, :, 0])
    right = np.minimum(boxes[:, None, 2], boxes[None, :, 2])
    first, second = np.nonzero(np.triu(right > left, 1))
    shared = (right - left)[first, second] * np.clip(
        np.minimum(boxes[first, 3], boxes[second, 3]) - np.maximum(boxes[first, 1], boxes[second, 1]), 0, None
    )
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return int((shared > np.minimum(area[first], area[second]) / 3).sum())


def assert_in_place(pdf: bytes, pages: int) -> None:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == pages
        for page in document:
            width, height = page.get_size()
            assert sorted((round(width), round(height))) == sorted(A4_PT)
            boxes = glyph_boxes(page)
            # 8 mm: what a printer may leave white at the edges, with room.
            assert boxes[:, :2].min() > 22
            assert (boxes[:, 2] < width - 22).all()
            assert (boxes[:, 3] < height - 22).all()
            assert overlapping(boxes) == 0


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: pb.DocumentKind.Name(kind)[14:])
async def test_every_value_stands_on_the_original(
    store: Store, typesetter: Typesetter, kind: pb.DocumentKind.ValueType
) -> None:
    content = content_of(store, kind)
    page = await typesetter.original(content, DAY, "token-1")
    text = text_of(page.pdf)
    folded = text.casefold()
    people = content.values.get("members", [])
    for value in [v for v in content.values.values() if isinstance(v, str)] + [v for p in people for v in p.values()]:
        assert value.casefold() in folded
    assert "SIMULASI" in text
    assert "PRATINJAU" not in text
    assert_in_place(page.pdf, content.page_count)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: pb.DocumentKind.Name(kind)[14:])
async def test_a_draft_is_marked_and_carries_no_qr(
    store: Store, typesetter: Typesetter, kind: pb.DocumentKind.ValueType
) -> None:
    page = await typesetter.draft(content_of(store, kind), DAY)
    text = text_of(page.pdf)
    assert "PRATINJAU" in text.replace(" ", "")
    assert "SIMULASI" in text
    assert "telah ditandatangani" not in text
    assert codes(page.pdf) == []


async def test_the_qr_at_the_bottom_right_leads_to_the_check(store: Store, typesetter: Typesetter) -> None:
    for kind in KINDS:
        page = await typesetter.original(content_of(store, kind), DAY, "abc-DEF_123")
        (code,) = codes(page.pdf)
        assert code.text == "http://127.0.0.1:7444/periksa/abc-DEF_123"
        with pypdfium2.PdfDocument(page.pdf) as document:
            width, height = (side * 200 / 72 for side in document[0].get_size())
        assert code.position.top_left.x > width / 2
        assert code.position.top_left.y > height / 2


def codes(pdf: bytes) -> list[zxingcpp.Barcode]:
    with pypdfium2.PdfDocument(pdf) as document:
        return list(zxingcpp.read_barcodes(document[0].render(scale=200 / 72, grayscale=True).to_numpy()))


async def test_kk_is_landscape_and_certificates_are_upright(store: Store, typesetter: Typesetter) -> None:
    for kind in KINDS:
        page = await typesetter.draft(content_of(store, kind), DAY)
        with pypdfium2.PdfDocument(page.pdf) as document:
            width, height = document[0].get_size()
        assert (width > height) == (kind == pb.DOCUMENT_KIND_KK)


async def test_a_family_of_twenty_three_fills_three_sheets(store: Store, typesetter: Typesetter) -> None:
    with_many_children(store, 20)
    content = content_of(store, pb.DOCUMENT_KIND_KK)
    page = await typesetter.original(content, DAY, "t")
    text = text_of(page.pdf)
    assert content.page_count == 3
    assert_in_place(page.pdf, 3)
    assert "Lembar 3 dari 3" in text
    assert all(f"ANAK NOMOR {n}" in text for n in range(20))


def with_many_children(store: Store, count: int) -> None:
    """Let Hamid's family have many more children."""

    def add(connection: sa.Connection) -> None:
        child = connection.execute(sa.select(residents).where(residents.c.nik == "3520061405140001")).one()._mapping
        for n in range(count):
            values = dict(child) | {"nik": f"35200614051402{n:02d}", "name": f"ANAK NOMOR {n}", "position": 10 + n}
            connection.execute(residents.insert().values(**values))

    store.write_now(add)


# Registered names have 60 characters at most (Permendagri 73/2022 art. 4); these may be longer, and one word.
NAMES = st.text(alphabet="ABCDEGIKMNOPRSTUWY'. -jgy", min_size=1, max_size=120).map(
    lambda s: " ".join(s.split()) or "X"
)
SOLID = st.text(alphabet="WMGÀY", min_size=60, max_size=120)


@given(name=NAMES | SOLID, place=NAMES | SOLID, kind=st.sampled_from(list(KINDS)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_overflows_however_long(
    store: Store, sync_typesetter: Typesetter, name: str, place: str, kind: pb.DocumentKind.ValueType
) -> None:
    content = content_of(store, kind)
    values = stretched(dict(content.values), name, place)
    page = asyncio.run(sync_typesetter.original(Content(content.template, "x", content.page_count, values), DAY, "t"))
    assert_in_place(page.pdf, content.page_count)
    assert squeeze(name) in squeeze(text_of(page.pdf))


@pytest.fixture
def sync_typesetter() -> Iterator[Typesetter]:
    setter = Typesetter("http://127.0.0.1:7444/periksa", "Drs. CONTOH PEJABAT, M.Si.", "197001011990011001")
    yield setter
    setter.close()


def stretched(values: dict[str, object], name: str, place: str) -> dict[str, object]:
    """The same document about somebody with a very long name from a very long place."""
    long = {"name": name, "head": name, "applicant": name, "father": name, "mother": name}
    long |= dict.fromkeys(("birth_place", "death_place", "address", "village", "to_address", "occupation"), place)
    changed: dict[str, object] = {key: long.get(key, value) for key, value in values.items()}
    if isinstance(people := values.get("members"), list):
        changed["members"] = [{key: long.get(key, value) for key, value in person.items()} for person in people]
    return changed


def squeeze(text: str) -> str:
    # pdfium takes a hyphen at a line's end for a divided word's, and gives another sign or none for it.
    return "".join(text.translate(dict.fromkeys(map(ord, "-\x02\u2010\ufffe"))).split()).casefold()


async def test_a_name_of_lawful_length_stays_readable(store: Store, typesetter: Typesetter) -> None:
    content = content_of(store, pb.DOCUMENT_KIND_KK)
    name = "RADEN AYU KUSUMANINGTYAS PRAMESWARI WULANDARI DEWI SUHARTONO"
    assert len(name) == 60
    values = stretched(dict(content.values), name, "PENUKAL ABAB LEMATANG ILIR")
    pdf = (await typesetter.original(Content("kk", "x", 1, values), DAY, "t")).pdf
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        sizes = [pypdfium2.raw.FPDFText_GetFontSize(text, i) for i in range(text.count_chars())]
    assert min(size for size in sizes if size > 1) >= 4.5


def test_overlap_would_be_seen() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 0, 30, 10]], float)
    assert overlapping(boxes) == 1


async def test_a_broken_document_is_told_without_its_words(
    typesetter: Typesetter, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TypesetError) as broken:
        await typesetter.draft(Content("biodata", "HAMID", 1, {"name": "HAMID SUROSO"}), DAY)
    assert "HAMID" not in str(broken.value) + "".join(capfd.readouterr()) + caplog.text
    assert broken.value.__cause__ is None
    assert broken.value.__suppress_context__


async def test_a_document_with_more_pages_than_promised_is_not_given_out(store: Store, typesetter: Typesetter) -> None:
    content = content_of(store, pb.DOCUMENT_KIND_KK)
    with pytest.raises(TypesetError, match="took 1 pages, not 2"):
        await typesetter.draft(Content("kk", "x", 2, content.values), DAY)


def test_contents_do_not_show_in_a_repr(store: Store) -> None:
    assert "HAMID" not in repr(content_of(store, pb.DOCUMENT_KIND_KK))


def test_every_kind_that_can_be_listed_can_be_read(store: Store) -> None:
    kept = store.read_now(lambda c: list(c.execute(sa.select(documents.c.kind, documents.c.subject))))
    assert len(kept) == 5 + 11 + 11 + 1 + 1 + 8 + 3
    for kind, subject in kept:
        assert content_of(store, kind, subject).page_count == 1


@pytest.mark.parametrize("column", ["address", "postal_code"])
def test_any_change_of_the_data_is_another_version(store: Store, column: str) -> None:
    before = content_of(store, pb.DOCUMENT_KIND_KK).version
    assert content_of(store, pb.DOCUMENT_KIND_KK).version == before
    store.write_now(lambda c: c.execute(families.update().values({column: "00000"})))
    assert content_of(store, pb.DOCUMENT_KIND_KK).version != before


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        (0, "nol"), (1, "satu"), (10, "sepuluh"), (11, "sebelas"), (14, "empat belas"), (20, "dua puluh"),
        (29, "dua puluh sembilan"), (100, "seratus"), (111, "seratus sebelas"), (205, "dua ratus lima"),
        (1000, "seribu"), (1978, "seribu sembilan ratus tujuh puluh delapan"), (2000, "dua ribu"),
        (2014, "dua ribu empat belas"), (9999, "sembilan ribu sembilan ratus sembilan puluh sembilan"),
    ],
)  # fmt: skip
def test_numbers_are_spoken_as_in_indonesian(value: int, spoken: str) -> None:
    assert words.number(value) == spoken


@pytest.mark.parametrize("value", [-1, 10000])
def test_numbers_beyond_certificates_are_refused(value: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        words.number(value)


def test_dates_are_written_as_offices_write_them() -> None:
    day = date(2014, 5, 4)
    assert (words.numeric(day), words.long(day), words.spoken_day(day)) == ("04-05-2014", "4 Mei 2014", "empat Mei")
    assert words.numeric(None) == "-"
