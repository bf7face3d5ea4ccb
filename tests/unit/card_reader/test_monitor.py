"""Readers that come and go under the monitor: what vpcd cannot do, a scripted pcscd does."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from drivers.card_reader import monitor
from drivers.card_reader.monitor import Monitor, Presence, Roles
from drivers.deadline import Deadline
from drivers.transport import pcsc

LONG_S = 20.0
PRESENT, EMPTY, UNKNOWN, CHANGED = 0x20, 0x10, 0x04, 0x02
CARD, SAM = "Some Contactless 00 00", "Some SAM 00 01"


class Daemon:
    """A pcscd whose readers a test plugs in and out.

    Attributes:
        gone_as: What the daemon says of a reader that is gone: a state, or an error.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.states: dict[str, int] = {}
        self.alive = True
        self.gone_as: int | None = UNKNOWN
        self.contexts = 0
        self.stopping = False

    def set(self, **states: int | None) -> None:
        with self.changed:
            for role, state in states.items():
                name = {"card": CARD, "sam": SAM}[role]
                if state is None:
                    self.states.pop(name, None)
                else:
                    self.states[name] = state
            self.changed.notify_all()


class ScriptedContext:
    """`pcsc.Context` over such a daemon."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._check()
        daemon.contexts += 1

    def __enter__(self) -> "ScriptedContext":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def _check(self) -> None:
        if not self._daemon.alive:
            raise pcsc.PcscError("connect", pcsc.NO_SERVICE)

    def cancel(self) -> None:
        with self._daemon.changed:
            self._daemon.stopping = True
            self._daemon.changed.notify_all()

    def readers(self) -> tuple[str, ...]:
        with self._daemon.changed:
            self._check()
            return tuple(self._daemon.states)

    def events(self, timeout_ms: int, known: Sequence[tuple[str, int]]) -> tuple[pcsc.ReaderEvent, ...] | None:
        daemon = self._daemon
        asked = {name: seen for name, seen in known if name != pcsc.PNP_NOTIFICATION}
        with daemon.changed:
            while not daemon.stopping:
                self._check()
                if daemon.gone_as is None and set(asked) - set(daemon.states):
                    raise pcsc.PcscError("wait", pcsc.UNKNOWN_READER)
                now = {name: daemon.states.get(name, UNKNOWN) for name in asked}
                if now != asked or set(daemon.states) - set(asked):
                    return tuple(pcsc.ReaderEvent(name, state | CHANGED, b"") for name, state in now.items())
                daemon.changed.wait(LONG_S)
        return None


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Daemon:
    daemon = Daemon()
    monkeypatch.setattr(pcsc, "Context", lambda: ScriptedContext(daemon))
    return daemon


@pytest.fixture
def watching(daemon: Daemon) -> Iterator[Monitor]:
    watching = Monitor(Roles("Contactless", "SAM"))
    watching.start()
    yield watching
    watching.stop(Deadline.after(LONG_S))


def seen(watching: Monitor, presence: Presence) -> bool:
    return watching.wait(lambda now: now == presence, Deadline.after(LONG_S))


def test_no_reader_is_no_error(watching: Monitor) -> None:
    assert seen(watching, Presence(started=True, service=True))


@pytest.mark.parametrize("gone_as", [UNKNOWN, None], ids=["state unknown", "error unknown reader"])
def test_a_reader_unplugged_and_back_is_noticed_and_the_other_stays(
    daemon: Daemon, watching: Monitor, gone_as: int | None
) -> None:
    daemon.gone_as = gone_as
    daemon.set(card=EMPTY, sam=PRESENT)
    card, sam = monitor.Seat(CARD, False, False, 0), monitor.Seat(SAM, True, False, 0)
    assert seen(watching, Presence(True, True, card, sam))
    daemon.set(card=None)
    assert seen(watching, Presence(True, True, None, sam))
    daemon.set(card=PRESENT | 3 << 16)
    assert seen(watching, Presence(True, True, monitor.Seat(CARD, True, False, 3), sam))
    assert daemon.contexts == 1


def test_a_daemon_that_died_is_asked_again_until_it_is_back(daemon: Daemon, watching: Monitor) -> None:
    daemon.set(card=EMPTY)
    assert watching.wait(lambda now: now.card is not None, Deadline.after(LONG_S))
    with daemon.changed:
        daemon.alive = False
        daemon.changed.notify_all()
    assert seen(watching, Presence(started=True))
    with daemon.changed:
        daemon.alive = True
    assert watching.wait(lambda now: now.card is not None, Deadline.after(LONG_S))
    assert daemon.contexts == 2


def test_lost_and_back_are_one_line_each(daemon: Daemon, watching: Monitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    daemon.set(card=EMPTY)
    assert watching.wait(lambda now: now.card is not None, Deadline.after(LONG_S))
    daemon.set(card=None)
    assert watching.wait(lambda now: now.card is None, Deadline.after(LONG_S))
    daemon.set(card=EMPTY)
    assert watching.wait(lambda now: now.card is not None, Deadline.after(LONG_S))
    watching.stop(Deadline.after(LONG_S))
    assert [line for line in caplog.messages if "reader" in line] == [
        "card reader there",
        "card reader lost",
        "card reader there",
    ]
