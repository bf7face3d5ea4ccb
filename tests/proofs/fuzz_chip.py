"""Nonsense from a chip never crashes or hangs a codec: noise, and good messages damaged in every way.

Cases: apdu, tlv, sm (secure messaging), biodata, read (a whole read in which one answer is replaced). 5,000 inputs
each, a million in the long form; whole reads take a hundredth of that. Inputs follow from a fixed seed, so a failing
one comes again; it is shown too, since nothing in it is anybody's.
"""

import copy
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from drivers.card_reader import biodata, tlv
from drivers.card_reader.apdu import Command, Response
from drivers.card_reader.port import CardNotAuthentic, CardRemoved, CardUnreadable, NotAnEktp
from drivers.errors import ProtocolError
from simulator.chip import sm
from tests.proofs import Options, Proof
from tests.unit.card_reader.bench import holders, opened_sam, table

SHORT, LONG = 5_000, 1_000_000
INPUTS_PER_READ = 100
SLOWEST_S = 5.0
CASE_S = 3600
MOST_FAILURES = 5

KEY_ENC, KEY_MAC, COUNTER = bytes(range(16)), bytes(range(16, 32)), bytes(8)
FIELDS = ("3520061708780003", *(f"FIELD {n}" for n in range(1, 21)))


class Hung(Exception):
    """A case does not end."""


def damaged(chance: random.Random, goods: tuple[bytes, ...]) -> bytes:
    """Noise, or a good message with some bytes turned, cut, doubled or put in."""
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(300))
    buf = bytearray(chance.choice(goods))
    for _ in range(chance.randrange(4)):
        at, cut = chance.randrange(len(buf) + 1), chance.randrange(9)
        buf[at : at + cut] = chance.choice((b"", b"\0", b"\xff", chance.randbytes(chance.randrange(9)), bytes(buf[:8])))
    if buf and chance.random() < 0.5:
        buf[chance.randrange(len(buf))] ^= 1 << chance.randrange(8)
    return bytes(buf)


def try_apdu(buf: bytes) -> None:
    with suppress(ProtocolError):
        assert Command.decode(buf).encode() == buf
    with suppress(ProtocolError):
        assert Response.decode(buf, 256).encode() == buf


def try_tlv(buf: bytes) -> None:
    try:
        items = list(tlv.decode_all(buf))
    except ProtocolError:
        return
    assert sum(len(value) for _, value in items) <= len(buf)


def try_secure_messaging(buf: bytes) -> None:
    good_answer, good_command = SM_GOODS
    for unwrap, good in ((_session().unwrap_response, good_answer), (_session().unwrap_command, good_command)):
        try:
            unwrap(buf)
        except (sm.SecureMessagingError, ProtocolError):
            continue
        # Only the outer status word, or the unprotected Le, may differ where the check passes.
        assert buf[:-2] == good[:-2] or buf[:-1] == good[:-1] or buf == good[:-1], "forged message passed"


def try_biodata(buf: bytes) -> None:
    with suppress(ProtocolError):
        assert len(biodata.parse(buf).nik) == 16


def try_read(buf: bytes) -> None:
    """The first byte says which answer is replaced by the rest."""
    desk = table()
    at = buf[0] % 45 if buf else 0
    desk.change = lambda number, command, answer: buf[1:] if number == at else answer
    try:
        reading = desk.read(opened_sam())
    except (CardRemoved, CardUnreadable, NotAnEktp, CardNotAuthentic):
        return
    assert reading.biodata is not None
    assert reading.biodata.nik == holders()["hamid"].nik


_AT_ITS_BEGINNING = sm.Session(KEY_ENC, KEY_MAC, COUNTER)


def _session() -> sm.Session:
    """A new session; to set its ciphers up each time would take most of the time."""
    return copy.copy(_AT_ITS_BEGINNING)


SM_GOODS = (
    _session().wrap_response(Response(bytes(24), 0x9000)),
    _session().wrap_command(Command(0, 0xA4, data=b"\x6f\xf1", ne=16).encode()),
)
APDU_GOODS = tuple(
    Command(0, 0xB0, 1, 2, data, ne).encode() for data in (b"", b"\1\2", bytes(300)) for ne in (0, 8, 256, 65536)
)
TLV_GOODS = (SM_GOODS[0][:-2], tlv.encode(0x7F49, tlv.encode(0x86, bytes(200))))

CODECS: dict[str, tuple[tuple[bytes, ...], Callable[[bytes], None]]] = {
    "apdu": (APDU_GOODS, try_apdu),
    "tlv": (TLV_GOODS, try_tlv),
    "sm": (SM_GOODS, try_secure_messaging),
    "biodata": ((biodata.encode(FIELDS),), try_biodata),
}
CASES = {**CODECS, "read": ((b"\x05\x90\x00", b"\x1e" + SM_GOODS[0]), try_read)}


def run(options: Options) -> Proof:
    """Feed every case its inputs."""
    only = {name for word in options.only for name in word.split(",")} or set(CASES)
    if unknown := only - set(CASES):
        return Proof(1, 1, (f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}",))
    tried = failed = 0
    details = []
    for name in sorted(only):
        goods, attempt = CASES[name]
        wanted = (LONG if options.long else SHORT) // (INPUTS_PER_READ if name == "read" else 1)
        with _bounded(CASE_S):
            done, failures, slowest_s = feed(goods, attempt, wanted, name)
        tried, failed = tried + done, failed + len(failures)
        details.append(f"{name}: {done} inputs, {len(failures)} failed, slowest {slowest_s * 1000:.1f} ms")
        details.extend(f"{name}: {failure}" for failure in failures)
    return Proof(tried, failed, tuple(details))


def feed(
    goods: tuple[bytes, ...], attempt: Callable[[bytes], None], wanted: int, seed: str
) -> tuple[int, list[str], float]:
    """Inputs fed, what failed, and seconds of the slowest; the same seed feeds the same."""
    chance = random.Random(seed)
    done, slowest_s = 0, 0.0
    failures: list[str] = []
    while done < wanted and len(failures) < MOST_FAILURES:
        buf = damaged(chance, goods)
        began_s = time.perf_counter()
        try:
            attempt(buf)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what is looked for
            failures.append(f"input {done}: {type(error).__name__}: {error}: {buf.hex()}")
        took_s = time.perf_counter() - began_s
        slowest_s = max(slowest_s, took_s)
        if took_s > SLOWEST_S:
            failures.append(f"input {done}: took {took_s:.1f} s: {buf.hex()}")
        done += 1
    return done, failures, slowest_s


@contextmanager
def _bounded(seconds: int) -> Iterator[None]:
    """Break out of an endless loop."""

    def ring(signum: int, frame: FrameType | None) -> None:
        raise Hung(f"a case took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
