"""Who sits in which reader: one thread on SCardGetStatusChange that survives unplugging and a dead pcscd."""

import logging
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.deadline import Deadline
from drivers.transport import pcsc

log = logging.getLogger(__name__)

# pcscd itself looks at a card slot every 400 ms; the time-out only bounds how long a lost event stays lost.
_EVENT_TIMEOUT_MS = 1500
_FIRST_BACKOFF_S = 0.1
_LONGEST_BACKOFF_S = 2.0
_READER_GONE = {pcsc.UNKNOWN_READER, pcsc.READER_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Seat:
    """One reader in its role.

    Attributes:
        reader: Its name.
        present: A card lies there.
        mute: It does not answer to reset.
        counter: Insertions and removals.
    """

    reader: str
    present: bool
    mute: bool
    counter: int


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known now.

    Attributes:
        started: False until pcscd was asked for the first time.
        service: pcscd answers.
        card: The card reader; None when there is none.
        sam: The SAM's reader; None when there is none.
    """

    started: bool = False
    service: bool = False
    card: Seat | None = None
    sam: Seat | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """Which reader is which, by name.

    Attributes:
        card: Regular expression of the contactless reader's name.
        sam: Regular expression of the SAM slot's name; such a slot is never taken for the card reader.
    """

    card: str
    sam: str

    def choose(self, readers: Sequence[str]) -> tuple[str | None, str | None]:
        """Names of the card reader and the SAM's slot, the first that match."""
        sam = next((name for name in readers if re.search(self.sam, name)), None)
        card = next((n for n in readers if re.search(self.card, n) and not re.search(self.sam, n)), None)
        return card, sam


class Monitor:
    """Watches both readers from `start` to `stop`."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles
        self._changed = threading.Condition()
        self._presence = Presence()
        self._stopping = threading.Event()
        self._context: pcsc.Context | None = None
        self._thread: threading.Thread | None = None

    @property
    def latest(self) -> Presence:
        """Newest known state; never waits."""
        with self._changed:
            return self._presence

    def start(self) -> None:
        """Begin to watch, knowing nothing."""
        self._presence = Presence()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="card-monitor", daemon=True)
        self._thread.start()

    def stop(self, deadline: Deadline) -> None:
        """End watching and every wait. May be called twice, from any thread."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        thread = self._thread
        while thread is not None and thread.is_alive() and not deadline.expired:
            with self._changed:
                if self._context is not None:
                    self._context.cancel()
            # A cancel that comes between two waits is lost, so it is given again.
            thread.join(min(0.05, deadline.remaining_s))

    def wait(self, until: Callable[[Presence], bool], deadline: Deadline) -> bool:
        """True as soon as `until` holds, False at the deadline or when stopped."""
        with self._changed:
            while not self._stopping.is_set():
                if until(self._presence):
                    return True
                if deadline.expired:
                    return False
                self._changed.wait(deadline.remaining_s)
        return False

    def _publish(self, presence: Presence) -> None:
        with self._changed:
            before, self._presence = self._presence, presence
            self._changed.notify_all()
        _tell(before, presence)

    def _run(self) -> None:
        backoff_s = _FIRST_BACKOFF_S
        while not self._stopping.is_set():
            try:
                with pcsc.Context() as context:
                    with self._changed:
                        self._context = context
                    backoff_s = _FIRST_BACKOFF_S
                    self._watch(context)
            except pcsc.PcscError:
                self._publish(Presence(started=True))
                self._stopping.wait(backoff_s)
                backoff_s = min(backoff_s * 2, _LONGEST_BACKOFF_S)
            finally:
                with self._changed:
                    self._context = None

    def _watch(self, context: pcsc.Context) -> None:
        """Publish what changes, until pcscd or a reader's name is gone."""
        names: tuple[str, ...] | None = None
        known: list[tuple[str, int]] = []
        while not self._stopping.is_set():
            now = context.readers()
            if now != names:
                names = now
                card, sam = self._roles.choose(names)
                known = [(name, 0) for name in (card, sam) if name is not None]
                if not known:
                    self._publish(Presence(started=True, service=True))
            try:
                events = context.events(_EVENT_TIMEOUT_MS, [*known, (pcsc.PNP_NOTIFICATION, 0)])
            except pcsc.PcscError as error:
                if error.code not in _READER_GONE:
                    raise
                self._ask_anew()
                names = None
                continue
            if events is None:
                continue
            seats = {e.reader: e for e in events if e.known and e.reader != pcsc.PNP_NOTIFICATION}
            known = [(name, seats[name].seen if name in seats else 0) for name, _ in known]
            self._publish(Presence(True, True, _seat(seats.get(card or "")), _seat(seats.get(sam or ""))))
            if len(seats) < len(known):
                self._ask_anew()
                names = None

    def _ask_anew(self) -> None:
        """A reader went away under its name: give pcscd a moment to take it off its list."""
        self._stopping.wait(_FIRST_BACKOFF_S)


def _seat(event: pcsc.ReaderEvent | None) -> Seat | None:
    if event is None:
        return None
    return Seat(event.reader, event.present, event.mute, event.counter)


def _tell(before: Presence, now: Presence) -> None:
    """One line when something is lost, one when it is back."""
    pairs = (
        ("pcscd", before.service, now.service),
        ("card reader", before.card is not None, now.card is not None),
        ("SAM reader", before.sam is not None, now.sam is not None),
        ("SAM", bool(before.sam and before.sam.present), bool(now.sam and now.sam.present)),
    )
    for what, was, is_there in pairs:
        if was and not is_there:
            log.warning("%s lost", what)
        elif is_there and not was:
            log.info("%s there", what)
