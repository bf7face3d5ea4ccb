"""What files say: no machine's paths, no index's host, no command that does not exist."""

import re
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT, files, run, text

# Written in pieces so that this file does not name itself.
PLACES = re.compile(
    "|".join(
        [
            r"(?<![\w.])/wo" + r"rk/",
            r"(?<![\w.])/ro" + r"ot/\w",
            r"/ho" + r"me/[a-z]\w*/",
            r"\.\./sha" + r"red",
            r"/tmp/set" + r"up",
            r"/opt/py" + r"pi",
            r"py" + r"pi\.org",
            r"python" + r"hosted",
            r"registry\.np" + r"mjs",
            r"deb\.deb" + r"ian\.org",
            r"snapshot\.deb" + r"ian\.org",
            r"--(extra-)?index" + r"-url",
        ]
    )
)
COMMAND = re.compile(r"\./adm ([a-z]+)")
BUILT_IN = {"help"}


def places(words: str) -> list[str]:
    """Lines that name a machine's own path or an index's host."""
    return [line.strip() for line in words.splitlines() if PLACES.search(line)]


def verbs(launcher: str) -> set[str]:
    """The verbs of the launcher's table."""
    table = launcher.split("verbs='", 1)[1].split("\n'\n", 1)[0]
    return {line.split("|")[0].strip() for line in table.splitlines() if "|" in line} | BUILT_IN


def unknown_commands(words: str, known: set[str]) -> set[str]:
    return set(COMMAND.findall(words)) - known


def test_files_name_no_place_of_one_machine() -> None:
    found = {name: places(words) for name in files() if (words := text(name)) is not None}
    assert not {name: lines for name, lines in found.items() if lines}


def test_a_machines_path_and_an_indexs_host_would_be_named() -> None:
    for planted in (
        "see /wo" + "rk/main/x",
        "pip --index" + "-url x",
        "https://py" + "pi.org/simple",
        "/ho" + "me/eko/x",
    ):
        assert places(f"fine\n{planted}\n") == [planted]
    assert not places("a network, /opt/adm/venv, framework/x")


def test_documents_name_commands_that_exist() -> None:
    known = verbs((ROOT / "adm").read_text())
    documents = [name for name in files() if name.endswith((".md", ".py", ".toml", ".sh", ".service")) or name == "adm"]
    unknown = {name: unknown_commands(text(name) or "", known) for name in documents}
    assert not {name: found for name, found in unknown.items() if found}


def test_a_command_that_does_not_exist_would_be_named() -> None:
    planted = "`./adm run`, `./adm" + " fly`"
    assert unknown_commands(planted, verbs((ROOT / "adm").read_text())) == {"fly"}


def test_every_verb_leads_to_a_program() -> None:
    table = (ROOT / "adm").read_text().split("verbs='", 1)[1].split("\n'\n", 1)[0]
    for line in filter(str.strip, table.splitlines()):
        target = line.split("|")[1].split()[0]
        path = ROOT / target.replace(".", "/")
        assert (ROOT / target).is_file() or path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), line


def test_every_verb_that_shares_a_program_is_known_to_it() -> None:
    table = (ROOT / "adm").read_text().split("verbs='", 1)[1].split("\n'\n", 1)[0]
    targets = [line.split("|")[1].split() for line in filter(str.strip, table.splitlines())]
    shared = [words for words in targets if len(words) > 1 and words[0] != "tests"]
    assert len(shared) >= 4
    for words in shared:
        asked = run(sys.executable, "-m", *words, "--help")
        assert asked.returncode == 0, asked.stdout


def test_a_verb_unknown_to_its_program_would_be_named() -> None:
    assert run(sys.executable, "-m", "kiosk.cli", "fl" + "y", "--help").returncode != 0


def test_programs_are_sound_shell_scripts() -> None:
    scripts = [
        name for name in files() if (text(name) or "").startswith(("#!/usr/bin/env bash", "#!/bin/bash", "#!/bin/sh"))
    ]
    assert {"adm", ".ci/run", "proto/generate.sh"} <= set(scripts)
    for name in scripts:
        assert (ROOT / name).stat().st_mode & 0o111, f"{name} cannot be executed"
        checked = subprocess.run(["bash", "-n", ROOT / name], check=False, timeout=10, capture_output=True)
        assert checked.returncode == 0, checked.stderr


def test_a_broken_script_would_be_named(tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("if true\n")
    assert subprocess.run(["bash", "-n", tmp_path / "bad"], check=False, timeout=10, capture_output=True).returncode
