"""python-escpos, imported when the first receipt is composed and without its side effects.

Its import reads a database of all models with a slow YAML parser (0.3 s, 10 MB), leaves a temporary
directory behind and sets up the root logger (python-escpos 3.1, capabilities.py). It is given only the
models of `profiles.py`.
"""

import functools
import importlib.util
import json
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from drivers.receipt_printer.profiles import PROFILES


@functools.cache
def dummy_printer() -> Callable[..., Any]:
    """The class `escpos.printer.Dummy`, which collects what would be sent."""
    handlers = list(logging.root.handlers)
    with tempfile.TemporaryDirectory(prefix="adm-escpos-") as directory:
        models = Path(directory, "capabilities.json")
        models.write_text(json.dumps(_known_models()))
        with _environment(ESCPOS_CAPABILITIES_FILE=str(models), ESCPOS_CAPABILITIES_PICKLE_DIR=directory):
            from escpos.printer import Dummy
    logging.root.handlers[:] = handlers
    return Dummy  # type: ignore[no-any-return]


def _known_models() -> dict[str, Any]:
    """The part of its database that we use; importing it needs "default" too."""
    package = importlib.util.find_spec("escpos")
    assert package is not None
    assert package.origin is not None
    database = json.loads(Path(package.origin).with_name("capabilities.json").read_text())
    models = {name: database["profiles"][name] for name in ("default", *PROFILES)}
    return {"encodings": database["encodings"], "profiles": models}


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
