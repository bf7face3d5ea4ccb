"""The launcher sets up what is missing and nothing else, and ends with one clear line when it cannot."""

from pathlib import Path

import pytest

from tests.unit.launcher.machine import Machine, bare_machine, play_sudo


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return bare_machine(tmp_path)


@pytest.fixture
def ready(machine: Machine) -> Machine:
    """A machine on which everything is set up, with the calls so far forgotten."""
    assert machine.adm("status").returncode == 0
    (machine.world / "calls").unlink()
    return machine


def closing_line(machine: Machine, *words: str) -> str:
    """The last line of a launch that could not start."""
    ended = machine.adm(*words)
    assert ended.returncode == 2, ended.stderr
    assert ended.stdout == ""
    return ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_without_words_it_lists_its_verbs_and_installs_nothing(machine: Machine, words: tuple[str, ...]) -> None:
    said = machine.adm(*words)
    assert said.returncode == 0
    assert {"run", "tour", "test", "benchmark", "prove", "help"} <= {
        line.split()[0] for line in said.stdout.splitlines() if line
    }
    assert not machine.calls()


def test_an_unknown_verb_is_one_line_and_installs_nothing(machine: Machine) -> None:
    assert closing_line(machine, "fly") == "adm: there is no 'fly'; ./adm help lists what there is"
    assert not machine.calls()


def test_a_bare_machine_gets_packages_python_and_models_once_each(machine: Machine) -> None:
    assert machine.adm("status").returncode == 0
    assert machine.called("apt-get", "update") == 1
    assert machine.called("apt-get", "install", "--no-install-recommends gcc pcscd swig") == 1
    assert machine.called("venv-python", "-m pip install", "--require-hashes") == 1
    assert machine.called("venv-python", "-m biometrics.fetch") == 1


def test_it_says_what_it_does_while_it_works(machine: Machine) -> None:
    said = machine.adm("status").stderr
    assert "adm: Debian packages, 3 missing: gcc pcscd swig" in said
    assert "adm: Python packages, hashes checked" in said


def test_a_second_launch_installs_nothing_and_says_nothing(ready: Machine) -> None:
    ended = ready.adm("status")
    assert ended.stderr == ""
    assert [call for call in ready.calls() if not call.startswith("dpkg-query")] == [
        "venv-python -P -m kiosk.cli status"
    ]


def test_only_the_missing_package_is_installed(ready: Machine) -> None:
    ready.given("installed", "gcc\npcscd\n")
    ready.adm("status")
    assert ready.called("apt-get", "install", "--no-install-recommends swig") == 1
    assert ready.called("pip") == 0


def test_a_new_lock_brings_the_python_packages_up_to_date(ready: Machine) -> None:
    (ready.root / "requirements.lock").write_text("some==2 --hash=sha256:00\n")
    ready.adm("status")
    assert ready.called("pip install") == 1
    assert ready.called("apt-get") == 0


def test_words_pass_to_the_module_which_sees_the_checkout_and_the_contracts(ready: Machine) -> None:
    ended = ready.adm("tour", "out folder")
    assert ended.stdout.strip() == f"PYTHONPATH={ready.root}:{ready.root}/proto/gen"
    assert ready.calls()[-1] == "venv-python -P -m simulator.demo tour out folder"


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_modules_exit_status_is_the_launchers(ready: Machine, status: int) -> None:
    ready.given("child-status", str(status))
    assert ready.adm("run").returncode == status


def test_without_apt_it_says_what_to_install(machine: Machine) -> None:
    machine.remove("apt-get")
    line = closing_line(machine, "run")
    assert "not Debian" in line
    assert "gcc pcscd swig" in line


def test_without_root_and_sudo_it_says_what_root_should_run(machine: Machine) -> None:
    machine.play("id", "echo 1000")
    line = closing_line(machine, "run")
    assert "no root and no sudo" in line
    assert "'apt-get install --no-install-recommends gcc pcscd swig'" in line
    assert machine.called("apt-get") == 0


def test_without_root_it_installs_through_sudo(machine: Machine) -> None:
    machine.play("id", "echo 1000")
    play_sudo(machine)
    assert machine.adm("status").returncode == 0
    assert machine.called("sudo --non-interactive env", "apt-get", "install") == 1


