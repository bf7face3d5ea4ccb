"""Loads a machine that was never loaded, as two people at its door would: through the daemon, which tells the rest."""

from typing import Final

import grpc
import grpc.aio
from adm.panel.v1 import panel_pb2 as pb

from simulator.demo.panel import PanelClient
from simulator.demo.waiting import NotInTime

CALL_S: Final = 20.0
STAFF: Final = ("SIMULASI-1", "SIMULASI-2")
LOADS: Final = (
    (pb.STOCK_ITEM_PAPER_A4, "", 500),
    (pb.STOCK_ITEM_CARD_KTP_EL, "SIM-KTP-001", 50),
    (pb.STOCK_ITEM_CARD_KIA, "SIM-KIA-001", 50),
    (pb.STOCK_ITEM_RIBBON, "SIM-YMCK-001", 200),
    (pb.STOCK_ITEM_TONER, "", 2000),
)


async def load(panel: PanelClient) -> None:
    """Fill hoppers, tray and ribbon in the daemon's books, where nobody has before.

    Raises:
        NotInTime: The daemon does not answer, or refuses.
    """
    try:
        known = {book.item for book in (await panel.stub.GetStock(pb.GetStockRequest(), timeout=CALL_S)).books}
        for item, batch, count in LOADS:
            if item in known:
                continue
            request = pb.RecordStockRequest(
                act=pb.STOCK_ACT_LOAD,
                item=item,
                batch=batch,
                count=count,
                counted_before=0,
                counted_after=count,
                staff=STAFF,
            )
            await panel.stub.RecordStock(request, timeout=CALL_S)
    except grpc.aio.AioRpcError as error:
        raise NotInTime(f"the kiosk's books take no loading ({error.details()})") from error
