"""Who may import whom: the contracts of setup.cfg, and the finer rules that import-linter cannot say."""

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, python_files, run

# What the simulator may share with a driver: pure modules that turn values into bytes and back.
CODEC = re.compile(r"drivers/(.+/)?([a-z0-9_]+_)?(codec|apdu|tlv)\.py")
CODEC_LIBRARIES = {"numpy"}
CAMERA_ROOM = "drivers/transport/"

# Room to the import planted there; together they break every contract.
VIOLATIONS = {
    "drivers": "import adm.panel.v1.panel_pb2\nimport kivy\nimport usb.core",
    "biometrics": "import drivers",
    "kiosk": "import central\nimport smartcard",
    "screens": "import kiosk",
    "simulator": "import drivers.port",
    "central": "import simulator",
}


def contracts() -> list[str]:
    """The names of the import contracts."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return [
        config[section]["name"]
        for section in config.sections()
        if section.startswith("importlinter:contract:")
    ]


def imported(source: str) -> Iterator[str]:
    """Every absolute module that a file imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else node.module or "."


def impure_imports(source: str, codec_modules: set[str]) -> list[str]:
    """What a codec imports beyond the standard library, numpy and other codecs."""
    return [
        name
        for name in imported(source)
        if name.split(".")[0] not in sys.stdlib_module_names | CODEC_LIBRARIES and name not in codec_modules
    ]


def opens_camera(source: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == "VideoCapture"
        for node in ast.walk(ast.parse(source))
    )


def module(name: str) -> str:
    return name.removesuffix(".py").replace("/", ".")


def test_rooms_import_what_they_may() -> None:
    checked = run("lint-imports", "--config", "setup.cfg")
    assert checked.returncode == 0, checked.stdout


def test_every_import_contract_can_break(tmp_path: Path) -> None:
    for room in [*VIOLATIONS, "tests"]:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text("")
        (tmp_path / room / "port.py").write_text("")
        (tmp_path / room / "planted.py").write_text(VIOLATIONS.get(room, "") + "\n")
    program = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}]\n"
        "from importlinter.cli import lint_imports\n"
        f"sys.exit(lint_imports(config_filename={str(ROOT / 'setup.cfg')!r}, no_cache=True))"
    )
    checked = run(sys.executable, "-c", program, cwd=tmp_path)
    assert checked.returncode == 1, checked.stdout
    for name in contracts():
        assert f"{name} BROKEN" in checked.stdout, checked.stdout


def test_codecs_import_the_standard_library_and_numpy_only() -> None:
    codecs = [name for name in python_files() if CODEC.fullmatch(name)]
    modules = {module(name) for name in codecs}
    impure = {name: impure_imports((ROOT / name).read_text(), modules) for name in codecs}
    assert not {name: found for name, found in impure.items() if found}


def test_a_codec_with_a_library_would_be_named() -> None:
    source = (
        "import struct\nimport numpy as np\nfrom drivers.a.tlv import parse\nfrom pydantic import BaseModel\n"
    )
    assert impure_imports(source, {"drivers.a.tlv"}) == ["pydantic"]


def test_only_transports_open_cameras() -> None:
    own = [name for name in python_files() if not name.startswith((CAMERA_ROOM, "tests/"))]
    assert not [name for name in own if opens_camera((ROOT / name).read_text())]


def test_a_camera_opened_elsewhere_would_be_named() -> None:
    assert opens_camera("import cv2\ncamera = cv2.VideoCapture(0)\n")
