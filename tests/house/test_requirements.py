"""requirements.lock is what setup.cfg asks for, with hashes, and is what is installed; no network needed."""

import configparser
import importlib.metadata
import re
from collections.abc import Iterator

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s\\;]+)", re.MULTILINE)


def wanted() -> list[Requirement]:
    """What setup.cfg asks for, all roles together."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    texts = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    return [Requirement(line) for text in texts for line in text.split("\n") if line.strip()]


def pins(lock: str) -> dict[str, str]:
    """Canonical name to version."""
    return {canonicalize_name(name): version for name, version in PIN.findall(lock)}


def needed_by(requirement: Requirement) -> Iterator[Requirement]:
    """The installed distribution's own needs on this system."""
    for text in importlib.metadata.requires(requirement.name) or []:
        needs = Requirement(text)
        extras = requirement.extras or {""}
        if needs.marker is None or any(needs.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield needs


def complaints(asked: list[Requirement], pinned: dict[str, str]) -> list[str]:
    """How the pins differ from what the requirements need, all the way down."""
    found: list[str] = []
    seen: set[tuple[str, frozenset[str]]] = set()
    queue = list(asked)
    while queue:
        requirement = queue.pop()
        name = canonicalize_name(requirement.name)
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        if name not in pinned:
            found.append(f"{name} is not locked")
        elif not requirement.specifier.contains(pinned[name], prereleases=True):
            found.append(f"{name} is locked at {pinned[name]}, wanted {requirement.specifier}")
        else:
            queue.extend(needed_by(requirement))
    needless = set(pinned) - {name for name, _ in seen}
    return sorted(found) + [f"{name} is locked and nothing needs it" for name in sorted(needless)]


def test_the_lock_is_what_setup_cfg_needs() -> None:
    assert not complaints(wanted(), pins((ROOT / "requirements.lock").read_text()))


def test_a_stale_lock_would_be_named() -> None:
    asked = [Requirement("pytest>=1"), Requirement("absent"), Requirement("grpcio<1")]
    found = complaints(asked, pins("grpcio==1.2\npytest==9\nleft-over==1\n"))
    assert "absent is not locked" in found
    assert "grpcio is locked at 1.2, wanted <1" in found
    assert "left-over is locked and nothing needs it" in found


def test_every_pin_has_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    assert not [block.split("\n")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]


def test_what_is_installed_is_what_is_locked() -> None:
    pinned = pins((ROOT / "requirements.lock").read_text())
    installed = {name: importlib.metadata.version(name) for name in pinned}
    assert installed == pinned
