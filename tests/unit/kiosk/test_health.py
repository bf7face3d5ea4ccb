"""From what is known of devices, link and journal to what the machine may promise."""

from dataclasses import replace

import pytest
from adm.fleet.v1 import fleet_pb2 as fleet
from adm.panel.v1 import panel_pb2 as panel
from adm.registry.v1 import registry_pb2 as registry

from kiosk.fleet.health import DeviceFacts, Facts, Services, Verdict, judge_a4

KTP = registry.DOCUMENT_KIND_KTP_EL

WELL = Facts(
    devices={
        "card_reader": DeviceFacts("pcsc", "online", {"sam": "online", "media": "notPresent"}),
        "camera": DeviceFacts("opencv", "online"),
        "document_printer": DeviceFacts("ipp", "online", {"paper": "full", "toner": "full"}),
        "receipt_printer": DeviceFacts("escpos", "online", {"paper": "full"}),
    },
    central=True,
    unsettled=0,
    room=True,
)


def _with(role: str, state: str, **details: str) -> Facts:
    return replace(WELL, devices={**WELL.devices, role: DeviceFacts("driver", state, details)})


def test_a_well_machine_is_available() -> None:
    verdict = judge_a4(WELL)
    assert (verdict.availability, verdict.reason) == (fleet.AVAILABILITY_AVAILABLE, "")


@pytest.mark.parametrize(
    ("facts", "reason", "screen"),
    [
        (_with("card_reader", "starting"), "card_reader:starting", panel.OUT_OF_SERVICE_REASON_STARTING),
        (_with("camera", "hardwareError"), "camera:hardwareError", panel.OUT_OF_SERVICE_REASON_DEVICE),
        (_with("document_printer", "offline"), "document_printer:offline", panel.OUT_OF_SERVICE_REASON_DEVICE),
        (_with("document_printer", "starting"), "document_printer:starting", panel.OUT_OF_SERVICE_REASON_STARTING),
        (
            _with("document_printer", "online", paper="out"),
            "document_printer:out",
            panel.OUT_OF_SERVICE_REASON_SUPPLIES,
        ),
        (
            _with("document_printer", "online", media="jammed"),
            "document_printer:jammed",
            panel.OUT_OF_SERVICE_REASON_DEVICE,
        ),
        (_with("paper_feeder", "offline"), "paper_feeder:offline", panel.OUT_OF_SERVICE_REASON_DEVICE),
        (_with("paper_feeder", "starting"), "paper_feeder:starting", panel.OUT_OF_SERVICE_REASON_STARTING),
        (
            _with("paper_feeder", "hardwareError", media="jammed"),
            "paper_feeder:jammed",
            panel.OUT_OF_SERVICE_REASON_DEVICE,
        ),
        (_with("paper_feeder", "online", paper="out"), "paper_feeder:out", panel.OUT_OF_SERVICE_REASON_SUPPLIES),
        (
            _with("paper_feeder", "online", retract_bin="full"),
            "paper_feeder:bin=full",
            panel.OUT_OF_SERVICE_REASON_DEVICE,
        ),
        (replace(WELL, unsettled=1), "document_printer:unsettled", panel.OUT_OF_SERVICE_REASON_DEVICE),
        (replace(WELL, room=False), "journal:full", panel.OUT_OF_SERVICE_REASON_JOURNAL),
        (replace(WELL, central=False), "registry:offline", panel.OUT_OF_SERVICE_REASON_NO_NETWORK),
    ],
)
def test_a_machine_that_cannot_issue_never_says_that_it_can(
    facts: Facts, reason: str, screen: "panel.OutOfServiceReason.ValueType"
) -> None:
    verdict = judge_a4(facts)
    assert verdict.availability == fleet.AVAILABILITY_UNAVAILABLE
    assert (verdict.reason, verdict.screen) == (reason, screen)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (_with("card_reader", "noDevice"), "card_reader:noDevice"),
        (_with("card_reader", "online", sam="noDevice"), "sam:noDevice"),
        (replace(WELL, refused=2), "registry:refused=2"),
        (_with("paper_feeder", "online", paper="low"), "paper_feeder:paper=low"),
        (_with("paper_feeder", "online", retract_bin="high"), "paper_feeder:bin=high"),
        (_with("receipt_printer", "noDevice"), "receipt_printer:noDevice"),
        (_with("receipt_printer", "online", paper="out"), "receipt_printer:paper=out"),
        (_with("document_printer", "online", toner="low"), "document_printer:toner=low"),
    ],
)
def test_what_only_mars_the_service_leaves_it_open(facts: Facts, reason: str) -> None:
    verdict = judge_a4(facts)
    assert (verdict.availability, verdict.reason) == (fleet.AVAILABILITY_DEGRADED, reason)


def test_a_verdict_remembers_since_when_it_stands() -> None:
    services = Services()
    assert services.update(WELL)
    since = [line.since.ToJsonString() for line in services.report()]
    assert not services.update(WELL)
    assert [line.since.ToJsonString() for line in services.report()] == since
    assert services.update(replace(WELL, central=False))
    assert [line.since.ToJsonString() for line in services.report()] >= since
    assert {line.reason for line in services.report()} == {"registry:offline"}


def test_the_machine_serves_as_long_as_anything_can_be_had() -> None:
    services = Services()
    jammed = Verdict(fleet.AVAILABILITY_UNAVAILABLE, "card_printer:printer")
    works = Verdict(fleet.AVAILABILITY_DEGRADED, "card_printer:ribbon=low")
    assert services.update(WELL, {KTP: jammed})
    assert services.verdict.availability == fleet.AVAILABILITY_AVAILABLE
    assert not services.well
    assert services.update(replace(WELL, unsettled=1), {KTP: works})
    assert (services.verdict, services.of(KTP)) == (works, works)
    assert services.of(registry.DOCUMENT_KIND_KK).reason == "document_printer:unsettled"
    assert services.of(registry.DOCUMENT_KIND_KIA).reason == "machine:notOffered"
    assert {line.kind: line.reason for line in services.report()}[KTP] == "card_printer:ribbon=low"
