"""A resident's whole journey on real wires, in both languages, and what is left of it afterwards: nothing personal."""

from __future__ import annotations

import gc
from pathlib import Path

import pypdfium2
import pytest
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.issuance.journal import read, verify
from simulator.demo.waiting import until
from tests.journeys.conftest import PRINT_S, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_resident")]

HAMID = (b"3520061708780003", b"HAMID SUROSO", b"04a1b2c3d4e580", b"04A1B2C3D4E580", b"SUROSO", b"NUR HIDAYATI")


async def test_a_family_card_from_the_chip_to_the_hand(visitor: Visitor) -> None:
    await visitor.comes("hamid")
    await visitor.sees("reading")
    await visitor.sees("face")
    choice = await visitor.chooses(registry.DOCUMENT_KIND_KK)
    assert choice.subject_name == "HAMID SUROSO"

    proofread = (await visitor.sees("proofread")).proofread
    page = await visitor.demo.panel.stub.GetImage(pb.GetImageRequest(image_id=proofread.image_id))
    assert page.png.startswith(b"\x89PNG")
    await visitor.touches(confirm=pb.ConfirmAct())

    await visitor.sees("printing")
    await visitor.sees("take_paper", within_s=PRINT_S)
    assert visitor.last_states() == ["asked", "granted", "printing", "accepted", "printed"]
    assert await visitor.printed() == 1
    assert "HAMID SUROSO" in _text_of_the_printed_page(visitor)
    await visitor.takes_paper()
    await visitor.touches(done=pb.DoneAct())

    number = (await visitor.sees("receipt", where=_receipt_is_ready)).receipt.receipt_number
    assert visitor.last_states()[-1] == "taken"
    assert (await visitor.simulator.state("receipt_printer"))["waiting"]
    await visitor.simulator.act("receipt_printer", "take_receipt")
    await visitor.touches(done=pb.DoneAct())

    again = (await visitor.sees("choose_document")).choose_document
    kk = next(document for document in again.documents if document.kind == registry.DOCUMENT_KIND_KK)
    assert kk.state == registry.DOCUMENT_STATE_ISSUED
    await visitor.touches(done=pb.DoneAct())
    assert (await visitor.sees("goodbye")).goodbye.card_on_reader
    await visitor.leaves()

    assert verify(read(visitor.demo.journal)) == []
    await _delivered(visitor)
    assert visitor.at_registry() == [(number, "taken")]

    # What the session showed is gone with it.
    with pytest.raises(Exception, match="no such image"):
        await visitor.demo.panel.stub.GetImage(pb.GetImageRequest(image_id=proofread.image_id))
    assert _found(visitor.demo.directory, HAMID) == []


async def test_the_search_for_personal_data_can_find_some(visitor: Visitor) -> None:
    registry_files = [path.name for path, _ in _hits(visitor.demo.directory / "central", HAMID)]
    assert "central.sqlite3" in registry_files


async def test_a_journey_in_english_begins_with_the_card_itself(visitor: Visitor) -> None:
    await visitor.touches(set_language=pb.SetLanguageAct(language=pb.LANGUAGE_EN))
    await visitor.stands("mei")
    await visitor.puts_card("mei")
    view = await visitor.sees("choose_document")
    assert view.language == pb.LANGUAGE_EN
    assert view.choose_document.resident_name == "MEI LANI SANTOSO"
    await visitor.finishes()
    after = visitor.views.newest
    assert after is not None
    assert after.view.language == pb.LANGUAGE_ID


async def test_the_resident_may_go_back_to_the_list_and_nothing_is_spent(visitor: Visitor) -> None:
    before = len(visitor.journal())
    await visitor.comes("bagus")
    await visitor.chooses(registry.DOCUMENT_KIND_BIODATA)
    await visitor.sees("proofread")
    await visitor.touches(cancel=pb.CancelAct())
    await visitor.finishes()
    assert len(visitor.journal()) == before


async def test_a_technician_gets_the_devices_and_nobody_is_served_meanwhile(visitor: Visitor) -> None:
    stream = visitor.demo.panel.stub.Maintain(pb.MaintainRequest(purpose="card"))
    assert isinstance(await stream.read(), pb.MaintainResponse)
    out = (await visitor.sees("out_of_service")).out_of_service
    assert out.reason == pb.OUT_OF_SERVICE_REASON_MAINTENANCE
    await visitor.puts_card("karto")
    stream.cancel()
    await visitor.sees("attract")
    newest = visitor.views.newest
    assert newest is not None
    assert newest.screen == "attract", "a card that lay there before begins nothing"
    await visitor.takes_card()


async def test_the_registry_sees_the_machine_and_central_lists_it(visitor: Visitor) -> None:
    status = await visitor.demo.panel.status()
    assert status.central_connected
    assert {device.name: device.state for device in status.health.devices} == {
        "card_reader": "online",
        "camera": "online",
        "document_printer": "online",
        "receipt_printer": "online",
    }


def _receipt_is_ready(view: pb.View) -> bool:
    return view.receipt.state == pb.RECEIPT_STATE_READY


def _text_of_the_printed_page(visitor: Visitor) -> str:
    (pdf,) = (visitor.demo.directory / "simulator").rglob("printed/*.pdf")
    document = pypdfium2.PdfDocument(pdf)
    text = document[0].get_textpage().get_text_range()
    document.close()
    gc.collect()
    return str(text)


async def _delivered(visitor: Visitor) -> None:
    """Wait until the registry has acknowledged everything."""
    await until(lambda: visitor.outbox() == 0, "the outbox empty", 20)


def _found(directory: Path, words: tuple[bytes, ...]) -> list[tuple[str, bytes]]:
    """Personal data outside the registry's own database and the virtual hardware's paper."""
    kept = (directory / "central", directory / "simulator")
    mine = [(path, word) for path, word in _hits(directory, words) if not any(path.is_relative_to(k) for k in kept)]
    return [(str(path.relative_to(directory)), word) for path, word in mine]


def _hits(directory: Path, words: tuple[bytes, ...]) -> list[tuple[Path, bytes]]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert files
    return [(path, word) for path in files for word in words if word in path.read_bytes()]
