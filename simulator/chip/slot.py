"""One simulated chip in one slot: serves its reader, in its own time and with its planned fault."""

import threading
import time
from dataclasses import dataclass

from simulator.chip import vpcd
from simulator.chip.air import Air
from simulator.chip.card_app import Chip
from simulator.chip.faults import SLOW_S, Fault, Plan, spoil
from simulator.chip.standby import Standby

# pcscd looks at a slot every 400 ms: what is out for less was never out for it.
_REMOVAL_S = 0.5
_NOTICED_S = 15.0
# A machine that stood still is not made up for: that would be faster than the air afterwards.
_MAX_OVERSLEPT_S = 0.005
_NO_ATR = b"\x3b"


@dataclass
class Counters:
    """What happened since they were last reset.

    Attributes:
        exchanges: APDUs.
        air_s: Computed seconds on the air and in the chip.
        inserted_at_s: `time.monotonic()` of the last insertion.
        first_apdu_at_s: Of the first APDU after it, 0 before.
    """

    exchanges: int = 0
    air_s: float = 0.0
    inserted_at_s: float = 0.0
    first_apdu_at_s: float = 0.0


class Slot:
    """A place in a virtual reader, and the chip that is in it or not.

    Args:
        port: Of the virtual reader.
        at_once: Whether the reader is told of a chip; else it sees it when pcscd looks the next time.
    """

    def __init__(self, port: int, *, at_once: bool = False) -> None:
        self._port = port
        self._standby = Standby(port, _REMOVAL_S) if at_once else None
        self._chip: Chip | None = None
        self._next: Chip | None = None
        self._plug: vpcd.Plug | None = None
        self._thread: threading.Thread | None = None
        self._powered = threading.Event()
        self._out = threading.Event()
        self._removed_at_s = 0.0
        self._since_reset = 0
        self._overslept_s = 0.0
        self.air = Air(None)
        self.plan: Plan | None = None
        self.bad_atr = False
        self.counters = Counters()

    @property
    def inserted(self) -> bool:
        """Whether a chip is in the slot."""
        return self._thread is not None and self._thread.is_alive()

    def insert(self, chip: Chip, swap_for: Chip | None = None) -> None:
        """Put this chip in; returns when the reader has powered it.

        Args:
            chip: The chip.
            swap_for: Which takes its place when the fault `swap` strikes.

        Raises:
            TimeoutError: The reader did not notice.
        """
        self.remove()
        plug = self._standby.end(_NOTICED_S) if self._standby else self._connected()
        self._chip, self._next = chip, swap_for
        self._powered.clear()
        self._out.clear()
        self.counters = Counters(inserted_at_s=time.monotonic())
        self._plug = plug
        if self._standby:
            plug.answer(chip.atr)
        self._thread = threading.Thread(target=self._serve, name="slot", daemon=True)
        self._thread.start()
        if not self._powered.wait(_NOTICED_S):
            self.remove()
            raise TimeoutError("the reader did not notice the card")

    def remove(self) -> None:
        """Take the chip out."""
        self._out.set()
        thread = self._thread
        if self._plug is not None:
            self._plug.unplug()
        if thread is not None:
            thread.join()
            self._thread = None
        if self._standby is not None:
            self._standby.begin()

    def close(self) -> None:
        """Take the chip out, and put none in any more."""
        self.remove()
        if self._standby is not None:
            self._standby.close()

    def settle(self) -> bool:
        """Wait until the reader has seen that the slot is empty; whether it has. Only of one that tells at once."""
        return self._standby is not None and self._standby.seen(_NOTICED_S)

    def _connected(self) -> vpcd.Plug:
        """A connection, once the slot was empty long enough for the reader to notice."""
        left_s = self._removed_at_s + _REMOVAL_S - time.monotonic()
        if self._removed_at_s and left_s > 0:
            time.sleep(left_s)
        return vpcd.Plug(self._port)

    def _serve(self) -> None:
        while True:
            plug = self._plug
            assert plug is not None  # set before this thread starts
            plug.serve(self._on_message)
            plug.close()
            if self._next is None or self._out.is_set() or self.plan is None or self.plan.fault is not Fault.SWAP:
                break
            # The other card is there before the reader looks again.
            self._chip, self._next, self.plan = self._next, None, None
            self._since_reset = 0
            self._plug = vpcd.Plug(self._port)
        self._removed_at_s = time.monotonic()

    def _on_message(self, message: bytes) -> bytes | None:
        received_s = time.monotonic()
        chip = self._chip
        assert chip is not None  # set before this thread starts
        if message in (vpcd.POWER_ON, vpcd.RESET, vpcd.POWER_OFF):
            chip.reset()
            self._since_reset = 0
            self._powered.set()
            return b""
        if message == vpcd.GET_ATR:
            return _NO_ATR if self.bad_atr else chip.atr
        return self._exchange(chip, message, received_s)

    def _exchange(self, chip: Chip, apdu: bytes, received_s: float) -> bytes | None:
        number, self._since_reset = self._since_reset, self._since_reset + 1
        if not self.counters.first_apdu_at_s:
            self.counters.first_apdu_at_s = received_s
        answer = chip.process(apdu)
        takes_s = self.air.exchange_s(apdu, len(answer))
        self.counters.exchanges += 1
        self.counters.air_s += takes_s
        plan = self.plan
        if plan is not None and plan.strikes(number):
            if plan.fault in (Fault.VANISH, Fault.SWAP):
                return None
            if plan.fault is Fault.MUTE:
                self._out.wait()
                return None
            if plan.fault is Fault.SLOW and self._out.wait(SLOW_S):
                return None
            answer = spoil(plan.fault, answer)
        self._spend(received_s, takes_s)
        return answer

    def _spend(self, received_s: float, takes_s: float) -> None:
        """Let the air's time pass; what one sleep is too long, the next is shorter, so that the sum is exact."""
        due_s = received_s + max(0.0, takes_s - self._overslept_s)
        left_s = due_s - time.monotonic()
        if left_s > 0:
            time.sleep(left_s)
        used_s = time.monotonic() - received_s
        self._overslept_s = min(_MAX_OVERSLEPT_S, max(0.0, self._overslept_s + used_s - takes_s)) if takes_s else 0.0
