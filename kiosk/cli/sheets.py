"""Sheets that a technician's command uses up are booked as spoiled, with the name of who used them."""

import argparse
import os
import pwd
import re
from pathlib import Path
from typing import Final

from adm.panel.v1 import panel_pb2 as pb

from kiosk.cli.say import CALL_S, CommandFailed, daemon

_STAFF: Final = re.compile(r"[A-Za-z0-9.-]{1,32}")


def add_by(parser: argparse.ArgumentParser) -> None:
    """The option that says who does it."""
    parser.add_argument("--by", metavar="STAFF", help="staff number of who does it; the login name, unless said")


def staff(arguments: argparse.Namespace) -> str:
    """Who does it, asked before anything moves.

    Raises:
        CommandFailed: Nobody that the books could name.
    """
    by = arguments.by or os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    if not _STAFF.fullmatch(by):
        raise CommandFailed("Say who does it: --by STAFF, 1 to 32 letters, digits, points or hyphens.")
    return by


def book(config: Path, count: int, by: str, reason: str) -> None:
    """Write `count` sheets of A4 down as spoiled and say so, or why that was not possible.

    Args:
        reason: What they were used for, a key word of the journal.
    """
    if count == 0:
        return
    try:
        with daemon(config) as panel:
            books = panel.GetStock(pb.GetStockRequest(), timeout=CALL_S).books
            paper = [one for one in books if one.item == pb.STOCK_ITEM_PAPER_A4]
            if not paper:
                print("Paper is not counted in this machine: nothing to book.")
                return
            batch = next((one.batch for one in paper if one.remaining > 0), paper[-1].batch)
            request = pb.RecordStockRequest(
                act=pb.STOCK_ACT_SPOIL,
                item=pb.STOCK_ITEM_PAPER_A4,
                batch=batch,
                count=count,
                staff=[by],
                reason=reason,
            )
            panel.RecordStock(request, timeout=CALL_S)
    except CommandFailed as error:
        print(f"{count} sheet(s) used and not booked ({error}): adm stock spoil paper {count} ...")
        return
    print(f"{count} sheet(s) booked as spoiled by {by} (batch {batch or '-'})")
