"""What each check makes of what its device says; the real machine's parts where they run here."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from drivers.card_reader.sam import SamCode
from drivers.status import DeviceState
from selftest import advice
from selftest.checks import card_reader, machine, registry
from selftest.checks.camera import flatness, sharpness
from selftest.model import Finding, Level, Machine, Outcome, Subject
from selftest.runner import run


def findings(*subjects: Subject) -> dict[str, Finding]:
    report = run(subjects, Machine("kiosk/3520/test", {}, {}, True), Level.QUICK)
    return {result.check.id: result.finding for result in report.results}


@pytest.mark.parametrize("state", [state for state in DeviceState if state is not DeviceState.ONLINE])
def test_every_state_that_is_not_online_has_advice_in_both_languages(state: DeviceState) -> None:
    assert state.value in advice.STATES
    words = advice.of_state(state).words
    assert words.id.endswith(".")
    assert words.en.endswith(".")


def test_a_sharp_picture_is_sharper_than_a_flat_one_and_a_flat_one_is_flat() -> None:
    flat = np.full((64, 64), 128, np.float32)
    sharp = flat.copy()
    sharp[::2] += 60
    assert sharpness(flat) == 0
    assert sharpness(sharp) > 1000
    assert (flatness(flat), flatness(sharp)) == (1.0, 0.0)


def test_the_journal_is_whole_damaged_or_not_begun(tmp_path: Path) -> None:
    def verdict(wrong: list[str] | None) -> Finding:
        return findings(*machine.subjects(tmp_path, lambda: wrong))["journal.verify"]

    assert verdict([]).outcome is Outcome.PASS
    assert verdict(None).outcome is Outcome.SKIPPED
    bad = verdict(["entry 3: does not match its hash"])
    assert (bad.outcome, bad.advice) == (Outcome.FAIL, advice.JOURNAL)


def test_memory_and_temperature_are_held_against_their_limits(tmp_path: Path) -> None:
    meminfo, zone = tmp_path / "meminfo", tmp_path / "thermal" / "thermal_zone0"
    zone.mkdir(parents=True)

    def verdict(available_kb: int, millidegrees: str) -> tuple[str, str]:
        meminfo.write_text(f"MemTotal: 4000000 kB\nMemAvailable: {available_kb} kB\n")
        (zone / "temp").write_text(millidegrees)
        found = findings(*machine.subjects(tmp_path, list, meminfo, tmp_path / "thermal"))
        return found["machine.memory"].reason, found["machine.temperature"].reason

    assert verdict(2_000_000, "45000\n") == ("", "")
    assert verdict(100_000, "99000\n") == ("memory:available", "temperature:hottest")
    assert verdict(2_000_000, "nonsense")[1] == "the machine does not tell"


def test_a_disk_that_is_not_there_is_a_failure_not_an_error(tmp_path: Path) -> None:
    found = findings(*machine.subjects(tmp_path / "gone", list))["machine.disk"]
    assert (found.outcome, found.reason) == (Outcome.FAIL, "disk:FileNotFoundError")


def certificate(folder: Path, begins: timedelta, ends: timedelta) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + begins)
        .not_valid_after(now + ends)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem"


def link(folder: Path, port: int) -> registry.Link:
    return registry.Link(f"127.0.0.1:{port}", "localhost", folder / "cert.pem", folder / "cert.pem", folder / "key.pem")


@pytest.mark.parametrize(
    ("begins", "ends", "reason"),
    [
        (-1, 30, ""),
        (-1, 13, "certificate:days_left"),
        (-30, -1, "certificate:days_left"),
        (1, 30, "certificate:not yet valid"),
    ],
)
def test_a_certificate_near_its_end_is_told_before_it_ends(tmp_path: Path, begins: int, ends: int, reason: str) -> None:
    certificate(tmp_path, timedelta(days=begins), timedelta(days=ends))
    assert findings(registry.subject(link(tmp_path, free_port())))["registry.certificate"].reason == reason


def test_a_registry_that_is_not_there_is_the_networks_fault_and_tls_is_not_tried(tmp_path: Path) -> None:
    certificate(tmp_path, timedelta(days=-1), timedelta(days=30))
    found = findings(registry.subject(link(tmp_path, free_port())))
    assert (found["registry.network"].reason, found["registry.network"].advice) == (
        "network:ConnectionRefusedError",
        advice.NETWORK,
    )
    assert found["registry.tls"].outcome is Outcome.SKIPPED


def test_somebody_else_behind_the_address_is_a_failure_of_tls(tmp_path: Path) -> None:
    certificate(tmp_path, timedelta(days=-1), timedelta(days=30))
    with babbler() as port:
        found = findings(registry.subject(link(tmp_path, port)))
    assert found["registry.network"].outcome is Outcome.PASS
    assert (found["registry.tls"].outcome, found["registry.tls"].advice) == (Outcome.FAIL, advice.TLS)


def test_a_certificate_file_that_is_damaged_is_told(tmp_path: Path) -> None:
    certificate(tmp_path, timedelta(days=-1), timedelta(days=30)).write_text("nothing")
    with babbler() as port:
        found = findings(registry.subject(link(tmp_path, port)))
    assert found["registry.certificate"].reason == "certificate:unreadable"
    assert found["registry.tls"].reason.startswith("tls:own:")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def babbler() -> Iterator[int]:
    """A server that speaks no TLS, for two connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            for _ in range(2):
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.sendall(b"220 welcome to something else\r\n" * 8)

        talking = threading.Thread(target=serve, daemon=True)
        talking.start()
        yield int(server.getsockname()[1])


def test_each_trouble_of_the_sam_has_advice_of_its_own() -> None:
    codes = {str(code) for code in SamCode} - {str(SamCode.ERROR)}
    assert set(card_reader.SAM_CODES) == codes
    assert len({one.words.en for one in card_reader.SAM_CODES.values()}) == len(codes)
