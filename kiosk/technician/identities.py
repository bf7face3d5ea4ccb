"""Which device belongs to this machine: its serial number, accepted deliberately when it changes."""

import json
from pathlib import Path
from typing import Final

FILE: Final = "devices.json"


class Identities:
    """Serial numbers by role, in one small file."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / "technician" / FILE

    def serial(self, role: str) -> str:
        """What was accepted last; empty before the first time."""
        return self._all().get(role, "")

    def accept(self, role: str, serial: str) -> None:
        """From now on this one. Raises OSError."""
        kept = {**self._all(), role: serial}
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(kept, sort_keys=True), "utf-8")
        fresh.replace(self._path)

    def _all(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(role): str(serial) for role, serial in kept.items()} if isinstance(kept, dict) else {}
