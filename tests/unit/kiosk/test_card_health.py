"""Whether cards can be made, from what is known of printer, encoder, limits, books and link."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as panel

from kiosk.fleet.card_health import CardFacts, judge_card
from kiosk.fleet.health import DeviceFacts, Facts

WELL = Facts(
    devices={
        "card_reader": DeviceFacts("pcsc", "online", {"sam": "online"}),
        "camera": DeviceFacts("opencv", "online"),
        "document_printer": DeviceFacts("ipp", "offline"),
        "receipt_printer": DeviceFacts("escpos", "online"),
        "card_printer": DeviceFacts("evolis", "online", {"ribbon": "full", "hopper": "full", "reject_bin": "ok"}),
        "card_encoder": DeviceFacts("pcsc", "online"),
    },
    central=True,
    unsettled=1,
    room=True,
)
CARD = CardFacts("card_printer", "card_encoder")
DEVICE, SUPPLIES = panel.OUT_OF_SERVICE_REASON_DEVICE, panel.OUT_OF_SERVICE_REASON_SUPPLIES
OPENS = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)


def _with(role: str, state: str, **details: str) -> Facts:
    return replace(WELL, devices={**WELL.devices, role: DeviceFacts("driver", state, details)})


def test_cards_are_made_also_while_paper_is_out_of_order() -> None:
    assert judge_card(WELL, CARD).availability == fleet.AVAILABILITY_AVAILABLE


@pytest.mark.parametrize(
    ("facts", "changes", "reason", "screen"),
    [
        (_with("card_printer", "noDevice"), {}, "card_printer:noDevice", DEVICE),
        (_with("card_encoder", "noDevice"), {}, "card_encoder:noDevice", DEVICE),
        (_with("camera", "hardwareError"), {}, "camera:hardwareError", DEVICE),
        (_with("card_reader", "online", sam="noDevice"), {}, "sam:noDevice", DEVICE),
        (
            _with("card_printer", "starting"),
            {},
            "card_printer:starting",
            panel.OUT_OF_SERVICE_REASON_STARTING,
        ),
        (_with("card_printer", "userError"), {"closed": ("cover",)}, "card_printer:cover", DEVICE),
        (WELL, {"closed": ("blanks", "ribbon")}, "card_printer:blanks,ribbon", SUPPLIES),
        (WELL, {"closed": ("ribbon", "cardInside")}, "card_printer:ribbon,cardInside", DEVICE),
        (
            WELL,
            {"closed": ("dailyLimit",), "opens_at": OPENS},
            "card_printer:dailyLimit until 2026-11-24T00:00+00:00",
            DEVICE,
        ),
        (WELL, {"stock": "stock:out"}, "stock:out", SUPPLIES),
        (WELL, {"unsettled": 1, "sees_exit": False}, "card_printer:unsettled", DEVICE),
        (replace(WELL, room=False), {}, "journal:full", panel.OUT_OF_SERVICE_REASON_JOURNAL),
        (replace(WELL, central=False), {}, "registry:offline", panel.OUT_OF_SERVICE_REASON_NO_NETWORK),
    ],
)
def test_what_forbids_cards_is_named(
    facts: Facts, changes: dict[str, Any], reason: str, screen: panel.OutOfServiceReason.ValueType
) -> None:
    verdict = judge_card(facts, replace(CARD, **changes))
    assert (verdict.availability, verdict.reason) == (fleet.AVAILABILITY_UNAVAILABLE, reason)
    assert verdict.screen == screen


@pytest.mark.parametrize(
    ("facts", "changes", "reason"),
    [
        (
            _with("card_printer", "online", ribbon="low", hopper="low"),
            {},
            "card_printer:ribbon=low,card_printer:hopper=low",
        ),
        (_with("card_printer", "online", reject_bin="high"), {}, "card_printer:reject_bin=high"),
        (_with("card_printer", "online", cleaning_due="True"), {}, "card_printer:cleaning_due=True"),
        (WELL, {"unsettled": 2}, "card_printer:unsettled=2"),
        (_with("receipt_printer", "offline"), {}, "receipt_printer:offline"),
        (replace(WELL, refused=1), {}, "registry:refused=1"),
    ],
)
def test_what_only_mars_it_leaves_it_open(facts: Facts, changes: dict[str, Any], reason: str) -> None:
    verdict = judge_card(facts, replace(CARD, **changes))
    assert (verdict.availability, verdict.reason) == (fleet.AVAILABILITY_DEGRADED, reason)
