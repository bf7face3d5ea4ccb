"""Nonsense on the wires of paper, cards and chips never crashes or hangs a codec, nor makes it hold memory without
bound.

Cases: escpos and evolis (what a printer says, and what it is told), ipp, usbip, raster; feeder (its frames), a4-1 and
crt-571 (its command pages, by the driver), ttp (a presenter's); apdu, tlv, sm and biodata of the chip. 5,000 inputs
each, a million in the long form; they follow from a fixed seed, so a failing one comes again.
"""

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from drivers.document_printer import ipp_codec, ipp_operations, pwg_raster
from drivers.errors import ProtocolError
from drivers.paper_feeder import wire as feeder
from drivers.receipt_printer import escpos_replies
from drivers.receipt_printer.compose import compose
from drivers.receipt_printer.port import Heading, Paragraph, QrCode, Row
from drivers.receipt_printer.profiles import PROFILES
from drivers.transport import usb_descriptors
from drivers.transport import usbip_wire as wire
from simulator.receipt_printer import escpos
from simulator.receipt_printer.realtime import Scanner
from tests.proofs import Options, Proof, _fuzz_guided
from tests.proofs._fuzz_evolis import EVOLIS_GOODS, try_evolis
from tests.proofs._fuzz_feeder import PAGES
from tests.proofs.fuzz_chip import CODECS, feed

SHORT, LONG = 5_000, 1_000_000
MOST_WAITED_BYTES = escpos.MAX_COMMAND_BYTES + 16

DEVICE = wire.ExportedDevice("1-1", 1, 2, 3, 0x4B8, 0xE15, 0x100, 0, 0, 0, 1, 1, ((7, 1, 2),))
USBIP_GOODS = (
    wire.encode_request(wire.ImportRequest("1-1")),
    wire.encode_list_reply((DEVICE, DEVICE)),
    wire.encode_import_reply(wire.ImportReply(0, DEVICE)),
    wire.encode_urb(wire.Submit(1, 2, False, 1, 5, bytes(8), b"hello")),
    wire.encode_urb(wire.Return(1, 0, 5, b"hello")),
    wire.encode_urb(wire.Unlink(3, 2, 1)),
    usb_descriptors.encode_configuration(
        usb_descriptors.ConfigurationDescriptor(
            [usb_descriptors.InterfaceDescriptor(0, 0, 7, 1, 2, [usb_descriptors.EndpointDescriptor(1)])]
        )
    ),
)
_RECEIPT = (Heading("Anjungan"), Row("Nomor", "A-1"), Paragraph("Terima kasih", True), QrCode("https://x.example"))
ESCPOS_GOODS = (
    compose(_RECEIPT, PROFILES["TM-T20II"], 48),
    compose(_RECEIPT, PROFILES["POS-5890"], 32)[:600],
    b"\x37\x22ABCD\x00\x12\x16\x1e\x37\x25\x00",
    escpos_replies.ASK_STATUS + escpos_replies.CLEAR_BUFFER,
)
_REQUESTS = ipp_operations.Requests("ipp://127.0.0.1/ipp/print", "adm")
_CAN = ipp_operations.Capabilities(
    frozenset(), frozenset(), frozenset(), frozenset(("one-sided",)), frozenset(("none",)), frozenset(), frozenset()
)
IPP_GOODS = tuple(
    ipp_codec.encode(message) for message in (_REQUESTS.state(), _REQUESTS.job(7), _REQUESTS.create_job("x", _CAN))
)
FEEDER_GOODS = tuple(
    feeder.encode(message)
    for message in (
        feeder.Command(feeder.CommandCode.MOVE, 0x30, b"\x01"),
        feeder.Answer(feeder.CommandCode.STATUS, 0x30, b"120", b"\x02"),
        feeder.Refusal(feeder.CommandCode.MOVE, 0x31, b"10", b"\x03\x06"),
    )
)
RASTER_GOODS = (pwg_raster.SYNC_WORD + pwg_raster.encode_page(np.arange(600, dtype=np.uint8).reshape(20, 30), 1),)


def try_usbip(buf: bytes) -> None:
    decoders: tuple[Callable[[bytes], tuple[int, object]], ...] = (
        wire.decode_request,
        wire.decode_list_reply,
        wire.decode_import_reply,
        wire.decode_command,
        lambda raw: wire.decode_answer(raw, lambda _: True),
    )
    for decode in decoders:
        with suppress(ProtocolError):
            used, _ = decode(buf)
            assert 0 <= used <= len(buf)
    for read in (usb_descriptors.decode_configuration, usb_descriptors.decode_device):
        with suppress(ProtocolError):
            read(buf)


def try_escpos(buf: bytes) -> None:
    for decode in (escpos.decode, escpos_replies.decode):
        rest = buf
        while True:
            used, item = decode(rest)
            if item is None:
                break
            assert 0 < used <= len(rest)
            rest = rest[used:]
        assert len(rest) <= MOST_WAITED_BYTES
    Scanner().feed(buf)


def try_feeder(buf: bytes) -> None:
    rest = buf
    while True:
        used, item = feeder.decode(rest)
        if item is None:
            break
        assert 0 < used <= len(rest)
        if isinstance(item, feeder.Command | feeder.Answer | feeder.Refusal):
            assert feeder.encode(item) == rest[:used]
        rest = rest[used:]
    assert len(rest) < MOST_WAITED_BYTES


def try_ipp(buf: bytes) -> None:
    with suppress(ProtocolError):
        used, message = ipp_codec.decode(buf)
        assert used <= len(buf)
        for read in (ipp_operations.read_status, ipp_operations.read_capabilities, ipp_operations.read_job):
            with suppress(ProtocolError):
                read(message)


def try_raster(buf: bytes) -> None:
    with suppress(ValueError):
        assert sum(page.size for page in pwg_raster.decode(buf)) < 1 << 28


CASES: dict[str, tuple[tuple[bytes, ...], Callable[[bytes], None]]] = {
    "escpos": (ESCPOS_GOODS, try_escpos),
    "evolis": (EVOLIS_GOODS, try_evolis),
    "feeder": (FEEDER_GOODS, try_feeder),
    "ipp": (IPP_GOODS, try_ipp),
    "raster": (RASTER_GOODS, try_raster),
    "usbip": (USBIP_GOODS, try_usbip),
    **PAGES,
    **CODECS,
}


def run(options: Options) -> Proof:
    """Feed every case its inputs."""
    only = {name for word in options.only for name in word.split(",")} or set(CASES)
    if unknown := only - set(CASES):
        return Proof(1, 1, (f"no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}",))
    tried = failed = 0
    details = []
    for name in sorted(only):
        goods, attempt = CASES[name]
        done, failures, slowest_s = feed(goods, attempt, LONG if options.long else SHORT, name)
        tried, failed = tried + done, failed + len(failures)
        details.append(f"{name}: {done} inputs, {len(failures)} failed, slowest {slowest_s * 1000:.1f} ms")
        details.extend(f"{name}: {failure}" for failure in failures)
        if options.long and name in CODECS:
            done, failures, told = _fuzz_guided.feed(name, LONG)
            tried, failed = tried + done, failed + len(failures)
            details.append(f"{told}, {len(failures)} failed")
            details.extend(f"{name}: {failure}" for failure in failures)
    return Proof(tried, failed, tuple(details))
