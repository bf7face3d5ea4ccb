"""`adm staff`: who holds a service card. Cards are read on the machine's own reader; PINs are typed, no argument."""

import argparse
import getpass
import secrets
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

from drivers.card_reader.port import CardReader
from drivers.deadline import Deadline
from drivers.errors import DriverError
from kiosk.cli.lend import device, require_technician
from kiosk.cli.say import CommandFailed
from kiosk.technician.staff import PIN_MAX, PIN_MIN, Role, Staff, StaffError, pin_hash, uid_hash

PLACE_S: Final = 30.0
UID_S: Final = 3.0


def add(verbs: Any) -> None:
    """Register the verb."""
    parser = verbs.add_parser("staff", help="who holds a service card").add_subparsers(required=True, metavar="WHAT")
    one = parser.add_parser("add", help="read a card, ask for a PIN, and add its holder to the file")
    one.add_argument("file", type=Path, metavar="STAFF.toml")
    one.add_argument("--staff", required=True, metavar="NUMBER")
    one.add_argument("--name", required=True)
    one.add_argument("--role", required=True, choices=[role.value for role in Role])
    one.set_defaults(run=_add)
    lost = parser.add_parser("remove", help="a card is lost, or somebody has left")
    lost.add_argument("file", type=Path, metavar="STAFF.toml")
    lost.add_argument("--staff", required=True, metavar="NUMBER")
    lost.set_defaults(run=_remove)


def _add(arguments: argparse.Namespace) -> int:
    require_technician("adding a service card")
    content = _read(arguments.file)
    pin = _pin()
    print("Put the service card on the reader.", file=sys.stderr)
    with device(arguments.config, "card_reader", "staff") as reader:
        uid = _uid(reader)
    salt, staff = content["salt"], arguments.staff
    card = {"staff": staff, "name": arguments.name, "role": arguments.role}
    hashes = {"uid": uid_hash(salt, uid), "pin": pin_hash(salt, staff, pin)}
    _write(arguments.file, {"salt": salt, "card": [*content["card"], {**card, **hashes}]})
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    require_technician("removing a service card")
    content = _read(arguments.file)
    left = [card for card in content["card"] if card["staff"] != arguments.staff]
    if len(left) == len(content["card"]):
        raise CommandFailed(f"{arguments.file} has no {arguments.staff}")
    _write(arguments.file, {**content, "card": left})
    return 0


def _uid(reader: CardReader) -> bytes:
    if not reader.wait_for_card(Deadline.after(PLACE_S)):
        raise CommandFailed("no card was placed")
    try:
        return reader.uid(Deadline.after(UID_S))
    except DriverError as error:
        raise CommandFailed(f"the card was not read: {type(error).__name__}") from error


def _pin() -> str:
    pin = getpass.getpass(f"PIN, {PIN_MIN} to {PIN_MAX} digits: ") if sys.stdin.isatty() else sys.stdin.readline()
    pin = pin.strip()
    if not (pin.isascii() and pin.isdigit() and PIN_MIN <= len(pin) <= PIN_MAX):
        raise CommandFailed(f"a PIN has {PIN_MIN} to {PIN_MAX} digits")
    return pin


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"salt": secrets.token_hex(32), "card": []}
    try:
        Staff.load(path)
        content = tomllib.loads(path.read_text("utf-8"))
    except (StaffError, OSError) as error:
        raise CommandFailed(f"{path}: {error}") from error
    return {"salt": content["salt"], "card": content.get("card", [])}


def _write(path: Path, content: dict[str, Any]) -> None:
    try:
        Staff(content)
    except StaffError as error:
        raise CommandFailed(str(error)) from error
    lines = [f'salt = "{content["salt"]}"']
    for card in content["card"]:
        lines += ["", "[[card]]", *(f"{name} = {_string(value)}" for name, value in card.items())]
    fresh = path.with_suffix(".new")
    try:
        fresh.touch(mode=0o600)
        fresh.write_text("\n".join(lines) + "\n", "utf-8")
        fresh.replace(path)
    except OSError as error:
        raise CommandFailed(f"{path}: cannot be written: {error.strerror}") from error


def _string(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
