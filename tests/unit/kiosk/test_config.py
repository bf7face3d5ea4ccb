"""The configuration: right ones load, wrong ones say everything that is wrong at once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from adm.registry.v1.registry_pb2 import DocumentKind

from kiosk.config import ConfigError, KindName, KioskConfig, load

GOOD = """
machine_id = "kiosk/3520/mpp-01"
site_name = "Mal Pelayanan Publik Magetan"
state_dir = "{dir}/state"
panel_socket = "{dir}/panel.sock"
models_dir = "{dir}"

[registry]
target = "127.0.0.1:8701"
server_name = "central.adm.test"
ca_file = "{dir}/file"
cert_file = "{dir}/file"
key_file = "{dir}/file"
grant_public_key_file = "{dir}/file"

[devices.card_reader]
driver = "pcsc"
settings = {{ sam_secret_file = "{dir}/file" }}

[devices.camera]
driver = "opencv"
settings = {{ source = "http://127.0.0.1:1/camera.mjpg" }}

[devices.document_printer]
driver = "ipp"
settings = {{ uri = "ipp://127.0.0.1:8632/ipp/print" }}

[devices.receipt_printer]
driver = "escpos"
settings = {{ vendor_id = 0x04b8, product_id = 0x0e15, backend = "usbip:127.0.0.1:3240" }}
"""


@pytest.fixture
def text(tmp_path: Path) -> str:
    (tmp_path / "file").write_bytes(b"x")
    return GOOD.format(dir=tmp_path)


def _load(tmp_path: Path, text: str) -> KioskConfig:
    file = tmp_path / "kiosk.toml"
    file.write_text(text)
    return load(file)


def test_a_right_configuration_loads(tmp_path: Path, text: str) -> None:
    _load(tmp_path, text)


def test_three_mistakes_are_reported_at_once(tmp_path: Path, text: str) -> None:
    wrong = (
        text.replace('machine_id = "kiosk/3520/mpp-01"', 'machine_id = "mpp-01"')
        .replace('driver = "ipp"', 'driver = "lpd"')
        .replace('site_name = "Mal Pelayanan Publik Magetan"', 'site_name = "x"\ncolour = "blue"')
    )
    with pytest.raises(ConfigError) as caught:
        _load(tmp_path, wrong)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert any("machine_id" in line for line in lines)
    assert any("colour" in line for line in lines)
    assert any("there is no driver 'lpd'" in line for line in lines)


def test_a_drivers_own_settings_are_checked_too(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"devices\.document_printer\.settings\.uril"):
        _load(tmp_path, text.replace("uri = ", "uril = "))


def test_a_missing_device_and_a_missing_file_are_named(tmp_path: Path, text: str) -> None:
    without = text[: text.index("[devices.receipt_printer]")]
    with pytest.raises(ConfigError, match=r"devices\.receipt_printer: is missing"):
        _load(tmp_path, without)
    with pytest.raises(ConfigError, match=r"registry\.ca_file: .* is not a file"):
        _load(tmp_path, text.replace("ca_file = ", "ca_file = '/nowhere' #"))


CARDS = """
[devices.card_printer]
driver = "evolis"
settings = {{ vendor_id = 0x0f49, product_id = 0xad02, profile = "KC200B" }}

[devices.card_encoder]
driver = "pcsc"

[devices.kia_printer]
driver = "cups"
settings = {{ uri = "ipp://127.0.0.1:631/printers/fargo" }}
"""


def test_a_machine_may_have_card_printers_and_each_has_its_drivers_settings(tmp_path: Path, text: str) -> None:
    _load(tmp_path, text + CARDS.format() + "\n[cards]\nold_card = 'reject_bin'\ncards_a_day = 80\n")


@pytest.mark.parametrize("missing", ["card_printer", "card_encoder"])
def test_a_chip_needs_printer_and_encoder(tmp_path: Path, text: str, missing: str) -> None:
    section = CARDS.format().split("\n\n")
    cards = "\n\n".join(part for part in section if f"[devices.{missing}]" not in part)
    with pytest.raises(ConfigError, match="a KTP-el needs both, card_printer and card_encoder"):
        _load(tmp_path, text + cards)


def test_policies_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"cards\.old_card"):
        _load(tmp_path, text + "\n[cards]\nold_card = 'bin'\n")


@pytest.mark.parametrize("content", ["= broken", "\x00"])
def test_a_file_that_is_not_toml_is_one_line(tmp_path: Path, content: str) -> None:
    with pytest.raises(ConfigError, match="is not TOML"):
        _load(tmp_path, content)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_the_daemon_says_every_mistake_on_its_own_line_and_does_not_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text.replace("kiosk/3520/mpp-01", "mpp").replace('"ipp"', '"lpd"').replace("models_dir", "models"))
    command = [sys.executable, "-m", "kiosk", "--config", str(file)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": ".:proto/gen"}, capture_output=True, timeout=60)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert len(lines) == 4  # models_dir is missing, and models is unknown
    assert all(line.startswith(str(file)) for line in lines)


def test_how_long_a_document_may_lie_ready_is_told_by_kind(tmp_path: Path, text: str) -> None:
    named = "[retract_after_s]\nkk = 200\nktp_el = 33\n"
    config = _load(tmp_path, text + named)
    assert config.take_s(DocumentKind.DOCUMENT_KIND_KK) == 200
    assert config.take_s(DocumentKind.DOCUMENT_KIND_KTP_EL) == 33
    assert config.take_s(DocumentKind.DOCUMENT_KIND_BIODATA) == config.session.take_paper_s
    assert config.take_s(DocumentKind.DOCUMENT_KIND_KIA) == config.cards.take_s


def test_a_kind_that_is_none_and_a_wait_that_is_too_short_are_mistakes(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, text + "[retract_after_s]\npassport = 60\nkk = 1\n")
    assert "passport" in str(error.value)
    assert "retract_after_s.kk" in str(error.value)


def test_every_kind_of_document_has_a_name_in_the_configuration() -> None:
    names = {name.removeprefix("DOCUMENT_KIND_").lower() for name, number in DocumentKind.items() if number}
    assert names == set(get_args(KindName))
