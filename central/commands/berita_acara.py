"""`central berita-acara`: blanks that were spoiled, taken back or destroyed in a machine, as a signed PDF."""

import argparse
import asyncio
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from central.commands.common import CannotDo, add_config, opened
from central.config import Config
from central.documents.contents import WIB
from central.fleet import machines
from central.registry import spoilage

if TYPE_CHECKING:
    from central.commands.common import Commands


def add(commands: "Commands") -> None:
    """Add the command."""
    report = commands.add_parser("berita-acara", help="write a signed PDF of a machine's spoiled and destroyed blanks")
    report.add_argument("machine", metavar="MACHINE", help="as `central machines` shows it: kiosk/3520/mpp-01")
    report.add_argument("--from", dest="begins", type=_day, required=True, metavar="DAY", help="first day: 2026-11-01")
    report.add_argument("--to", dest="ends", type=_day, required=True, metavar="DAY", help="last day")
    report.add_argument("--out", type=Path, required=True, metavar="FILE", help="a file that is not there yet")
    report.set_defaults(run=_report)
    add_config(report)


def _report(options: argparse.Namespace) -> int:
    if options.ends < options.begins:
        raise CannotDo("--to is before --from")
    if options.out.exists():
        raise CannotDo(f"{options.out} is there already")
    # Days as people in the regency count them, the last one whole.
    period = spoilage.Period(_begin(options.begins), _begin(options.ends + timedelta(days=1)))
    with opened(options) as (config, store):
        known = {machine["machine_id"]: machine for machine in store.read_now(machines.all_machines)}
        if options.machine not in known:
            raise CannotDo(f"there is no machine {options.machine}")
        found = store.read_now(lambda c: spoilage.read(c, options.machine, period))
    site = known[options.machine].get("site_name") or "-"
    signed = asyncio.run(_signed(config, options.machine, site, period, found))
    options.out.write_bytes(signed)
    spoiled = sum(one.count for one in found.used)
    destroyed = sum(one.count for one in found.destroyed)
    print(f"{options.out}: {spoiled} spoiled or taken back, {destroyed} destroyed")
    for question in found.open_questions:
        print(f"open: {question}")
    return 0


async def _signed(
    config: Config, machine_id: str, site: str, period: spoilage.Period, found: spoilage.Spoilage
) -> bytes:
    # Only here: they bring typst and pyHanko, which the other commands do without.
    from central.documents import berita_acara
    from central.documents.typesetter import TypesetError, Typesetter
    from central.signing.pades import PadesSigner, file_signer

    typesetter = Typesetter(config.documents.verify_url, config.documents.official, config.documents.official_nip)
    signing = config.signing
    try:
        held = file_signer(signing.certificate, signing.key, signing.chain)
        signer = PadesSigner(held, "Magetan", "Berita acara blanko")
        try:
            shown = berita_acara.values(machine_id, site, period, found)
            return await signer.sign(await berita_acara.pdf(typesetter, shown, datetime.now(UTC)))
        finally:
            signer.close()
    except (ValueError, OSError, TypesetError) as error:
        raise CannotDo(f"it cannot be set or signed: {error}") from error
    finally:
        typesetter.close()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), WIB)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError("a day is written 2026-11-23") from error
