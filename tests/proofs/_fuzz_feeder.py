"""The paper path's drivers under nonsense: whatever the wire says, a command page is read or refused, and it ends."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, DriverError, ProtocolError
from drivers.paper_feeder import page, ttp_codec, wire, zebra_ttp
from drivers.paper_feeder.crt_usb import CrtFeeder, Settings
from drivers.paper_feeder.port import FeederStatus
from drivers.paper_feeder.profiles import PROFILES, Profile
from drivers.paper_feeder.wire import Answer, CommandCode, Control, Refusal

PIECE_BYTES = 64
LONG_S, SHORT_S = 60.0, 0.0005
"""A presenter is looked at until its deadline; that of a command page is never waited for here."""
COMMANDS_AT_MOST = 40


class Says:
    """A wire that says these bytes and then nothing; it counts what it hears."""

    def __init__(self, data: bytes) -> None:
        self._left = data
        self.heard = 0

    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = 0) -> None:
        """See `Channel.write`."""
        self.heard += 1

    def read(self, deadline: Deadline, at_most: int = 512) -> bytes:
        """See `Channel.read`."""
        if not self._left:
            raise DeadlineExceeded("no word")
        piece, self._left = self._left[:PIECE_BYTES], self._left[PIECE_BYTES:]
        return piece

    def close(self) -> None:
        """See `Channel.close`."""


def _conversation(profile: Profile) -> Iterator[bytes]:
    """What a well device says to the questions and moves of `_try_page`."""
    asked: list[tuple[int, int, bytes]] = [(CommandCode.STATUS, page.Status.STATE, b"")]
    if profile.counts:
        asked += [(CommandCode.COUNTERS, page.CountersWhat.READ, bytes(range(20)))]
        asked += [(CommandCode.STATUS, page.Status.SENSORS, b"\x49")]
    for move in (profile.present, profile.retract):
        asked += [(CommandCode.STATUS, page.Status.STATE, b""), (CommandCode.MOVE, move, b"")]
    for number, (code, parameter, data) in enumerate(asked, start=1):
        sequence = bytes((number,)) if profile.sequenced else b""
        yield bytes((Control.ACK,)) + wire.encode(Answer(code, parameter, b"020", sequence + data))


def _goods(profile: Profile) -> tuple[bytes, ...]:
    well = b"".join(_conversation(profile))
    ack, number = bytes((Control.ACK,)), b"\x01" if profile.sequenced else b""
    refusals = (Refusal(CommandCode.STATUS, page.Status.STATE, error, number + b"\x06") for error in profile.errors)
    stands = Answer(CommandCode.STATUS, page.Status.STATE, b"521", number + b"10")
    return (well, ack + wire.encode(stands), *(ack + wire.encode(refusal) for refusal in refusals))


def _try_page(name: str) -> Callable[[bytes], None]:
    settings = Settings(vendor_id=1, product_id=2, page="crt-571" if name == "crt-571" else "a4-1")

    def attempt(buf: bytes) -> None:
        says = Says(buf)
        feeder = CrtFeeder(settings, lambda _: says)
        until = Deadline.after(LONG_S)
        assert isinstance(feeder.status(until), FeederStatus)
        for ask in (feeder.counters, feeder.sensors, feeder.present, feeder.retract):
            with suppress(DriverError):
                ask(until)
        # Each damaged frame is asked for once more, and nothing else is said over and over.
        assert says.heard <= COMMANDS_AT_MOST + len(buf)

    return attempt


TTP_GOODS = (
    b"\x00\x02\x00\x0a\x00\x02\x00\x02",
    b"\x80\x08\x15\x05\x80\x08\x15\x01\x00\x00",
    b"".join(bytes((0x80, 0x08, ttp_codec.NAK, code)) for code in ttp_codec.CODES),
)


def try_ttp(buf: bytes) -> None:
    """The presenter's two answers by themselves, and whole calls of its driver."""
    with suppress(ProtocolError):
        used, code = ttp_codec.read_code(buf)
        assert (used, code is None) in ((0, True), (1, False), (2, False))
    with suppress(ProtocolError):
        ttp_codec.Sensors.read(buf[:2])
    says = Says(buf)
    presenter = zebra_ttp.TtpPresenter(zebra_ttp.Settings(vendor_id=1, product_id=2), lambda _: says)
    until = Deadline.after(SHORT_S)
    assert isinstance(presenter.status(until), FeederStatus)
    for call in (presenter.present, presenter.wait_taken, presenter.retract):
        with suppress(DriverError):
            call(until)
    assert says.heard <= COMMANDS_AT_MOST + len(buf)


PAGES: dict[str, tuple[tuple[bytes, ...], Callable[[bytes], None]]] = {
    **{name: (_goods(profile), _try_page(name)) for name, profile in PROFILES.items()},
    "ttp": (TTP_GOODS, try_ttp),
}
