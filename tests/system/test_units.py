"""The systemd units: sound, hardened, and in step with the program and with each other. Needs no running systemd."""

import configparser
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from central.config import Config, ConfigError
from kiosk.config import ROLES, KioskConfig
from tests.house.tree import run

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
EXPOSURE_AT_MOST = 2.0
HOST_UNITS = Path("/usr/lib/systemd/system")


class Unit(configparser.RawConfigParser):
    """A unit file; a key that is given several times has its values on several lines."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, delimiters=("=",), comment_prefixes=("#",), interpolation=None)
        self.path = path
        seen: dict[str, str] = {}
        lines = []
        for line in path.read_text().splitlines():
            key, equals, value = line.partition("=")
            if equals and not line.startswith("#"):
                seen[key] = f"{seen[key]}\n {value}" if key in seen else value
                line = f"{key}={seen[key]}"
            lines.append(line)
        self.read_string("\n".join(lines))

    def optionxform(self, optionstr: str) -> str:
        return optionstr

    def service(self, key: str) -> str:
        return self["Service"].get(key, "")


def installed(folder: Path) -> Path:
    """A root with our units and the system's, as after installation."""
    (folder / "etc/systemd/system").mkdir(parents=True)
    for path in [*UNITS.glob("*.service"), *UNITS.glob("*.target"), *UNITS.glob("*.timer")]:
        shutil.copy(path, folder / "etc/systemd/system")
    shutil.copytree(HOST_UNITS, folder / "usr/lib/systemd/system", symlinks=True)
    (folder / "lib").symlink_to("usr/lib")
    python = folder / "opt/adm/venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n")
    python.chmod(0o755)
    return folder


def verify(root: Path, unit: str) -> str:
    """What `systemd-analyze verify` has to say; it exits with 0 on unknown keys, so only its words count."""
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"--root={root}", unit],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    return verified.stderr + ("" if verified.returncode == 0 else f"exit status {verified.returncode}")


def exposure(unit: Path) -> float:
    """How exposed a service is, 0 to 10, as systemd reckons it; needs the threshold test to pass as well."""
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE_AT_MOST * 10:.0f}", unit],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    level = float(re.findall(r"Overall exposure level for \S+: ([0-9.]+)", judged.stdout)[0])
    assert (judged.returncode == 0) == (level <= EXPOSURE_AT_MOST), judged.stdout
    return level


@pytest.mark.parametrize("name", [*SERVICES, "adm.target"])
def test_systemd_has_nothing_to_say_about_a_unit(tmp_path: Path, name: str) -> None:
    assert verify(installed(tmp_path), name) == ""


def test_systemd_would_name_an_unknown_key_and_a_missing_program(tmp_path: Path) -> None:
    root = installed(tmp_path)
    unit = root / "etc/systemd/system/adm-kiosk.service"
    unit.write_text(unit.read_text().replace("WatchdogSec=", "WatchdogSeconds="))
    (root / "opt/adm/venv/bin/python").unlink()
    said = verify(root, "adm-kiosk.service")
    assert "WatchdogSeconds" in said
    assert "/opt/adm/venv/bin/python is not executable" in said


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_hardly_exposed(name: str) -> None:
    assert exposure(UNITS / name) <= EXPOSURE_AT_MOST


