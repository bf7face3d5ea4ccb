"""What is said between the simulator and the process of a chip: one JSON object a line, each answered by one."""

import base64
from typing import Any

from simulator.chip.contents import Contents


def contents_to_json(contents: Contents) -> dict[str, Any]:
    """A card's contents as JSON."""
    return {
        "label": contents.label,
        "kind": contents.kind,
        "card_type": contents.card_type,
        "uid": contents.uid.hex(),
        "uid8": contents.uid8.hex(),
        "files": {str(file): base64.b64encode(data).decode("ascii") for file, data in contents.files.items()},
        "key_id": contents.key_id.hex(),
    }


def contents_from_json(data: dict[str, Any]) -> Contents:
    """Undo `contents_to_json`."""
    return Contents(
        label=data["label"],
        kind=data["kind"],
        card_type=data["card_type"],
        uid=bytes.fromhex(data["uid"]),
        uid8=bytes.fromhex(data["uid8"]),
        files={int(file): base64.b64decode(text) for file, text in data["files"].items()},
        key_id=bytes.fromhex(data["key_id"]),
    )
