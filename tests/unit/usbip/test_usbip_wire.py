"""USB/IP messages: golden bytes, round trips, and nonsense."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import ProtocolError
from drivers.transport import usbip_wire as wire

DEVICE = wire.ExportedDevice(
    bus_id="1-1",
    bus_number=1,
    device_number=2,
    speed=wire.Speed.HIGH,
    vendor_id=0x04B8,
    product_id=0x0E15,
    release_bcd=0x0100,
    device_class=0,
    device_subclass=0,
    device_protocol=0,
    configuration=1,
    configurations=1,
    interfaces=((7, 1, 2),),
)
NUMBER = st.integers(0, 0xFFFFFFFF)
DATA = st.binary(max_size=64)
OUTWARD = st.builds(
    lambda n, d, e, data: wire.Submit(n, d, False, e, len(data), bytes(8), data),
    NUMBER,
    NUMBER,
    st.integers(0, 15),
    DATA,
)
INWARD = st.builds(
    lambda n, d, e, length, setup: wire.Submit(n, d, True, e, length, setup),
    NUMBER,
    NUMBER,
    st.integers(0, 15),
    st.integers(0, wire.MAX_TRANSFER_BYTES),
    st.binary(min_size=8, max_size=8),
)
COMMANDS = st.one_of(OUTWARD, INWARD, st.builds(wire.Unlink, NUMBER, NUMBER, NUMBER))
STATUS = st.integers(-200, 0)
ANSWERS = st.one_of(
    st.builds(lambda n, s, data: wire.Return(n, s, len(data), data), NUMBER, STATUS, DATA),
    st.builds(wire.Unlinked, NUMBER, STATUS),
)


def test_import_request_has_the_bytes_of_the_specification() -> None:
    assert wire.encode_request(wire.ImportRequest("1-1")) == bytes.fromhex("0111 8003 00000000") + b"1-1".ljust(
        32, b"\0"
    )


def test_device_list_has_the_lengths_of_the_specification() -> None:
    raw = wire.encode_list_reply((DEVICE,))
    assert raw[:12] == bytes.fromhex("0111 0005 00000000 00000001")
    # 12 bytes of head, 312 of device, 4 of interface (usbip_protocol.rst, OP_REP_DEVLIST).
    assert len(raw) == 12 + 312 + 4
    assert raw[12 + 256 : 12 + 256 + 4] == b"1-1\0"
    assert raw[12 + 300 : 12 + 304] == bytes.fromhex("04b8 0e15")


def test_bulk_out_submit_has_the_bytes_of_the_specification() -> None:
    raw = wire.encode_urb(wire.Submit(13, 0x10002, False, 1, 3, bytes(8), b"abc"))
    head = "00000001 0000000d 00010002 00000000 00000001"
    rest = "00000000 00000003 00000000 ffffffff 00000000 0000000000000000"
    assert raw == bytes.fromhex(head + rest) + b"abc"


def test_answer_to_a_write_is_not_mistaken_for_data() -> None:
    raw = wire.encode_urb(wire.Return(5, 0, 3)) + b"next"
    used, answer = wire.decode_answer(raw, inward=lambda _: False)
    assert (used, answer) == (48, wire.Return(5, 0, 3))


@given(st.lists(st.sampled_from([DEVICE, wire.ExportedDevice("1-2", 1, 3, 2, 1, 2, 3, 4, 5, 6, 1, 1)])))
def test_device_lists_are_read_as_written(devices: list[wire.ExportedDevice]) -> None:
    raw = wire.encode_list_reply(tuple(devices))
    assert wire.decode_list_reply(raw) == (len(raw), tuple(devices))


@given(COMMANDS, st.binary(max_size=8))
def test_commands_are_read_as_written_and_leave_what_follows(command: Any, after: bytes) -> None:
    raw = wire.encode_urb(command)
    assert wire.decode_command(raw + after) == (len(raw), command)


@given(ANSWERS)
def test_answers_are_read_as_written(answer: Any) -> None:
    raw = wire.encode_urb(answer)
    assert wire.decode_answer(raw, inward=lambda _: True) == (len(raw), answer)


@given(COMMANDS, st.data())
def test_a_command_cut_short_asks_for_more(command: Any, data: st.DataObject) -> None:
    raw = wire.encode_urb(command)
    cut = data.draw(st.integers(0, len(raw) - 1))
    assert wire.decode_command(raw[:cut]) == (0, None)


@given(st.binary(max_size=400))
def test_nonsense_is_refused_or_waited_out_never_a_crash(raw: bytes) -> None:
    decoders = (
        wire.decode_request,
        wire.decode_list_reply,
        wire.decode_import_reply,
        wire.decode_command,
        lambda buffer: wire.decode_answer(buffer, lambda _: True),
    )
    for decode in decoders:
        try:
            used, _ = decode(raw)
        except ProtocolError:
            continue
        assert 0 <= used <= len(raw)


@pytest.mark.parametrize("length", [wire.MAX_TRANSFER_BYTES + 1, 0x7FFFFFFF, -1])
def test_a_transfer_of_absurd_length_is_refused_before_its_data(length: int) -> None:
    raw = bytearray(wire.encode_urb(wire.Submit(1, 2, False, 1, 0)))
    raw[24:28] = length.to_bytes(4, "big", signed=True)
    with pytest.raises(ProtocolError):
        wire.decode_command(bytes(raw))


def test_a_list_of_a_billion_devices_is_refused() -> None:
    with pytest.raises(ProtocolError):
        wire.decode_list_reply(bytes.fromhex("0111 0005 00000000 3b9aca00"))


def test_another_version_is_refused() -> None:
    with pytest.raises(ProtocolError):
        wire.decode_request(bytes.fromhex("0106 8005 00000000"))
