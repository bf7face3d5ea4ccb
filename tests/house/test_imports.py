"""Who may import whom: the contracts of setup.cfg, and the finer rules that import-linter cannot say."""

import ast
import configparser
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, python_files, run

CODEC_LIBRARIES = {"numpy"}
# The words that codecs, drivers and daemon share; data and exceptions only.
VOCABULARY = re.compile(r"drivers\.(errors|status|deadline|facts|[a-z_]+\.port)")
CAMERA_ROOM = "drivers/transport/"

# Room to the import planted there; together they break every contract.
VIOLATIONS = {
    "drivers": "import adm.panel.v1.panel_pb2\nimport kivy\nimport usb.core",
    "biometrics": "import drivers",
    "kiosk": "import central\nimport smartcard",
    "selftest": "import kiosk",
    "screens": "import kiosk",
    "simulator": "import drivers.port",
    "central": "import simulator",
}


def contracts() -> dict[str, configparser.SectionProxy]:
    """The import contracts, by name."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    sections = [config[name] for name in config.sections() if name.startswith("importlinter:contract:")]
    return {section["name"]: section for section in sections}


def codecs() -> set[str]:
    """The driver modules that the simulator may share: it and they import nothing that does I/O."""
    shared = contracts()["the simulator imports contracts and the drivers' codecs"]["ignore_imports"]
    return {line.split("->")[1].strip() for line in shared.splitlines() if "->" in line}


def module(name: str) -> str:
    return name.removesuffix(".py").replace("/", ".")


def source_of(name: str) -> str:
    return (ROOT / f"{name.replace('.', '/')}.py").read_text()


def imported(source: str) -> Iterator[tuple[str, str]]:
    """Everything a file imports, twice named: the module, and the module with the imported name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            yield from ((origin, f"{origin}.{alias.name}") for alias in node.names)


def impure_imports(source: str, pure: set[str]) -> list[str]:
    """What a codec imports beyond the standard library, numpy and the pure modules."""
    return [
        name
        for origin, name in imported(source)
        if origin.split(".")[0] not in sys.stdlib_module_names | CODEC_LIBRARIES and not {origin, name} & pure
    ]


def opens_camera(source: str) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "VideoCapture" for node in ast.walk(ast.parse(source)))


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
    words = {module(name) for name in python_files() if VOCABULARY.fullmatch(module(name))}
    pure = codecs() | words
    assert len(pure) > len(words) > 2
    impure = {name: impure_imports(source_of(name), pure) for name in pure}
    assert not {name: found for name, found in impure.items() if found}


def test_a_codec_with_a_library_would_be_named() -> None:
    source = "import struct\nimport numpy as np\nfrom drivers.a import tlv\nfrom pydantic import BaseModel\n"
    assert impure_imports(source, {"drivers.a.tlv"}) == ["pydantic.BaseModel"]
    assert impure_imports("from drivers.a import tlv, worker\n", {"drivers.a.tlv"}) == ["drivers.a.worker"]


def test_only_transports_open_cameras() -> None:
    own = [name for name in python_files() if not name.startswith((CAMERA_ROOM, "tests/"))]
    assert not [name for name in own if opens_camera((ROOT / name).read_text())]


def test_a_camera_opened_elsewhere_would_be_named() -> None:
    assert opens_camera("import cv2\ncamera = cv2.VideoCapture(0)\n")
