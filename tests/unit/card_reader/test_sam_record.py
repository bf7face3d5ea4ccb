"""A SAM that refused its secret is not tried again, whatever is restarted, until a technician says so."""

import argparse
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.card_reader.port import SamFault
from drivers.card_reader.profile import KTP_EL
from drivers.card_reader.sam import ADVICE, SamCode
from drivers.card_reader.sam_link import SamLink
from drivers.card_reader.sam_record import SamRecord
from drivers.card_reader.worker import Worker
from kiosk.cli import card
from kiosk.cli.say import CommandFailed
from tests.unit.card_reader.test_chip_link import ESCAPE, CombinedReader, linked, worker

__all__ = ["worker"]

SECRET = bytes(range(32))


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_bytes(SECRET)
    return file


def refused(worker: Worker, reader: CombinedReader, secret_file: Path, record: SamRecord) -> tuple[str, SamLink]:
    """What a driver that has just started learns of this SAM."""
    sam = SamLink(worker, secret_file, ESCAPE, KTP_EL.sam, lambda *exchange: None, record)
    with pytest.raises(SamFault) as caught:
        linked(worker, reader, lambda link: sam.opened(None, link))
    return caught.value.code, sam


def test_a_refused_secret_is_not_offered_again_by_the_next_driver(
    worker: Worker, tmp_path: Path, secret_file: Path
) -> None:
    reader, record = CombinedReader(), SamRecord(tmp_path / "sam.refused")
    assert refused(worker, reader, secret_file, record)[0] == "samSecretRefused"
    asked = reader.escapes
    # Six more starts would have locked it twice over.
    for _ in range(6):
        code, sam = refused(worker, reader, secret_file, record)
        assert (code, sam.fault(None)) == ("samSecretRefused", "samSecretRefused")
    assert reader.escapes == asked
    assert SECRET.hex() not in (tmp_path / "sam.refused").read_text()


def test_without_a_record_each_driver_would_spend_a_try(worker: Worker, secret_file: Path) -> None:
    reader = CombinedReader()
    codes = [refused(worker, reader, secret_file, SamRecord(None))[0] for _ in range(3)]
    assert codes == ["samSecretRefused", "samSecretRefused", "samLocked"]


def test_after_the_reset_it_is_tried_once_more(worker: Worker, tmp_path: Path, secret_file: Path) -> None:
    reader, record = CombinedReader(), SamRecord(tmp_path / "sam.refused")
    _, sam = refused(worker, reader, secret_file, record)
    asked = reader.escapes
    assert record.since().endswith("+00:00")
    assert record.forget()
    assert sam.fault(None) == ""
    with pytest.raises(SamFault):
        linked(worker, reader, lambda link: sam.opened(None, link))
    assert reader.escapes > asked
    assert record.refused


@pytest.mark.parametrize("content", ["", "[]", "{", "\0\0"])
def test_a_damaged_record_still_keeps_it_out_of_service(
    worker: Worker, tmp_path: Path, secret_file: Path, content: str
) -> None:
    (tmp_path / "sam.refused").write_text(content)
    reader, record = CombinedReader(), SamRecord(tmp_path / "sam.refused")
    assert refused(worker, reader, secret_file, record)[0] == "samSecretRefused"
    assert (reader.escapes, record.since()) == (0, "")


def test_a_record_that_cannot_be_written_is_kept_by_the_driver(
    worker: Worker, tmp_path: Path, secret_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = CombinedReader()
    _, sam = refused(worker, reader, secret_file, SamRecord(tmp_path / "no folder" / "sam.refused"))
    asked = reader.escapes
    with pytest.raises(SamFault):
        linked(worker, reader, lambda link: sam.opened(None, link))
    assert reader.escapes == asked
    assert "cannot note" in caplog.text


def command(config: Path) -> int:
    return card._sam_reset(argparse.Namespace(config=config))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example that machines are set up from, with its files in this test's folder."""
    text = (Path(__file__).parents[3] / "systemd" / "examples" / "kiosk.toml").read_text()
    text = re.sub(r'"/opt/adm/[^"]*"', f'"{tmp_path}"', text)
    text = re.sub(r'"(/etc/adm|/var/lib/adm/kiosk|/run/credentials/[^/"]*)/', f'"{tmp_path}/', text)
    for named in re.findall(rf'"{re.escape(str(tmp_path))}/([^"/]+)"', text):
        if named != "sam.refused":
            (tmp_path / named).touch()
    file = tmp_path / "kiosk.toml"
    file.write_text(text)
    return file


def test_a_machine_is_set_up_to_keep_the_record(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert SamRecord(tmp_path / "sam.refused").note("a reader")
    assert command(config) == 0
    assert "tries it again" in capsys.readouterr().out
    assert not (tmp_path / "sam.refused").exists()
    assert command(config) == 0
    assert "No SAM is out of service" in capsys.readouterr().out


def test_the_reset_is_for_technicians(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sam.refused").touch()
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "getgroups", list)
    with pytest.raises(CommandFailed, match="technicians"):
        command(config)
    assert (tmp_path / "sam.refused").exists()


def test_everything_on_a_card_is_for_technicians_too(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "getgroups", list)
    with pytest.raises(CommandFailed, match="adm card read --full is for technicians"):
        card._read(argparse.Namespace(config=config, full=True, json=False))


def test_a_recording_goes_by_the_configured_files_and_instructions(config: Path) -> None:
    assert card._profile(config) == KTP_EL
    config.write_text(config.read_text() + "\n[devices.card_reader.settings.profile.sam]\nins_unwrap = 0xB4\n")
    assert card._profile(config) == replace(KTP_EL, sam=replace(KTP_EL.sam, ins_unwrap=0xB4))


@pytest.mark.parametrize("code", list(SamCode))
def test_a_technician_is_told_what_to_do(code: SamCode) -> None:
    assert card._sam_advice(code) == ADVICE[code][1]


def test_no_advice_is_made_up() -> None:
    assert card._sam_advice("") == card._sam_advice("bogus") == ""
