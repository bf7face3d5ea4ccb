"""The kiosk's configuration in a demo: the production drivers, pointed at the virtual devices' wires."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simulator.demo import toml

MACHINE_ID = "kiosk/3520/mpp-01"
SITE_NAME = "Mal Pelayanan Publik Magetan"


def write_kiosk(
    path: Path,
    *,
    state_dir: Path,
    panel_socket: Path,
    models_dir: Path,
    language: str,
    registry: Mapping[str, Any],
    devices: Mapping[str, Any],
    overrides: Mapping[str, Mapping[str, Any]],
) -> None:
    """Write kiosk.toml.

    Args:
        path: Of the file.
        state_dir: For the journal.
        panel_socket: Where the daemon shall listen.
        models_dir: Face models.
        language: "id" or "en".
        registry: The `registry` section.
        devices: The `devices` sections, as simulator.json has them.
        overrides: More sections, as {"session": {"idle_s": 5}}.
    """
    content: dict[str, Any] = {
        "machine_id": MACHINE_ID,
        "site_name": SITE_NAME,
        "language": language,
        "simulation": True,
        "state_dir": state_dir,
        "panel_socket": panel_socket,
        "models_dir": models_dir,
        "registry": registry,
        **{f"devices.{role}": device for role, device in devices.items()},
        **overrides,
    }
    path.write_text(toml.dump(content), encoding="utf-8")
