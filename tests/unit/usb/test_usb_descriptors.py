"""USB descriptors: golden bytes, round trips, and nonsense."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import ProtocolError
from drivers.transport import usb_descriptors as usb

PRINTER = usb.ConfigurationDescriptor(
    [usb.InterfaceDescriptor(0, 0, 7, 1, 2, [usb.EndpointDescriptor(0x01), usb.EndpointDescriptor(0x82)])]
)


def test_device_descriptor_has_the_bytes_of_the_specification() -> None:
    raw = usb.encode_device(usb.DeviceDescriptor(0x04B8, 0x0E15, 0x0100, 1, 2, 3))
    assert raw == bytes.fromhex("12 01 0002 00 00 00 40 b804 150e 0001 01 02 03 01")


def test_configuration_descriptor_has_the_bytes_of_the_specification() -> None:
    head, interface = "09 02 2000 01 01 00 c0 01", "09 04 00 00 02 07 01 02 00"
    endpoints = "07 05 01 02 0002 00  07 05 82 02 0002 00"
    assert usb.encode_configuration(PRINTER) == bytes.fromhex(head + interface + endpoints)


def test_configuration_is_read_as_written() -> None:
    read = usb.decode_configuration(usb.encode_configuration(PRINTER))
    assert [endpoint.bEndpointAddress for endpoint in read.interfaces[0].endpoints] == [0x01, 0x82]
    assert (read.wTotalLength, read.bNumInterfaces, read.interfaces[0].bInterfaceClass) == (32, 1, 7)


def test_descriptors_of_other_kinds_inside_are_skipped() -> None:
    raw = bytearray(usb.encode_configuration(PRINTER))
    raw[18:18] = bytes.fromhex("05 24 00 10 01")
    raw[2] += 5
    assert len(usb.decode_configuration(bytes(raw)).interfaces[0].endpoints) == 2


@given(st.builds(usb.DeviceDescriptor, *[st.integers(0, 0xFFFF)] * 3, *[st.integers(0, 255)] * 3))
def test_device_descriptors_are_read_as_written(device: usb.DeviceDescriptor) -> None:
    assert usb.decode_device(usb.encode_device(device)) == device


@given(st.binary(max_size=80))
def test_nonsense_is_refused_never_a_crash(raw: bytes) -> None:
    for decode in (usb.decode_device, usb.decode_configuration):
        with pytest.raises(ProtocolError):
            decode(b"\x09\x07" + raw)


@given(st.binary(max_size=60))
def test_a_garbled_configuration_is_refused_or_read(body: bytes) -> None:
    raw = bytes((9, 2)) + (9 + len(body)).to_bytes(2, "little") + bytes((1, 1, 0, 0, 0)) + body
    try:
        read = usb.decode_configuration(raw)
    except ProtocolError:
        return
    assert len(read.interfaces) * 9 <= len(raw)


def test_a_descriptor_of_length_zero_does_not_hang() -> None:
    with pytest.raises(ProtocolError):
        usb.decode_configuration(bytes.fromhex("09 02 0b00 01 01 00 00 00 00 00"))
