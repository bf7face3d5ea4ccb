"""An empty slot that tells its reader of a chip at once, as a reader with an interrupt pipe does (CCID 1.1, 6.3.1).

vpcd asks whoever is connected for an ATR and waits for the answer (vsmartcard, vpcd.c). Left unanswered while nothing
is there, the question is answered in the moment a chip comes; otherwise pcscd sees it at its next look, up to 400 ms
later.
"""

import select
import socket
import threading

from simulator.chip import vpcd

_AGAIN_S = 0.2


class Standby:
    """The connection of an empty slot.

    Args:
        port: Of the virtual reader.
        out_s: How long a chip has to be out until the reader has surely noticed.
    """

    def __init__(self, port: int, out_s: float) -> None:
        self._port = port
        self._out_s = out_s
        self._asked = threading.Event()
        self._plug: vpcd.Plug | None = None
        self._thread: threading.Thread | None = None
        self._stop, self._stopped = socket.socketpair()

    def begin(self) -> None:
        """The slot is empty from now on; unless it was already."""
        if self._thread is None:
            self._asked.clear()
            self._thread = threading.Thread(target=self._wait, name="standby", daemon=True)
            self._thread.start()

    def seen(self, timeout_s: float) -> bool:
        """Wait until the reader has seen that the slot is empty, and waits for a chip; whether it does."""
        return self._asked.wait(timeout_s)

    def end(self, timeout_s: float) -> vpcd.Plug:
        """A chip is coming: gives the connection, on which the reader waits for its ATR.

        Raises:
            TimeoutError: The reader does not look at this slot.
        """
        self.begin()
        seen = self.seen(timeout_s)
        plug = self._ended()
        if seen and plug is not None:
            return plug
        if plug is not None:
            plug.close()
        raise TimeoutError("the reader does not look at the slot")

    def close(self) -> None:
        """Nothing comes any more."""
        plug = self._ended()
        for end in (plug, self._stop, self._stopped):
            if end is not None:
                end.close()

    def _ended(self) -> vpcd.Plug | None:
        """What the thread waited on, once it has ended."""
        thread, self._thread = self._thread, None
        self._stop.send(b"\0")
        if thread is not None:
            thread.join()
        self._stopped.recv(1)
        plug, self._plug = self._plug, None
        return plug

    def _wait(self) -> None:
        """Until `end`, and through every restart of pcscd."""
        # Connected at once, it would be the chip that has just left: pcscd never saw it out.
        self._told_to_stop(self._out_s)
        while not self._told_to_stop(0):
            try:
                plug = self._plug = vpcd.Plug(self._port)
            except OSError:
                self._told_to_stop(_AGAIN_S)
                continue
            if self._held(plug):
                return
            self._plug = None
            plug.close()

    def _held(self, plug: vpcd.Plug) -> bool:
        """Whether `end` came, and not the end of the connection."""
        while True:
            ready, _, _ = select.select([plug.fileno(), self._stopped.fileno()], [], [])
            if self._stopped.fileno() in ready:
                return True
            message = plug.receive()
            if message is None:
                self._asked.clear()
                return False
            if message == vpcd.GET_ATR:
                self._asked.set()

    def _told_to_stop(self, timeout_s: float) -> bool:
        return bool(select.select([self._stopped], [], [], timeout_s)[0])
