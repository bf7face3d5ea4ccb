"""What the virtual card printer does with each command of the language."""

from collections.abc import Awaitable, Callable

from drivers.card_printer.evolis_answers import Answer, Dialect, Done, Refusal, Refused, Text
from drivers.card_printer.evolis_wire import Command
from simulator.card_printer.card import Panel, Spot
from simulator.card_printer.faults import Step
from simulator.card_printer.mechanism import CLEAN_AFTER_CARDS, HOPPER_LOW_CARDS, RIBBON_SETS, Mechanism
from simulator.card_printer.models import Model

_UNKNOWN = Refused(Refusal.COMMAND, "")
_WRONG = Refused(Refusal.PARAMETER, "")
_STATION_WORDS = {
    Spot.FEEDER: "CARD",
    Spot.INSIDE: "CARD",
    Spot.CONTACT: "SMART CARD",
    Spot.CONTACTLESS: "CONTACTLESS CARD",
}
_RIBBONS = ("ymcko", "ymckok", "ko", "k")
_MOVES = {"Si": Spot.INSIDE, "Sis": Spot.CONTACT, "Sic": Spot.CONTACTLESS}


class Interpreter:
    """Commands to movements and answers. Forgets everything but the mechanics when the power fails."""

    def __init__(self, model: Model, serial: str, ribbon: str, mechanism: Mechanism) -> None:
        self._model = model
        self._serial = serial
        self._ribbon = ribbon
        self._mechanism = mechanism
        self.boot()

    def boot(self) -> None:
        """As after power-up: nothing loaded, defaults for every mode, no last answer."""
        self.ribbon_set = ""
        self.host_handles_errors = False
        self.keeps_card = False
        self._mechanism.by_hand = False
        self._side = "front"
        self._loaded: dict[str, list[Panel]] = {}
        self._last: Answer = Done()

    def step_of(self, command: Command) -> Step | None:
        """The step of a card that a command begins, if it begins one."""
        if command.name in _MOVES and self._mechanism.in_path is None:
            return Step.FEED
        if command.name == "Se":
            return Step.PRINT if self._loaded else Step.PRESENT
        return None

    async def obey(self, command: Command) -> Answer:
        """Carry it out."""
        if command.name[0] == "R":
            return self._question(command)
        answer = await self._carry_out(command)
        self._last = answer
        return answer

    async def _carry_out(self, command: Command) -> Answer:
        actions: dict[str, Callable[[], Awaitable[Answer]]] = {
            "Se": self._end,
            "Ser": self._mechanism.reject,
            "Sib": self._mechanism.take_back,
            "Scp": self._mechanism.clean,
        }
        if command.name in actions:
            return await actions[command.name]()
        if command.name in _MOVES:
            return await self._mechanism.bring(_MOVES[command.name])
        return self._setting(command)

    def _setting(self, command: Command) -> Answer:
        match command.name, command.parameters:
            case "Pem", ("0" | "2" as mode,):
                self.host_handles_errors = mode == "2"
            case "Pmi", ("F" | "M" | "B" as source, *_):
                self._mechanism.by_hand = source == "M"
            case "Pr", (name,) if name in _RIBBONS:
                if name != self._ribbon:
                    return Refused(Refusal.RIBBON, "")
                self.ribbon_set = name
            case "Pneab", ("E",) if self._model.profile.keeps_card:
                self.keeps_card = True
            case "Pneab", ("A", "1") if self._model.profile.keeps_card:
                self.keeps_card = False
            case "Ss", ():
                self._loaded, self._side = {}, "front"
            case "Sr", ():
                self._side = "front"
            case "Sv", () if self._model.profile.duplex:
                self._side = "back"
            case "Srs", ():
                return self._mechanism.reset()
            case "Db", (panel, levels) if command.data is not None:
                return self._load(panel, int(levels), command.data)
            case (("Pem" | "Pmi" | "Pr" | "Db"), _):
                return _WRONG
            case _:
                return _UNKNOWN
        return Done()

    def _load(self, panel: str, levels: int, block: bytes) -> Answer:
        if panel not in self.ribbon_set or (levels == 2) is not (panel in "ko"):
            return _WRONG
        self._loaded.setdefault(self._side, []).append(Panel(panel, levels, block))
        return Done()

    async def _end(self) -> Answer:
        """Se: print what is loaded, if anything is, and eject unless told to keep the card."""
        if self._loaded:
            answer = await self._mechanism.print(self._loaded)
            if not isinstance(answer, Done) or self.keeps_card:
                return answer
        return await self._mechanism.eject()

    def _question(self, command: Command) -> Answer:
        profile, mechanism = self._model.profile, self._mechanism
        match command.name, command.parameters:
            case "Rtp", ():
                return Text(f"{self._model.name} ADM SIMULATION")
            case "Rsn", ():
                return Text(self._serial)
            case "Rfv", ():
                return Text("SIM 1.0")
            case "Rkn", ():
                return Text("000-000-000")
            case "Rco", (which,):
                return self._counter(which)
            case "Rr", ():
                return Text(self._ribbon)
            case "Rcr", ():
                return Done() if mechanism.ribbon_sets else Refused(Refusal.RIBBON, "")
            case "Rrt", (which,) if profile.ribbon_chip and which in ("qty", "count"):
                return Text(str(RIBBON_SETS if which == "qty" else mechanism.ribbon_sets))
            case "Rlr", ():
                return self._last
            case "Rlr", ("p",):
                return self._card()
            case "Rlr", ("r",):
                due = mechanism.cards_since_cleaning >= CLEAN_AFTER_CARDS
                return Text("ERR NEED CLEANING") if due else Done()
            case "Rlr", ("h",) if profile.reject_sensor:
                return Text("CARD" if mechanism.reject_full else "NO CARD")
            case "Rse", (sensor,):
                return self._sensor(sensor)
        return _UNKNOWN

    def _counter(self, which: str) -> Answer:
        mechanism = self._mechanism
        counts = {
            "p": mechanism.panels_done,
            "c": mechanism.cards_done,
            "a": CLEAN_AFTER_CARDS,
            "m": CLEAN_AFTER_CARDS,
            "n": mechanism.cleanings_done,
        }
        return Text(str(counts[which])) if which in counts else _WRONG

    def _card(self) -> Answer:
        card = self._mechanism.in_path
        if self._mechanism.jammed:
            return (
                Text("ERR CARD") if self._model.profile.dialect is Dialect.CLASSES else Refused(Refusal.MECHANICAL, "")
            )
        return Text("NO CARD") if card is None else Text(_STATION_WORDS[card.spot])

    def _sensor(self, sensor: str) -> Answer:
        mechanism, profile = self._mechanism, self._model.profile
        seen = {"o": not mechanism.cover_open, "p": mechanism.in_path is not None}
        if profile.hopper_sensors:
            seen |= {"f": mechanism.hopper > 0 or mechanism.test_blank, "n": mechanism.hopper <= HOPPER_LOW_CARDS}
        if profile.exit_sensor:
            seen["b"] = mechanism.in_exit is not None
        if sensor not in seen:
            return _WRONG
        return Text("4,92 Volts" if seen[sensor] else "0,17 Volts")
