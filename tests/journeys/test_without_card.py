"""Residents without a card, officers who stand in, and anybody with a printed document: all on the real registry."""

from __future__ import annotations

import asyncio
import re
import sys
import tomllib

import pytest
import segno
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as pb
from adm.registry.v1 import registry_pb2 as registry

from kiosk.identity.qr import TOKEN_PREFIX
from tests.journeys.conftest import PRINT_S, Visitor

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("journey_without_card")]

TIARA = "3520056808010001"


def _pin(visitor: Visitor, resident: str) -> str:
    pins = tomllib.loads((visitor.demo.directory / "central" / "qr" / "pins.toml").read_text())
    return str(pins[resident])


def _offers_code(view: pb.View) -> bool:
    """Not before the camera sees, for example."""
    return bool(view.attract.use_qr in (fleet.AVAILABILITY_AVAILABLE, fleet.AVAILABILITY_DEGRADED))


async def _central(visitor: Visitor, *words: str) -> str:
    config = str(visitor.demo.directory / "central" / "central.toml")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "central", *words, "--config", config),
        env={"PYTHONPATH": ".:proto/gen", "PATH": "/usr/bin:/bin"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, output.decode()
    return output.decode()


async def _shows_code(visitor: Visitor, resident: str) -> None:
    if (newest := visitor.views.newest) is None or not _offers_code(newest.view):
        await visitor.sees("attract", where=_offers_code)
    await visitor.touches(use_qr=pb.UseQrAct())
    await visitor.sees("show_qr")
    await visitor.simulator.act("camera", "show_code", resident=resident)


async def test_a_resident_without_a_card_signs_in_by_code_pin_and_face(visitor: Visitor) -> None:
    await _shows_code(visitor, "mei")
    assert (await visitor.sees("enter_pin")).enter_pin.length == 6
    pin = _pin(visitor, "mei")
    wrong = "000000" if pin != "000000" else "111111"
    await visitor.touches(enter_pin=pb.EnterPinAct(pin=wrong))
    again = await visitor.sees("enter_pin", where=lambda view: view.enter_pin.wrong)
    assert again.enter_pin.attempts_left >= 1
    await visitor.simulator.act("camera", "put_down")
    await visitor.stands("mei")
    await visitor.touches(enter_pin=pb.EnterPinAct(pin=pin))
    assert (await visitor.sees("choose_document")).choose_document.resident_name == "MEI LANI SANTOSO"
    await visitor.finishes()


async def test_another_persons_code_does_not_let_its_finder_in(visitor: Visitor) -> None:
    await _shows_code(visitor, "bagus")
    await visitor.sees("enter_pin")
    await visitor.simulator.act("camera", "put_down")
    await visitor.stands("karto")
    await visitor.touches(enter_pin=pb.EnterPinAct(pin=_pin(visitor, "bagus")))
    assert (await visitor.sees("trouble", within_s=60)).trouble.kind == pb.TROUBLE_KIND_FACE_NOT_MATCHED
    await visitor.leaves()


def _hold_up_as_own(visitor: Visitor, resident: str, text: str) -> None:
    """From now on the resident's telephone shows this."""
    segno.make(text, error="m").save(str(visitor.demo.directory / "central" / "qr" / f"{resident}.png"), scale=8)


async def _ends_in(visitor: Visitor, pin: str) -> pb.TroubleKind.ValueType:
    await visitor.sees("enter_pin")
    await visitor.simulator.act("camera", "put_down")
    await visitor.touches(enter_pin=pb.EnterPinAct(pin=pin))
    kind = (await visitor.sees("trouble")).trouble.kind
    await visitor.leaves()
    return kind


async def test_a_code_that_ended_one_used_up_one_unknown_and_a_strangers_each_have_their_own_words(
    visitor: Visitor,
) -> None:
    own = visitor.demo.directory / "central" / "qr" / "tiara.png"
    renewed = visitor.demo.directory / "renewed.png"
    said = await _central(visitor, "qr", "issue", TIARA, "--out", str(renewed), "--once")
    await _shows_code(visitor, "tiara")
    assert await _ends_in(visitor, _pin(visitor, "tiara")) == pb.TROUBLE_KIND_QR_EXPIRED

    renewed.replace(own)
    found = re.search(r"PIN\s+([0-9]+)", said)
    assert found is not None
    await _shows_code(visitor, "tiara")
    await visitor.sees("enter_pin")
    await visitor.simulator.act("camera", "put_down")
    await visitor.touches(enter_pin=pb.EnterPinAct(pin=found[1]))
    await visitor.sees("face")
    await visitor.leaves()
    await _shows_code(visitor, "tiara")
    assert await _ends_in(visitor, found[1]) == pb.TROUBLE_KIND_QR_USED

    _hold_up_as_own(visitor, "tiara", TOKEN_PREFIX + "A" * 32)
    await _shows_code(visitor, "tiara")
    assert await _ends_in(visitor, found[1]) == pb.TROUBLE_KIND_QR_UNKNOWN

    _hold_up_as_own(visitor, "tiara", "https://shop.example/pay?to=somebody")
    await _shows_code(visitor, "tiara")
    await visitor.sees("show_qr", where=lambda view: view.show_qr.hint == pb.QR_HINT_NOT_OURS)
    await visitor.simulator.act("camera", "put_down")
    await visitor.leaves()


async def test_the_code_may_be_used_from_the_card_screen_too(visitor: Visitor) -> None:
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    await visitor.touches(use_qr=pb.UseQrAct())
    assert (await visitor.sees("show_qr")).show_qr.purpose == pb.QR_PURPOSE_SIGN_IN
    await visitor.leaves()


async def test_an_officer_who_has_looked_stands_in_for_the_camera(visitor: Visitor) -> None:
    said = await _central(
        visitor, "officer", "release", "3520075507570002", "--by", "OFFICER-7", "--reason", "cannot turn the head"
    )
    code = re.search(r"\b[0-9]{8}\b", said)
    assert code is not None
    await visitor.touches(start=pb.StartAct())
    await visitor.sees("place_card")
    await visitor.puts_card("sumi")
    await visitor.sees("face")
    await visitor.touches(ask_officer=pb.AskOfficerAct())
    await visitor.sees("officer")
    wrong = "00000000" if code.group() != "00000000" else "11111111"
    await visitor.touches(enter_release_code=pb.EnterReleaseCodeAct(code=wrong))
    await visitor.sees("officer", where=lambda view: view.officer.wrong)
    await visitor.touches(enter_release_code=pb.EnterReleaseCodeAct(code=code.group()))
    assert (await visitor.sees("choose_document")).choose_document.resident_name == "SUMI LESTARI"
    await visitor.finishes()


async def test_anybody_may_have_a_printed_document_checked(visitor: Visitor) -> None:
    await visitor.comes("yosef")
    await visitor.chooses(registry.DOCUMENT_KIND_BIODATA)
    await visitor.sees("proofread")
    await visitor.touches(confirm=pb.ConfirmAct())
    await visitor.sees("take_paper", within_s=PRINT_S)
    await visitor.simulator.act("camera", "show_paper")
    await visitor.takes_paper()
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("receipt", where=lambda view: view.receipt.state == pb.RECEIPT_STATE_READY)
    await visitor.touches(done=pb.DoneAct())
    await visitor.sees("choose_document")
    await visitor.touches(done=pb.DoneAct())
    await visitor.takes_card()
    await visitor.sees("attract")

    await visitor.touches(check_document=pb.CheckDocumentAct())
    verdict = (await visitor.sees("verdict")).verdict
    assert verdict.validity == registry.DOCUMENT_VALIDITY_VALID
    assert verdict.kind == registry.DOCUMENT_KIND_BIODATA
    assert verdict.signer
    assert verdict.issued_at.seconds > 0
    await visitor.touches(done=pb.DoneAct())
    await visitor.leaves()


async def test_a_strangers_code_is_not_genuine_as_a_document_and_not_ours_to_sign_in(visitor: Visitor) -> None:
    await visitor.simulator.act("camera", "show_code", resident="hamid")
    await visitor.touches(check_document=pb.CheckDocumentAct())
    await visitor.sees("show_qr", where=lambda view: view.show_qr.hint == pb.QR_HINT_NOT_OURS)
    await visitor.leaves()
