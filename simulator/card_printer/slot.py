"""The process of the encoder's slot: `python -m simulator.card_printer.slot PORT`, told what to do on standard input.

Commands, each a JSON object on a line, each answered by one line:
    {"do": "place", "card": number, "defective": bool}    a card's chip comes into the field; the same card, same chip
    {"do": "withdraw"}                                    it leaves
    {"do": "settle"}                                      answered when the reader has seen that
    {"do": "mute", "at": exchange or null}                it stops answering at that exchange, until told otherwise
    {"do": "contents", "card": number}                    what is on a card's chip
It ends when its standard input does.
"""

import base64
import json
import secrets
import sys
from typing import Any

from simulator.card_printer.blank import BlankChip
from simulator.chip.faults import Fault, Plan
from simulator.chip.residents import NEW_CARD
from simulator.chip.slot import Slot

_UID_MORE = 3


def main(port: int) -> None:
    """Serve commands until standard input ends."""
    slot = Slot(port, at_once=True)
    slot.remove()
    chips: dict[int, BlankChip] = {}
    for line in sys.stdin:
        try:
            answer = {"ok": True, **_obey(slot, chips, json.loads(line))}
        except (OSError, TimeoutError) as error:
            answer = {"ok": False, "error": str(error)}
        print(json.dumps(answer), flush=True)
    slot.close()


def _obey(slot: Slot, chips: dict[int, BlankChip], command: dict[str, Any]) -> dict[str, Any]:
    match command["do"]:
        case "place":
            number = command["card"]
            # Drawn by lot: a simulator that is started again must not make the same chips again.
            if number not in chips:
                chips[number] = BlankChip(NEW_CARD + secrets.token_bytes(_UID_MORE), command["defective"])
            slot.insert(chips[number])
        case "withdraw":
            slot.remove()
        case "settle":
            return {"settled": slot.settle()}
        case "mute":
            slot.plan = None if command["at"] is None else Plan(Fault.MUTE, command["at"])
        case "contents":
            chip = chips.get(command["card"])
            if chip is not None:
                files = {str(name): base64.b64encode(data).decode() for name, data in chip.files.items()}
                return {"uid": chip.uid.hex(), "locked": chip.is_locked, "files": files}
        case unknown:
            raise ValueError(f"no command {unknown}")
    return {}


if __name__ == "__main__":
    main(int(sys.argv[1]))
