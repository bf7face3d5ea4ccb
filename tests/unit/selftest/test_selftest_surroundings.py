"""Clock, disks, power supply and contacts: what each says is judged; what says nothing is skipped, never guessed."""

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.deadline import Deadline
from drivers.status import ErrorAction
from selftest.checks import surroundings
from selftest.cycles import measurements, timed
from selftest.model import Finding, Level, Limits, Machine, Outcome, Subject
from selftest.runner import run

MACHINE = Machine("kiosk/3520/x", {}, {}, simulation=True)


def found(subject: Subject) -> Finding:
    (result,) = run([subject], MACHINE, Level.QUICK).results
    return result.finding


@pytest.mark.parametrize(
    ("ahead", "outcome"),
    [
        (0.4, Outcome.PASS),
        (-29.0, Outcome.PASS),
        (31.0, Outcome.FAIL),
        (-7200.0, Outcome.FAIL),
        (None, Outcome.SKIPPED),
    ],
)
def test_a_clock_is_held_against_the_registrys(ahead: float | None, outcome: Outcome) -> None:
    finding = found(surroundings.clock(lambda: ahead))
    assert finding.outcome is outcome
    if outcome is Outcome.FAIL:
        assert finding.advice is not None
        assert finding.advice.action is ErrorAction.CONFIGURATION


def smart(**more: Any) -> str:
    return json.dumps({"smart_status": {"passed": True}, "temperature": {"current": 41}, **more})


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        (smart(), Outcome.PASS, ""),
        (smart(smart_status={"passed": False}), Outcome.FAIL, "disk:sda:failing"),
        (smart(temperature={"current": 71}), Outcome.FAIL, "disk:sda_temperature"),
        (smart(nvme_smart_health_information_log={"percentage_used": 97}), Outcome.FAIL, "disk:sda_worn"),
        ("{", Outcome.FAIL, "disk:sda:unreadable"),
        ("[]", Outcome.FAIL, "disk:sda:unreadable"),
    ],
)
def test_a_disks_own_report_is_believed(tmp_path: Path, text: str, outcome: Outcome, reason: str) -> None:
    (tmp_path / "sda.json").write_text(text)
    finding = found(surroundings.disks(tmp_path))
    assert (finding.outcome, finding.reason) == (outcome, reason)


def test_an_old_report_of_a_disk_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "sda.json").write_text(smart(smart_status={"passed": False}))
    os.utime(tmp_path / "sda.json", (1.0, 1.0))
    assert found(surroundings.disks(tmp_path)).outcome is Outcome.SKIPPED
    assert found(surroundings.disks(tmp_path / "none")).outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("name", "word", "reason"),
    [
        ("door", "0\n", ""),
        ("door", "1\n", "door:open"),
        ("tamper", "1", "tamper:open"),
        ("door", "", "door:unreadable"),
        ("door", None, "door:unreadable"),
    ],
)
def test_contacts_are_read(tmp_path: Path, name: str, word: str | None, reason: str) -> None:
    if word is not None:
        (tmp_path / name).write_text(word)
    finding = found(surroundings.contacts({name: tmp_path / name}))
    assert finding.reason == reason
    if finding.outcome is Outcome.FAIL:
        assert finding.advice is not None
        assert (finding.advice.action is ErrorAction.SUSPEND) == (reason == "tamper:open")


@contextlib.contextmanager
def protocol_double(answer: bytes) -> Iterator[int]:
    """Not NUT: a socket that gives one answer of its protocol, for what a real upsd seldom says."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                with link:
                    link.recv(256)
                    link.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


def listed(status: str, charge: str = "100", runtime: str = "900") -> bytes:
    lines = [f'VAR kiosk ups.status "{status}"', f'VAR kiosk battery.charge "{charge}"']
    lines.append(f'VAR kiosk battery.runtime "{runtime}"')
    return "\n".join(["BEGIN LIST VAR kiosk", *lines, "END LIST VAR kiosk", ""]).encode()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (listed("OL"), ""),
        (listed("OL CHRG", charge="30"), "ups:charge"),
        (listed("OL", runtime="60"), "ups:runtime"),
        (listed("OB DISCHRG"), "ups:onBattery"),
        (listed("OL RB"), "ups:replaceBattery"),
        (listed(""), "ups:unknown"),
        (b"ERR UNKNOWN-UPS\n", "ups:ValueError"),
        (b"BEGIN LIST VAR kiosk\n", "ups:ValueError"),
        (b"\xff\xfe\n", "ups:UnicodeDecodeError"),
        (b"", "ups:ValueError"),
    ],
)
def test_what_a_power_supply_says_is_judged(answer: bytes, reason: str) -> None:
    with protocol_double(answer) as port:
        finding = found(surroundings.ups("127.0.0.1", port, "kiosk"))
    assert finding.reason == reason
    assert (finding.outcome is Outcome.PASS) == (reason == "")


def test_a_power_supply_that_nobody_serves_is_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert found(surroundings.ups("127.0.0.1", port, "kiosk")).outcome is Outcome.FAIL


def test_a_real_upsd_with_its_own_dummy_driver_is_understood(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    tmp_path.chmod(0o755)
    (tmp_path / "ups.conf").write_text("[kiosk]\n driver = dummy-ups\n port = kiosk.dev\n")
    (tmp_path / "kiosk.dev").write_text("ups.status: OL\nbattery.charge: 97\nbattery.runtime: 1200\n")
    (tmp_path / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {port}\n")
    (tmp_path / "upsd.users").write_text("")
    environment = {
        **os.environ,
        "NUT_CONFPATH": str(tmp_path),
        "NUT_STATEPATH": str(tmp_path),
        "NUT_ALTPIDPATH": str(tmp_path),
    }
    own = ("-u", "root") if os.geteuid() == 0 else ()
    driver = subprocess.Popen(["/lib/nut/dummy-ups", "-a", "kiosk", "-F", *own], env=environment)
    server_process = subprocess.Popen(["/lib/nut/upsd", "-F", *own], env=environment)
    try:
        finding = _until_connected(port)
        assert finding.outcome is Outcome.PASS, finding.reason
        assert {one.name: one.value for one in finding.measurements} == {"charge": 97.0, "runtime": 1200.0}
    finally:
        for process in (server_process, driver):
            process.terminate()
            process.wait(20)


def _until_connected(port: int) -> Finding:
    """upsd needs a moment to find its driver; it says so itself meanwhile."""
    until = Deadline.after(40)
    while True:
        finding = found(surroundings.ups("127.0.0.1", port, "kiosk"))
        if finding.outcome is Outcome.PASS or until.expired:
            return finding
        threading.Event().wait(0.2)


def test_a_run_that_gets_slower_shows_its_drift_and_worst_case() -> None:
    told = {
        one.name: one for one in measurements([0.1, 0.1, 0.1, 0.2, 0.4, 0.4], Limits(at_most=300), Limits(at_most=2))
    }
    assert (told["cycles"].value, round(told["drift"].value, 3), round(told["worst"].value)) == (6, 4.0, 400)
    assert not told["drift"].holds
    assert not told["worst"].holds
    assert "drift" not in {one.name for one in measurements([0.1] * 3, Limits(), Limits())}
    assert len(timed(lambda: None, 4)) == 4
