"""USB/IP 1.1.1 messages to bytes and back; no sockets here.

Source: Linux kernel documentation, Documentation/usb/usbip_protocol.rst (protocol version 0x0111). All
numbers are big-endian. Two phases share one TCP connection: operations (list, import), then URBs of the
imported device. Isochronous transfers are not spoken.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from drivers.errors import ProtocolError

VERSION = 0x0111
BUS_ID_BYTES = 32
MAX_TRANSFER_BYTES = 1 << 20
"""Longest transfer accepted; ours are at most 4 KB, libusb splits at 16 KB on Linux."""
MAX_DEVICES = 256

_OP = struct.Struct(">HHI")
_DEVICE = struct.Struct(">256s32sIIIHHHBBBBBB")
_INTERFACE = struct.Struct(">BBBx")
_URB = struct.Struct(">IIIII")
_SUBMIT = struct.Struct(">IiiiI8s")
_RETURN = struct.Struct(">iiiii8x")
_UNLINK = struct.Struct(">I24x")
_UNLINKED = struct.Struct(">i24x")
_Interfaces = tuple[tuple[int, int, int], ...]

URB_BYTES = 48
"""Every URB header, whichever it is, is this long."""


class Operation(IntEnum):
    """Operation codes; a reply is the request's without the top bit."""

    REQUEST_LIST = 0x8005
    REPLY_LIST = 0x0005
    REQUEST_IMPORT = 0x8003
    REPLY_IMPORT = 0x0003


class UrbCode(IntEnum):
    """What a URB message is."""

    SUBMIT = 1
    UNLINK = 2
    RETURN = 3
    UNLINKED = 4


class Speed(IntEnum):
    """enum usb_device_speed of the Linux kernel."""

    LOW = 1
    FULL = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class ExportedDevice:
    """One device as a server lists it.

    Attributes:
        bus_id: Server's name for it, as "1-1".
        interfaces: (class, subclass, protocol) of each.
    """

    bus_id: str
    bus_number: int
    device_number: int
    speed: int
    vendor_id: int
    product_id: int
    release_bcd: int
    device_class: int
    device_subclass: int
    device_protocol: int
    configuration: int
    configurations: int
    interfaces: tuple[tuple[int, int, int], ...] = ()

    @property
    def device_id(self) -> int:
        """What URBs call it."""
        return self.bus_number << 16 | self.device_number