def test_sudo_that_wants_a_password_nobody_can_type_is_told(machine: Machine) -> None:
    machine.play("id", "echo 1000")
    play_sudo(machine)
    machine.given("sudo-wants-password")
    assert "run 'sudo -v' in this terminal" in closing_line(machine, "run")
    assert machine.called("apt-get") == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            "Err:1 host\n  Temporary failure resolving 'host'\nE: Unable to fetch some archives",
            "adm: no network: ",
        ),
        ("E: You don't have enough free space in /var/cache/apt/archives/.", "adm: disk full: "),
        ("dpkg: error: cannot write: No space left on device", "adm: disk full: "),
        ("E: Unable to locate package swig", "adm: this system does not have them: "),
        ("E: something else broke", "E: something else broke (all of it in .adm/setup.log)"),
    ],
)
def test_packages_that_cannot_be_had_end_with_the_reason(machine: Machine, words: str, told: str) -> None:
    machine.given("apt-fails", words + "\n")
    assert told in closing_line(machine, "run")
    assert machine.called("venv-python") == 0


def test_a_full_disk_is_told_before_anything_is_fetched(machine: Machine) -> None:
    machine.play("df", "echo Avail; echo 17")
    line = closing_line(machine, "run")
    assert line.startswith("adm: disk full: ")
    assert "17 MB are free" in line
    assert machine.called("apt-get") == 0


@pytest.mark.parametrize("found", ["3.9", "3.13", ""])
def test_a_wrong_python_is_named(machine: Machine, found: str) -> None:
    machine.given("python-version", f"{found}\n")
    line = closing_line(machine, "run")
    assert line.startswith("adm: wrong Python: ")
    assert "needs 3.11" in line


def test_a_missing_python_is_named(machine: Machine) -> None:
    machine.remove("python3")
    assert "python3 is missing, ADM needs 3.11" in closing_line(machine, "run")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("NewConnectionError: Failed to establish a new connection: Network is unreachable", "no network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not what was locked"),
        ("OSError: [Errno 28] No space left on device", "disk full"),
    ],
)
def test_python_packages_that_cannot_be_had_are_tried_again_next_time(machine: Machine, words: str, told: str) -> None:
    machine.given("pip-fails", words + "\n")
    assert told in closing_line(machine, "run")
    (machine.world / "pip-fails").unlink()
    assert machine.adm("status").returncode == 0
    assert machine.called("pip install") == 2


def test_a_python_environment_whose_making_was_interrupted_is_made_anew(machine: Machine) -> None:
    machine.given("venv-is-interrupted")
    assert "the Python environment could not be made" in closing_line(machine, "run")
    (machine.world / "venv-is-interrupted").unlink()
    assert machine.adm("status").returncode == 0
    assert machine.called("python3 -m venv") == 2


def test_models_that_cannot_be_had_are_tried_again_next_time(machine: Machine) -> None:
    machine.given("fetch-fails", "biometrics: cannot download x: is the network there?\n")
    assert closing_line(machine, "run").startswith("adm: no network: the face models could not be fetched")
    (machine.world / "fetch-fails").unlink()
    assert machine.adm("status").returncode == 0
    assert machine.called("-m biometrics.fetch") == 2
    assert machine.called("pip install") == 1


def test_two_launches_at_once_set_up_once(machine: Machine, tmp_path: Path) -> None:
    (machine.root / ".adm").mkdir()
    # Holds the set-up's lock until the other launch says that it waits, and has installed everything by then.
    machine.play(
        "holder",
        f"""
        exec 9>{machine.root}/.adm/setup.lock
        flock 9
        {machine.root}/adm status 2>{tmp_path}/said 9>&- &
        until grep -q 'waiting for it' {tmp_path}/said 2>/dev/null; do :; done
        printf 'gcc\\npcscd\\nswig\\n' >>"$WORLD/installed"
        exec 9>&-
        wait $!
        """,
    )
    ended = machine.run(machine.bin / "holder")
    assert ended.returncode == 0, ended.stderr
    assert machine.called("apt-get") == 0
