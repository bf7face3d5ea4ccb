"""That a SAM refused its secret, kept on disk: a restart must not spend another of the tries that the SAM counts.

The file holds when and in which reader, and nothing of the secret. Its being there is what counts, so a damaged one
still keeps the SAM out of service. A technician takes it away (`adm card sam-reset`) once the right secret, or another
SAM, is in place.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path


class SamRecord:
    """The record of one machine.

    Args:
        file: Where it is kept; None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @property
    def refused(self) -> bool:
        """Whether a SAM refused its secret and no technician has been there since."""
        # A folder that cannot be searched may hold the record: then the SAM is not tried either.
        try:
            return self._file is not None and self._file.exists()
        except OSError:
            return True

    def note(self, reader: str) -> bool:
        """Remember that the SAM in this reader refused its secret; whether that is kept.

        Raises:
            OSError: It could not be written.
        """
        if self._file is None:
            return False
        said = {"refused_at": datetime.now(UTC).isoformat(timespec="seconds"), "reader": reader}
        with self._file.open("w", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return True

    def since(self) -> str:
        """When it was, as ISO 8601 in UTC; empty when that cannot be told."""
        try:
            said = json.loads(self._file.read_text("utf-8")) if self._file is not None else {}
            return str(said["refused_at"])
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def forget(self) -> bool:
        """Let the SAM be tried again; whether there was anything to forget.

        Raises:
            OSError: It could not be removed.
        """
        if self._file is None:
            return False
        try:
            self._file.unlink()
        except FileNotFoundError:
            return False
        return True
