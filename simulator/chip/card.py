"""The process of one slot: `python -m simulator.chip.card PORT`, told what to do on its standard input.

Commands, each a JSON object on a line, each answered by one line:
    {"do": "insert", "contents": {...}, "swap_for": {...} or null}    put a card in
    {"do": "insert_sam", "secret": hex, "locked": bool}               put a SAM in
    {"do": "remove"}                                                  take it out
    {"do": "plan", "fault": name or null, "at": exchange}             a fault at an exchange, until told otherwise
    {"do": "air", "kbit_s": number or null}                           the speed of the air
    {"do": "bad_atr", "on": bool}                                     answer to reset makes no sense
    {"do": "state"}                                                   counters; {"reset": true} starts them anew
It ends when its standard input does.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from simulator.chip import card_app
from simulator.chip.air import Air
from simulator.chip.control import contents_from_json
from simulator.chip.faults import Fault, Plan
from simulator.chip.sam_app import SimulatedSam
from simulator.chip.slot import Counters, Slot


def main(port: int) -> None:
    """Serve commands until standard input ends."""
    slot = Slot(port)
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = {"ok": True, **obey(slot, command)}
        except (OSError, TimeoutError) as error:
            answer = {"ok": False, "error": str(error)}
        print(json.dumps(answer), flush=True)
    slot.remove()


def obey(slot: Slot, command: dict[str, Any]) -> dict[str, Any]:
    """Do one command; its answer.

    Raises:
        ValueError: There is no such command.
        OSError: The reader is not there, or did not notice the card (TimeoutError).
    """
    match command["do"]:
        case "insert":
            other = command.get("swap_for")
            slot.insert(
                card_app.chip(contents_from_json(command["contents"])),
                card_app.chip(contents_from_json(other)) if other else None,
            )
        case "insert_sam":
            slot.insert(SimulatedSam(bytes.fromhex(command["secret"]), locked=command["locked"]))
        case "remove":
            slot.remove()
        case "plan":
            fault = command["fault"]
            slot.plan = Plan(Fault(fault), command["at"]) if fault else None
        case "air":
            slot.air = Air(command["kbit_s"])
        case "bad_atr":
            slot.bad_atr = command["on"]
        case "state":
            answer = {"inserted": slot.inserted, **asdict(slot.counters)}
            if command.get("reset"):
                slot.counters = Counters(inserted_at_s=slot.counters.inserted_at_s)
            return answer
        case unknown:
            raise ValueError(f"no command {unknown}")
    return {}


if __name__ == "__main__":
    main(int(sys.argv[1]))
