"""Logs that cannot carry personal data, receipts that name nobody, pages in memory, words to systemd."""

import io
import logging
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from adm.panel.v1 import panel_pb2 as panel
from adm.registry.v1 import registry_pb2 as registry
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kiosk import logs
from kiosk.fleet.witness import BadKey, Witness
from kiosk.notify import notify, watchdog_interval_s
from kiosk.registry.client import BadGrant, Refused, Unreachable
from kiosk.session import pages
from kiosk.session.trouble import of_registry


def test_a_field_that_is_not_on_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="nik"):
        logs.event("read", nik="3520061708780003")


def test_an_exception_is_logged_as_its_type_only(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="adm.kiosk"):
        logs.event("lost", error=ValueError("HAMID SUROSO 3520061708780003"))
    assert caplog.messages == ["lost error=ValueError"]


def test_a_value_cannot_begin_a_line_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="adm.kiosk"):
        logs.event("lost", reason="a\nready version=1")
    assert "\n" not in caplog.messages[0]


def test_a_page_becomes_a_picture_of_its_shape() -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(842, 595)
    document.new_page(595, 842)
    file = io.BytesIO()
    document.save(file)
    wide, tall = pages.render(file.getvalue())
    size = [(int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) for png in (wide, tall)]
    assert size[0][0] > size[0][1]
    assert size[1][1] > size[1][0]
    assert size[1][0] == pytest.approx(595 * pages.DPI / 72, abs=1)


def test_what_is_not_a_pdf_is_refused() -> None:
    with pytest.raises(pages.BadDocument):
        pages.render(b"<html>")


def test_a_journal_head_is_signed_with_the_machines_own_key(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    witness = Witness(tmp_path / "key.pem")
    signature = witness.sign(7, bytes(range(32)))
    key.public_key().verify(signature, (7).to_bytes(8, "big") + bytes(range(32)), ec.ECDSA(hashes.SHA256()))
    assert witness.sign(7, bytes(range(32))) == signature
    assert witness.sign(0, bytes(32)) == b""
    (tmp_path / "key.pem").write_bytes(b"not a key")
    with pytest.raises(BadKey):
        Witness(tmp_path / "key.pem")


def test_systemd_hears_and_nobody_else_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify("WATCHDOG=1")
        assert listener.recv(64) == b"WATCHDOG=1"
    (tmp_path / "notify").unlink()
    notify("STOPPING=1")


def test_the_watchdog_is_fed_twice_as_often_as_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert watchdog_interval_s() == 15
    monkeypatch.delenv("WATCHDOG_USEC")
    assert watchdog_interval_s() is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Unreachable("UNAVAILABLE"), panel.TROUBLE_KIND_NO_NETWORK),
        (BadGrant("the grant's signature is wrong"), panel.TROUBLE_KIND_MACHINE),
        (Refused(registry.ERROR_REASON_UNKNOWN_RESIDENT, {}), panel.TROUBLE_KIND_UNKNOWN_RESIDENT),
        (Refused(registry.ERROR_REASON_DATA_CHANGED, {}), panel.TROUBLE_KIND_DATA_CHANGED),
        (Refused(registry.ERROR_REASON_QR_UNKNOWN, {}), panel.TROUBLE_KIND_QR_UNKNOWN),
        (Refused(registry.ERROR_REASON_QR_EXPIRED, {}), panel.TROUBLE_KIND_QR_EXPIRED),
        (Refused(registry.ERROR_REASON_QR_USED, {}), panel.TROUBLE_KIND_QR_USED),
        (Refused(registry.ERROR_REASON_PIN_LOCKED, {}), panel.TROUBLE_KIND_PIN_LOCKED),
        (Refused(registry.ERROR_REASON_NOT_LIVE, {}), panel.TROUBLE_KIND_NOT_LIVE),
        (Refused(registry.ERROR_REASON_KEY_REUSED, {}), panel.TROUBLE_KIND_MACHINE),
        (Refused(registry.ERROR_REASON_TOO_MANY_REQUESTS, {}), panel.TROUBLE_KIND_BUSY),
    ],
)
def test_every_registry_error_has_its_words(error: Exception, kind: "panel.TroubleKind.ValueType") -> None:
    assert of_registry(error).kind == kind  # type: ignore[arg-type]


def test_a_lock_is_told_in_minutes() -> None:
    until = (datetime.now(UTC) + timedelta(minutes=14, seconds=30)).isoformat()
    trouble = of_registry(Refused(registry.ERROR_REASON_FACE_LOCKED, {"locked_until": until}))
    assert trouble.locked_minutes == 15
    broken = of_registry(Refused(registry.ERROR_REASON_FACE_LOCKED, {"locked_until": "soon"}))
    assert broken.locked_minutes == 0
