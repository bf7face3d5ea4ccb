"""Which cards this machine makes, and with what: from its configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from adm.registry.v1 import registry_pb2 as pb

from kiosk.config import KioskConfig, Role
from kiosk.devices import Device
from kiosk.issuance.card import CardIssuer
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.card_station import Station
from kiosk.issuance.cards.limits import Limits
from kiosk.issuance.ledger import Ledger
from kiosk.registry.client import Registry

_KINDS: tuple[tuple[pb.DocumentKind.ValueType, pb.Blank.ValueType, Role, Role | None], ...] = (
    (pb.DOCUMENT_KIND_KTP_EL, pb.BLANK_CARD_KTP_EL, "card_printer", "card_encoder"),
    (pb.DOCUMENT_KIND_KIA, pb.BLANK_CARD_KIA, "kia_printer", None),
)


def card_issuers(
    config: KioskConfig, ledger: Ledger, registry: Registry, device: Callable[[str], Device[Any]]
) -> tuple[CardIssuer, ...]:
    """One for each kind of card that the machine has a printer for.

    Args:
        device: Makes the device of a role.
    """
    settings = config.cards
    made = []
    for kind, blank, printer, encoder in _KINDS:
        if printer not in config.devices:
            continue
        station = Station(
            kind,
            blank,
            device(printer),
            device(encoder) if encoder else None,
            Limits(
                settings.cards_a_day,
                settings.cards_a_burst,
                timedelta(hours=settings.burst_h),
                timedelta(minutes=settings.cool_down_min),
                settings.hottest_c,
                cards_past_cleaning=settings.cards_past_cleaning,
            ),
            PrintLog(config.state_dir / f"{printer}.json"),
            settings.move_s,
        )
        made.append(CardIssuer(ledger, registry, station, settings.print_s, settings.encode_s, settings.licence_file))
    return tuple(made)
