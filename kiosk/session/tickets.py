"""A ticket of the office's queue for whom the machine sends to its counter, where the office has its machines do so."""

import asyncio
from datetime import datetime
from typing import Final

from adm.panel.v1 import panel_pb2 as pb

from kiosk import logs
from kiosk.issuance import receipts
from kiosk.session.handing_over import frame, print_slip
from kiosk.session.queue_numbers import next_number
from kiosk.session.session import ResidentSession
from kiosk.session.trouble import Trouble

TO_THE_COUNTER: Final = frozenset(
    {
        pb.TROUBLE_KIND_UNKNOWN_RESIDENT,
        pb.TROUBLE_KIND_CARD_UNREADABLE,
        pb.TROUBLE_KIND_CARD_UNVERIFIED,
        pb.TROUBLE_KIND_FACE_NOT_MATCHED,
        pb.TROUBLE_KIND_NOT_LIVE,
        pb.TROUBLE_KIND_CAMERA,
        pb.TROUBLE_KIND_NO_NETWORK,
        pb.TROUBLE_KIND_DATA_WRONG,
        pb.TROUBLE_KIND_MACHINE,
        pb.TROUBLE_KIND_BLANK_DEFECTIVE,
    }
)
"""Whose words name the counter, and that bring no number of their own."""


async def ticket(session: ResidentSession, trouble: Trouble) -> None:
    """Give a number of the queue with this trouble, where that helps and a ticket can be printed."""
    kiosk = session.kiosk
    settings, printer = kiosk.config.queue, kiosk.receipt_printer
    if settings is None or trouble.reference or trouble.kind not in TO_THE_COUNTER or not receipts.printable(printer):
        return
    file, today = kiosk.config.state_dir / "queue.json", datetime.now().astimezone().date()
    try:
        number = await asyncio.to_thread(next_number, file, settings.prefix, today)
    except OSError as error:
        logs.event("no_queue_number", error=error)
        return
    trouble.reference, trouble.slip = number, True
    blocks = receipts.queue_ticket(frame(session), number=number, service=settings.service)
    kiosk.background(print_slip(session, blocks, number))