@dataclass(frozen=True, slots=True)
class ListRequest:
    """OP_REQ_DEVLIST."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """OP_REQ_IMPORT."""

    bus_id: str


@dataclass(frozen=True, slots=True)
class ImportReply:
    """OP_REP_IMPORT; `device` is None when the server refuses."""

    status: int
    device: ExportedDevice | None


@dataclass(frozen=True, slots=True)
class Submit:
    """USBIP_CMD_SUBMIT.

    Attributes:
        endpoint: Number without the direction bit.
        length: Bytes wanted (in) or carried (out).
        setup: Eight bytes on endpoint 0, else zeros.
        data: What goes out; empty for in.
    """

    sequence: int
    device_id: int
    inward: bool
    endpoint: int
    length: int
    setup: bytes = bytes(8)
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Unlink:
    """USBIP_CMD_UNLINK: take back the submit numbered `target`."""

    sequence: int
    device_id: int
    target: int


@dataclass(frozen=True, slots=True)
class Return:
    """USBIP_RET_SUBMIT. `status` is 0 or a negative Linux errno; `length` is what was moved."""

    sequence: int
    status: int
    length: int
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Unlinked:
    """USBIP_RET_UNLINK. Status -ECONNRESET: the submit was taken back and will not be answered; 0: too
    late.
    """

    sequence: int
    status: int


def encode_request(message: ListRequest | ImportRequest) -> bytes:
    """Bytes of an operation a client sends."""
    if isinstance(message, ListRequest):
        return _OP.pack(VERSION, Operation.REQUEST_LIST, 0)
    return _OP.pack(VERSION, Operation.REQUEST_IMPORT, 0) + _bus_id(message.bus_id)


def decode_request(buffer: bytes) -> tuple[int, ListRequest | ImportRequest | None]:
    """Read one operation; (0, None) when more bytes are needed.

    Raises:
        ProtocolError: Not USB/IP 1.1.1.
    """
    if len(buffer) < _OP.size:
        return 0, None
    code = _operation(buffer)
    if code == Operation.REQUEST_LIST:
        return _OP.size, ListRequest()
    if code == Operation.REQUEST_IMPORT:
        end = _OP.size + BUS_ID_BYTES
        if len(buffer) < end:
            return 0, None
        return end, ImportRequest(_text(buffer[_OP.size : end]))
    raise ProtocolError(f"USB/IP operation {code:#06x} is not a request")


def encode_list_reply(devices: tuple[ExportedDevice, ...]) -> bytes:
    """Bytes of OP_REP_DEVLIST."""
    parts = [_OP.pack(VERSION, Operation.REPLY_LIST, 0), struct.pack(">I", len(devices))]
    for device in devices:
        parts.append(_device(device))
        parts.extend(_INTERFACE.pack(*interface) for interface in device.interfaces)
    return b"".join(parts)


def decode_list_reply(buffer: bytes) -> tuple[int, tuple[ExportedDevice, ...] | None]:
    """Read OP_REP_DEVLIST; (0, None) when more bytes are needed.

    Raises:
        ProtocolError: Not a list.
    """
    if len(buffer) < _OP.size + 4:
        return 0, None
    if (code := _operation(buffer)) != Operation.REPLY_LIST:
        raise ProtocolError(f"USB/IP operation {code:#06x} instead of the device list")
    (count,) = struct.unpack_from(">I", buffer, _OP.size)
    if count > MAX_DEVICES:
        raise ProtocolError(f"a USB/IP list of {count} devices")
    at = _OP.size + 4
    devices = []
    for _ in range(count):
        if len(buffer) < at + _DEVICE.size:
            return 0, None
        interfaces_at = at + _DEVICE.size
        interface_count = buffer[interfaces_at - 1]
        at = interfaces_at + interface_count * _INTERFACE.size
        if len(buffer) < at:
            return 0, None
        starts = range(interfaces_at, at, _INTERFACE.size)
        interfaces = tuple(_INTERFACE.unpack_from(buffer, start) for start in starts)
        devices.append(_parse_device(buffer[interfaces_at - _DEVICE.size : interfaces_at], interfaces))
    return at, tuple(devices)


def encode_import_reply(message: ImportReply) -> bytes:
    """Bytes of OP_REP_IMPORT."""
    head = _OP.pack(VERSION, Operation.REPLY_IMPORT, message.status)
    return head if message.device is None else head + _device(message.device)


def decode_import_reply(buffer: bytes) -> tuple[int, ImportReply | None]:
    """Read OP_REP_IMPORT; (0, None) when more bytes are needed.

    Raises:
        ProtocolError: Not an import reply.
    """
    if len(buffer) < _OP.size:
        return 0, None
    if (code := _operation(buffer)) != Operation.REPLY_IMPORT:
        raise ProtocolError(f"USB/IP operation {code:#06x} instead of the import reply")
    status = _OP.unpack_from(buffer)[2]
    if status:
        return _OP.size, ImportReply(status, None)
    end = _OP.size + _DEVICE.size
    if len(buffer) < end:
        return 0, None
    return end, ImportReply(0, _parse_device(buffer[_OP.size : end], ()))


def encode_urb(message: Submit | Unlink | Return | Unlinked) -> bytes:
    """Bytes of one URB message."""
    match message:
        case Submit():
            return (
                _URB.pack(UrbCode.SUBMIT, message.sequence, message.device_id, message.inward, message.endpoint)
                + _SUBMIT.pack(0, message.length, 0, -1, 0, message.setup)
                + message.data
            )
        case Unlink():
            head = _URB.pack(UrbCode.UNLINK, message.sequence, message.device_id, 0, 0)
            return head + _UNLINK.pack(message.target)
        case Return():
            head = _URB.pack(UrbCode.RETURN, message.sequence, 0, 0, 0)
            return head + _RETURN.pack(message.status, message.length, 0, -1, 0) + message.data
        case Unlinked():
            return _URB.pack(UrbCode.UNLINKED, message.sequence, 0, 0, 0) + _UNLINKED.pack(message.status)


def decode_command(buffer: bytes) -> tuple[int, Submit | Unlink | None]:
    """Read what a client sends about its device; (0, None) when more bytes are needed.

    Raises:
        ProtocolError: An unknown code, an isochronous or an oversized transfer.
    """
    if len(buffer) < URB_BYTES:
        return 0, None
    code, sequence, device_id, direction, endpoint = _URB.unpack_from(buffer)
    if code == UrbCode.UNLINK:
        return URB_BYTES, Unlink(sequence, device_id, _UNLINK.unpack_from(buffer, _URB.size)[0])
    if code != UrbCode.SUBMIT:
        raise ProtocolError(f"USB/IP message {code:#x} is not a command")
    _, length, _, packets, _, setup = _SUBMIT.unpack_from(buffer, _URB.size)
    if direction > 1 or endpoint > 15:
        raise ProtocolError(f"USB/IP submit to endpoint {endpoint}, direction {direction}")
    if packets not in (-1, 0):
        raise ProtocolError("isochronous transfers are not spoken")
    _check_length(length)
    end = URB_BYTES + (0 if direction else length)
    if len(buffer) < end:
        return 0, None
    return end, Submit(sequence, device_id, bool(direction), endpoint, length, setup, bytes(buffer[URB_BYTES:end]))


def decode_answer(buffer: bytes, inward: Callable[[int], bool]) -> tuple[int, Return | Unlinked | None]:
    """Read what a server answers; (0, None) when more bytes are needed.

    Args:
        inward: Whether the submit with this sequence number asked for data: the answer itself does not tell.

    Raises:
        ProtocolError: An unknown code or an oversized transfer.
    """
    if len(buffer) < URB_BYTES:
        return 0, None
    code, sequence, *_ = _URB.unpack_from(buffer)
    if code == UrbCode.UNLINKED:
        return URB_BYTES, Unlinked(sequence, _UNLINKED.unpack_from(buffer, _URB.size)[0])
    if code != UrbCode.RETURN:
        raise ProtocolError(f"USB/IP message {code:#x} is not an answer")
    status, length, *_ = _RETURN.unpack_from(buffer, _URB.size)
    _check_length(length)
    end = URB_BYTES + (length if inward(sequence) else 0)
    if len(buffer) < end:
        return 0, None
    return end, Return(sequence, status, length, bytes(buffer[URB_BYTES:end]))


def _operation(buffer: bytes) -> int:
    version, code, _ = _OP.unpack_from(buffer)
    if version != VERSION:
        raise ProtocolError(f"USB/IP version {version:#06x}, not {VERSION:#06x}")
    return int(code)


def _check_length(length: int) -> None:
    if not 0 <= length <= MAX_TRANSFER_BYTES:
        raise ProtocolError(f"a USB/IP transfer of {length} bytes")


def _bus_id(text: str) -> bytes:
    raw = text.encode("ascii")
    if len(raw) >= BUS_ID_BYTES:
        raise ValueError(f"bus id longer than {BUS_ID_BYTES - 1} bytes")
    return raw.ljust(BUS_ID_BYTES, b"\0")


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("ascii", "replace")


def _device(device: ExportedDevice) -> bytes:
    return _DEVICE.pack(
        f"/adm/{device.bus_id}".encode("ascii"),
        _bus_id(device.bus_id),
        device.bus_number,
        device.device_number,
        device.speed,
        device.vendor_id,
        device.product_id,
        device.release_bcd,
        device.device_class,
        device.device_subclass,
        device.device_protocol,
        device.configuration,
        device.configurations,
        len(device.interfaces),
    )


def _parse_device(raw: bytes, interfaces: _Interfaces) -> ExportedDevice:
    _, bus_id, *numbers, _ = _DEVICE.unpack(raw)
    fields: tuple[int, int, int, int, int, int, int, int, int, int, int] = tuple(numbers)
    return ExportedDevice(_text(bus_id), *fields, interfaces)
