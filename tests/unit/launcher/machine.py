"""A small checkout with the real launcher, on a machine whose system tools are played by scripts.

Every played tool writes its words to `calls`; what it does follows files in the folder `world`.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
REAL_TOOLS = "bash cat comm cut df dirname env flock grep id kill mkdir readlink sed sha256sum sleep sort tac tail tr"
DPKG_QUERY = """
for name in "$@"; do
  if grep -qx "$name" "$WORLD/installed" 2>/dev/null; then echo "ii  $name"; fi
done
"""
APT_GET = """
case "$*" in
  *update*) exit 0 ;;
  *) if [ -f "$WORLD/apt-fails" ]; then cat "$WORLD/apt-fails"; exit 100; fi
     for name in "$@"; do echo "$name" >>"$WORLD/installed"; done ;;
esac
"""
SUDO = """
if [ "$1" = --validate ]; then exit 1; fi
shift
if [ -f "$WORLD/sudo-wants-password" ]; then exit 1; fi
if [ "$1" = true ]; then exit 0; fi
exec "$@"
"""
BASE_PYTHON = """
if [ "$1" = -c ]; then cat "$WORLD/python-version"; exit 0; fi
/bin/mkdir -p "$4/bin"
/bin/cp "$WORLD/venv-python" "$4/bin/python"
if [ -f "$WORLD/venv-is-interrupted" ]; then exit 130; fi
/bin/cp "$WORLD/venv-python" "$4/bin/pip"
"""
VENV_PYTHON = """#!/bin/bash
echo "venv-python $*" >>"$WORLD/calls"
case "$*" in
  *"-m pip install"*)
    if [ -f "$WORLD/pip-fails" ]; then cat "$WORLD/pip-fails"; exit 1; fi ;;
  *"-m biometrics.fetch"*)
    if [ -f "$WORLD/fetch-fails" ]; then cat "$WORLD/fetch-fails"; exit 1; fi ;;
  *) echo "PYTHONPATH=$PYTHONPATH"; exit "$(cat "$WORLD/child-status" 2>/dev/null || echo 0)" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """The checkout at `root`, its system's tools in `bin`, and what is the case in `world`."""

    root: Path
    bin: Path
    world: Path

    def play(self, tool: str, script: str) -> None:
        """Puts a played tool on the path, in place of the real one."""
        path = self.bin / tool
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/bash\necho "{tool} $*" >>"$WORLD/calls"\n{script}')
        path.chmod(0o755)

    def remove(self, tool: str) -> None:
        (self.bin / tool).unlink()

    def given(self, fact: str, content: str = "") -> None:
        """Makes something the case; the played tools look at it."""
        (self.world / fact).write_text(content)

    def adm(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the launcher with nobody at the keyboard."""
        return self.run(self.root / "adm", *words)

    def run(self, program: Path, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs a program as the launcher is run."""
        environment = {
            "PATH": str(self.bin),
            "WORLD": str(self.world),
            "ADM_PYTHON": str(self.bin / "python3"),
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            [program, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def calls(self) -> list[str]:
        """What the played tools were called with, so far."""
        path = self.world / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def called(self, *words: str) -> int:
        """How many calls have all these words."""
        return sum(all(word in call for word in words) for call in self.calls())


def bare_machine(folder: Path) -> Machine:
    """A Debian 12 on which nothing of ours is installed, with root at the keyboard."""
    machine = Machine(folder / "checkout", folder / "bin", folder / "world")
    for path in (machine.root, machine.bin, machine.world, machine.root / "biometrics"):
        path.mkdir()
    shutil.copy(ROOT / "adm", machine.root / "adm")
    (machine.root / "debian-packages.txt").write_text("# tools\ngcc  # compiles\nswig\n\npcscd\n")
    (machine.root / "requirements.lock").write_text("some==1 --hash=sha256:00\n")
    (machine.root / "biometrics/manifest.py").write_text("")
    for tool in REAL_TOOLS.split():
        real = shutil.which(tool, path=os.defpath)
        assert real, tool
        (machine.bin / tool).symlink_to(real)
    machine.play("dpkg-query", DPKG_QUERY)
    machine.play("apt-get", APT_GET)
    machine.play("id", "echo 0")
    machine.play("python3", BASE_PYTHON)
    machine.given("python-version", "3.11\n")
    machine.given("venv-python", VENV_PYTHON)
    (machine.world / "venv-python").chmod(0o755)
    return machine


def play_sudo(machine: Machine) -> None:
    machine.play("sudo", SUDO)
