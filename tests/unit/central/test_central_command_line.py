"""The commands as people and systemd run them: real processes, exit statuses, one clear line."""

import asyncio
import json
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from central.development import setup
from central.fleet import table
from central.store import times
from central.store.engine import Store
from central.store.schema import machines
from tests.unit.central import bench
from tests.unit.central.bench import COMMAND, ENVIRONMENT, run


@asynccontextmanager
async def serving(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "serve", "--config", str(config),
        env=ENVIRONMENT, cwd=bench.ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ready_port(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), bench.DEADLINE_S)).decode()
    assert line.startswith("central ready on 127.0.0.1:"), line
    return int(line.rsplit(":", 1)[1])


async def test_serve_says_when_it_is_ready_serves_and_stops_when_told(directory: Path) -> None:
    async with serving(directory / "central.toml") as process:
        port = await ready_port(process)
        async with bench.Bench(directory, port).machine() as machine:
            assert (await machine.start()).attempts_left == 3
            process.send_signal(signal.SIGTERM)
            output, errors = await asyncio.wait_for(process.communicate(), bench.DEADLINE_S)
    assert (process.returncode, output) == (0, b"")
    assert b"3520********0003" in errors
    assert bench.HAMID[0].encode() not in errors
    assert errors.decode().splitlines()[-1].endswith("stopped")


def test_a_port_in_use_is_told_in_one_line(directory: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = directory / "central.toml"
        config.write_text(config.read_text().replace("\nport = 0", f"\nport = {port}"))
        ended = run("serve", "--config", config)
    assert ended.returncode == 2
    lines = [line for line in ended.stderr.splitlines() if line.startswith("central: ")]
    assert lines == [f"central: cannot listen on 127.0.0.1:{port}: is the port in use, or a certificate wrong?"]
    assert "Traceback" not in ended.stderr


async def test_two_servers_do_not_share_a_port(directory: Path) -> None:
    async with bench.running(directory) as running:
        config = directory / "second.toml"
        config.write_text((directory / "central.toml").read_text().replace("\nport = 0", f"\nport = {running.port}"))
        ended = await asyncio.to_thread(run, "serve", "--config", config)
    assert ended.returncode == 2
    assert f"cannot listen on 127.0.0.1:{running.port}" in ended.stderr


def test_mistakes_in_the_configuration_are_told_in_one_line(directory: Path) -> None:
    config = directory / "central.toml"
    config.write_text(config.read_text().replace("\nport = 0", "\nport = -1\nspeed = 9").replace("grant.key", "x"))
    ended = run("serve", "--config", config)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"central: {config}: 3 mistakes: ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_key_that_is_none_is_told_in_one_line(directory: Path) -> None:
    (directory / "pki" / "grant.key").write_bytes((directory / "pki" / "server.key").read_bytes())
    ended = run("serve", "--config", directory / "central.toml")
    assert ended.returncode == 2
    assert ended.stderr.endswith("grant.key: not an Ed25519 private key\n")
    assert len(ended.stderr.splitlines()) == 1


def test_init_makes_everything_once(tmp_path: Path) -> None:
    place = tmp_path / "new"
    first = run("init", "--dir", place, "--samples", bench.SAMPLES, "--models", bench.MODELS)
    assert first.returncode == 0, first.stderr
    before = {file: file.read_bytes() for file in place.rglob("*") if file.is_file()}
    second = run("init", "--dir", place, "--samples", bench.SAMPLES, "--models", bench.MODELS)
    assert second.stdout == "central: nothing to do: everything is there\n"
    assert {file: file.read_bytes() for file in place.rglob("*") if file.is_file()} == before
    names = {str(file.relative_to(place)) for file in before}
    assert {f"kiosk-credentials/{n}" for n in ("ca.pem", "cert.pem", "key.pem", "grant_public_key")} <= names
    assert {"central.toml", "central.sqlite3", "qr/pins.toml", "qr/hamid.png"} <= names


def test_private_files_are_private(directory: Path) -> None:
    private = [*directory.rglob("*.key"), *directory.rglob("key.pem"), directory / "central.sqlite3"]
    private += (directory / "qr").iterdir()
    assert len(private) == 8 + 9
    for file in private:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_init_makes_a_lost_or_foreign_certificate_anew(directory: Path) -> None:
    server, credentials = directory / "pki" / "server.pem", directory / "kiosk-credentials"
    server.unlink()
    bench.foreign_credentials(directory)
    (credentials / "cert.pem").write_bytes((directory / "foreign-credentials" / "cert.pem").read_bytes())
    made = setup.initialise(directory, bench.SAMPLES, bench.MODELS, port=0)
    assert made == ["server certificate", "certificate of machine kiosk/3520/mpp-01"]
    assert server.exists()


def test_init_without_models_says_what_is_missing(tmp_path: Path) -> None:
    ended = run("init", "--dir", tmp_path / "new", "--samples", bench.SAMPLES, "--models", tmp_path / "none")
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "new" / "central.sqlite3").exists()


def test_machines_lists_them_as_table_and_as_json(directory: Path) -> None:
    listed = run("machines", "--config", directory / "central.toml")
    assert listed.stdout.splitlines()[0].split()[:3] == ["MACHINE", "SITE", "SEEN"]
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:]] == [setup.MACHINE_ID, bench.OTHER_MACHINE]
    as_json = json.loads(run("machines", "--json", "--config", directory / "central.toml").stdout)
    assert [(m["machine_id"], m["seen_at"], m["stale"]) for m in as_json] == [
        (setup.MACHINE_ID, None, True),
        (bench.OTHER_MACHINE, None, True),
    ]


@pytest.mark.parametrize(("age_s", "seen"), [(5, "5 s ago"), (61, "STALE, 1 min ago"), (90_000, "STALE, 1 d ago")])
def test_a_machine_that_was_not_heard_of_is_shown_as_stale(store: Store, age_s: int, seen: str) -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    values = {
        "machine_id": "kiosk/3520/x", "site_name": "MPP Magetan", "refused": False, "outbox": 2, "in_session": True,
        "seen_at": times.to_text(now - timedelta(seconds=age_s)), "open_issuances": 1, "journal_seq": 12,
        "journal_hash": "ab" * 32, "kept_seq": 11, "kept_hash": "cd" * 32,
        "devices": [{"name": "camera", "state": "noDevice"}],
        "services": [{"kind": "KK", "availability": "AVAILABLE"}],
    }  # fmt: skip
    row = table.render([values], now, stale_s=60).splitlines()[1]
    assert seen in row
    cells = ["yes", "camera:noDevice", "1 available", "12 abababababab, 1 open, kept to 11", "2"]
    assert all((f"({cell})" if age_s > 60 else cell) in row for cell in cells)


def test_a_refused_machine_is_shown_as_refused(store: Store, directory: Path) -> None:
    store.write_now(lambda c: c.execute(machines.update().values(refused=True)))
    assert run("machines", "--config", directory / "central.toml").stdout.count("refused") == 2


async def test_the_books_are_checked_also_by_who_may_not_read_the_keys(directory: Path, tmp_path: Path) -> None:
    done = await bench.command("stock", "check", "--database", directory / "central.sqlite3")
    assert (done.returncode, done.stdout) == (0, "3 books add up\n")
    none = await bench.command("stock", "check", "--database", tmp_path / "nowhere")
    assert none.returncode != 0
    assert "is not a file" in none.stderr
    assert not (tmp_path / "nowhere").exists()
