"""Why `prove faults` tries one step of the making for a device beside it: who makes documents is never given it."""

import re
from pathlib import Path

from tests.crash.faults import BESIDE

ROOM = Path(__file__).resolve().parents[2] / "kiosk" / "issuance"
_FROM = re.compile(r"^from kiosk\.issuance(?:\.(\w+))? import (.+)$", re.MULTILINE)


def test_no_step_of_the_making_reaches_a_device_beside_it() -> None:
    todo, seen = ["issue", "card", "recovery"], set[str]()
    while todo:
        name = todo.pop()
        if name in seen or not (file := ROOM / f"{name}.py").exists():
            continue
        seen.add(name)
        text = file.read_text(encoding="utf-8")
        assert not [device for device in BESIDE if f"drivers.{device}" in text], name
        for module, names in _FROM.findall(text):
            todo += [module] if module else names.split(", ")
    assert {"card_station", "card_content", "paper", "messages", "journal"} <= seen
