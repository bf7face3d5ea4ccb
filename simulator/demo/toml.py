"""Writes the little TOML that configurations need; the standard library only reads it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def dump(content: Mapping[str, Any]) -> str:
    """TOML text; None values are left out, paths become strings. A dotted key names a table, as `a.b` does."""
    plain = {key: value for key, value in content.items() if not isinstance(value, Mapping)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items() if value is not None]
    for key, value in content.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{'.'.join(_key(part) for part in key.split('.'))}]"]
            lines += [f"{_key(name)} = {_value(item)}" for name, item in value.items() if item is not None]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str() | Path():
            return _string(str(value))
        case Mapping():
            items = (f"{_key(name)} = {_value(item)}" for name, item in value.items() if item is not None)
            return f"{{ {', '.join(items)} }}"
        case list() | tuple():
            return f"[{', '.join(_value(item) for item in value)}]"
        case _:
            raise TypeError(f"no TOML for {type(value).__name__}")


def _string(text: str) -> str:
    # A JSON string is a TOML basic string but for DEL, which TOML wants escaped (TOML 1.0.0, "String").
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
