"""`central machines`, `central alarms`, `central selftest`: how the fleet is."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from central import alarms
from central.columns import columns
from central.commands.common import CannotDo, add_config, add_staff, as_json, opened
from central.fleet import heads, machines, self_tests, table

if TYPE_CHECKING:
    from central.commands.common import Commands


def add(commands: "Commands") -> None:
    """Add the commands."""
    listing = commands.add_parser("machines", help="show every machine's last known state")
    listing.add_argument("--json", action="store_true", help="as JSON")
    listing.set_defaults(run=_machines)
    add_config(listing)

    test = commands.add_parser("selftest", help="have a machine test itself as soon as nobody is served there")
    test.add_argument("machine_id", metavar="MACHINE")
    test.set_defaults(run=_selftest)
    add_staff(test)
    add_config(test)

    alarm = commands.add_parser("alarms", help="show what a person must look into, or clear it")
    alarm.add_argument("--json", action="store_true", help="as JSON")
    alarm.set_defaults(run=_alarms)
    add_config(alarm)
    clear = alarm.add_subparsers(metavar="clear").add_parser("clear", help="a person has looked into it")
    clear.add_argument("alarm_id", metavar="ALARM")
    clear.add_argument(
        "--new-journal", action="store_true", help="keep the machine's next journal head, whatever it is"
    )
    clear.set_defaults(run=_clear)
    add_staff(clear)
    add_config(clear)


def _machines(options: argparse.Namespace) -> int:
    with opened(options) as (config, store):
        found = store.read_now(machines.all_machines)
    now = datetime.now(UTC)
    if options.json:
        for machine in found:
            age_s = table.seconds_since_seen(machine, now)
            machine["stale"] = age_s is None or age_s > config.fleet.stale_s
            machine["full_test_expired"] = table.full_test_expired(machine, now, config.fleet.full_test_days)
        print(as_json(found))
    else:
        print(table.render(found, now, config.fleet.stale_s, config.fleet.full_test_days))
    return 0


def _selftest(options: argparse.Namespace) -> int:
    def work(connection: sa.Connection) -> None:
        if not machines.is_enrolled(connection, options.machine_id):
            raise CannotDo(f"no such machine is enrolled: {options.machine_id}")
        self_tests.ask(connection, options.machine_id, options.by, datetime.now(UTC))

    with opened(options) as (_, store):
        store.write_now(work)
    print(f"central: {options.machine_id} is asked for a self-test")
    return 0


def _alarms(options: argparse.Namespace) -> int:
    with opened(options) as (_, store):
        found = store.read_now(alarms.open_ones)
    if options.json:
        print(as_json(found))
    elif found:
        rows = [[a["alarm_id"], a["machine_id"], a["kind"], a["raised_at"][:19] + "Z", _words(a)] for a in found]
        print(columns([["ALARM", "MACHINE", "KIND", "SINCE", "DETAILS"], *rows]))
    else:
        print("no alarms")
    return 0


def _words(alarm: dict[str, dict[str, object]]) -> str:
    return " ".join(f"{name}={str(value)[:12]}" for name, value in alarm["details"].items())


def _clear(options: argparse.Namespace) -> int:
    def work(connection: sa.Connection) -> None:
        row = alarms.clear(connection, options.alarm_id, options.by, datetime.now(UTC))
        if row is None:
            raise CannotDo(f"no such alarm is open: {options.alarm_id}")
        if options.new_journal:
            heads.forget(connection, row.machine_id)

    with opened(options) as (_, store):
        store.write_now(work)
    print(f"central: alarm {options.alarm_id} cleared")
    return 0
