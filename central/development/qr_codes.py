"""QR codes and PINs of the sample residents, so that a development machine can be used without a card. SIMULASI."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from central.commands.residents import picture
from central.config import QrSettings
from central.files import write_private
from central.registry import qr
from central.registry.qr import NewCode
from central.store.engine import Store

_HEADING = "# PINs of the sample residents' QR codes. SIMULASI: an office tells a PIN once and keeps none.\n"


def give(store: Store, samples: Path, now: datetime) -> dict[str, NewCode]:
    """Give a code to each sample resident with a face; by the face's name."""
    data = tomllib.loads((samples / "residents.toml").read_text(encoding="utf-8"))
    people = [member for family in data["family"] for member in family["member"] if "face" in member]
    codes = {member["face"]: NewCode.make() for member in people}
    expires_at = now + timedelta(days=QrSettings().valid_days)

    def keep_all(connection: sa.Connection) -> None:
        for member in people:
            qr.keep(connection, member["nik"], codes[member["face"]], expires_at, False, now)

    store.write_now(keep_all)
    return codes


def write(directory: Path, codes: Mapping[str, NewCode]) -> None:
    """Write `<face>.png` and pins.toml (face = "PIN"), for their owner's eyes."""
    directory.mkdir(mode=0o700, exist_ok=True)
    for face, code in codes.items():
        write_private(directory / f"{face}.png", picture(code))
    lines = "".join(f'{face} = "{code.pin}"\n' for face, code in codes.items())
    write_private(directory / "pins.toml", (_HEADING + lines).encode())
