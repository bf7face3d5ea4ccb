"""Files that are there whole or not at all."""

import os
from pathlib import Path


def write_private(file: Path, data: bytes) -> None:
    """Write a file that only its owner may read."""
    _write(file, data, 0o600)


def write_public(file: Path, data: bytes) -> None:
    """Write a file that everybody may read."""
    _write(file, data, 0o644)


def _write(file: Path, data: bytes, mode: int) -> None:
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
        os.fchmod(stream.fileno(), mode)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