def test_a_bare_service_would_be_too_exposed(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert exposure(bare) > 9


@pytest.mark.parametrize("name", [name for name in SERVICES if not (UNITS / name).with_suffix(".timer").exists()])
def test_a_service_is_watched_and_comes_back(name: str) -> None:
    unit = Unit(UNITS / name)
    assert unit.service("Type") == "notify"
    assert int(unit.service("WatchdogSec")) <= 60
    assert unit.service("Restart") == "always"
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"


@pytest.mark.parametrize("timer", sorted(UNITS.glob("*.timer")), ids=lambda path: path.name)
def test_what_a_timer_starts_ends_by_itself_and_is_made_up_for(timer: Path) -> None:
    unit = Unit(timer.with_suffix(".service"))
    assert unit.service("Type") == "oneshot"
    assert int(unit.service("TimeoutStartSec")) <= 3600
    assert Unit(timer)["Timer"]["Persistent"] == "yes"
    calendar = Unit(timer)["Timer"]["OnCalendar"]
    assert run("systemd-analyze", "calendar", calendar).returncode == 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_starts_a_program_that_exists_and_takes_its_words(name: str) -> None:
    words = Unit(UNITS / name).service("ExecStart").split()
    assert words[:2] == ["/opt/adm/venv/bin/python", "-m"]
    verbs = list(itertools.takewhile(lambda word: not word.startswith("--"), words[3:]))
    helped = run(sys.executable, "-m", words[2], *verbs, "--help")
    assert helped.returncode == 0, helped.stdout
    for option in (word for word in words if word.startswith("--")):
        assert option in helped.stdout.split(), f"{words[2]} does not know {option}"


@pytest.mark.parametrize("name", SERVICES)
def test_personal_data_reaches_no_core_dump_and_no_swap(name: str) -> None:
    unit = Unit(UNITS / name)
    assert unit.service("LimitCORE") == "0"
    assert unit.service("MemorySwapMax") == "0"


def test_the_kiosk_reaches_usb_camera_and_the_key_switch_and_no_other_device() -> None:
    unit = Unit(UNITS / "adm-kiosk.service")
    assert unit.service("DevicePolicy") == "closed"
    allowed = {line.strip() for line in unit.service("DeviceAllow").splitlines()}
    # Input devices are read only where the udev rule gives one, the key switch, to its group.
    assert allowed == {"char-usb_device rw", "char-video4linux rw", "char-input r"}
    assert not unit.service("PrivateDevices")
    assert "AF_NETLINK" in unit.service("RestrictAddressFamilies").split()


def test_the_screens_reach_no_network() -> None:
    unit = Unit(UNITS / "adm-screens.service")
    assert unit.service("PrivateNetwork") == "yes"
    assert unit.service("RestrictAddressFamilies") == "AF_UNIX"


def test_private_keys_come_as_credentials() -> None:
    for name in ("adm-kiosk.service", "adm-central.service"):
        sources = [line.strip().split(":")[1] for line in Unit(UNITS / name).service("LoadCredential").splitlines()]
        assert sources
        assert all(source.startswith("/etc/adm/credentials/") for source in sources)
    assert "/etc/adm/credentials  0700 root" in (UNITS / "tmpfiles.d/adm.conf").read_text()


def test_every_user_and_group_of_a_service_is_made(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    # Debian's base system has these two.
    (tmp_path / "etc/group").write_text("audio:x:29:\nvideo:x:44:\n")
    made = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", UNITS / "sysusers.d/adm.conf"],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    users = {line.split(":")[0] for line in (tmp_path / "etc/passwd").read_text().splitlines()}
    groups = {line.split(":")[0] for line in (tmp_path / "etc/group").read_text().splitlines()}
    for name in SERVICES:
        unit = Unit(UNITS / name)
        assert unit.service("User") in users
        assert {unit.service("Group"), *unit.service("SupplementaryGroups").split()} <= groups
    panel = next(line for line in (tmp_path / "etc/group").read_text().splitlines() if line.startswith("adm-panel:"))
    assert set(panel.split(":")[3].split(",")) == {"adm-kiosk", "adm-screens"}
    tmpfiles = [line.split() for line in (UNITS / "tmpfiles.d/adm.conf").read_text().splitlines() if line[0] != "#"]
    assert {line[3] for line in tmpfiles} <= users | {"root"}
    assert {line[4] for line in tmpfiles} <= groups | {"root"}


def credentials(name: str) -> set[str]:
    """Where a service finds its private keys."""
    lines = Unit(UNITS / name).service("LoadCredential").splitlines()
    return {f"/run/credentials/{name}/{line.strip().split(':')[0]}" for line in lines}


def test_the_example_of_the_kiosks_configuration_is_sound_and_uses_its_credentials() -> None:
    raw = tomllib.loads((UNITS / "examples/kiosk.toml").read_text())
    config = KioskConfig.model_validate(raw)
    used = {config.driver_settings(role).model_dump().get("sam_secret_file") for role in config.devices}
    used |= {config.registry.key_file, config.technician.staff_file}
    assert set(map(str, used - {None})) == credentials("adm-kiosk.service")
    assert set(config.devices) == set(ROLES)


def test_the_example_of_centrals_configuration_is_sound_and_uses_its_credentials() -> None:
    with pytest.raises(ConfigError) as refused:
        Config.load(UNITS / "examples/central.toml")
    # Its files are not here; nothing else may be wrong with it.
    complaints = str(refused.value).split(": ", 2)[2].split("; ")
    assert complaints
    assert all(complaint.endswith(": no such file") for complaint in complaints)
    example = (UNITS / "examples/central.toml").read_text()
    assert set(re.findall(r'"(/run/credentials/[^"]+)"', example)) == credentials("adm-central.service")


def test_the_usb_rule_gives_the_printers_to_the_daemons_own_group() -> None:
    rules = (UNITS / "udev/70-adm.rules").read_text()
    assert f'GROUP="{Unit(UNITS / "adm-kiosk.service").service("Group")}"' in rules
