"""USB descriptors to bytes and back (USB 2.0 specification, section 9.6); no I/O here.

Field names are the specification's, as pyusb wants them.
"""

import struct
from dataclasses import dataclass, field

from drivers.errors import ProtocolError

DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT = 1, 2, 3, 4, 5
_DEVICE = struct.Struct("<BBHBBBBHHHBBBB")
_CONFIGURATION = struct.Struct("<BBHBBBBB")
_INTERFACE = struct.Struct("<BBBBBBBBB")
_ENDPOINT = struct.Struct("<BBBBHB")
ENGLISH_US = 0x0409


@dataclass(slots=True)
class EndpointDescriptor:
    """One endpoint; bit 7 of the address means towards the host."""

    bEndpointAddress: int
    bmAttributes: int = 2
    wMaxPacketSize: int = 512
    bInterval: int = 0
    bLength: int = _ENDPOINT.size
    bDescriptorType: int = ENDPOINT
    bRefresh: int = 0
    bSynchAddress: int = 0
    extra_descriptors: list[int] = field(default_factory=list)


@dataclass(slots=True)
class InterfaceDescriptor:
    """One setting of one interface, with its endpoints."""

    bInterfaceNumber: int
    bAlternateSetting: int
    bInterfaceClass: int
    bInterfaceSubClass: int
    bInterfaceProtocol: int
    endpoints: list[EndpointDescriptor]
    iInterface: int = 0
    bLength: int = _INTERFACE.size
    bDescriptorType: int = INTERFACE
    extra_descriptors: list[int] = field(default_factory=list)

    @property
    def bNumEndpoints(self) -> int:
        """How many endpoints besides the control endpoint."""
        return len(self.endpoints)


@dataclass(slots=True)
class ConfigurationDescriptor:
    """A configuration with all its interfaces."""

    interfaces: list[InterfaceDescriptor]
    bConfigurationValue: int = 1
    iConfiguration: int = 0
    bmAttributes: int = 0xC0
    bMaxPower: int = 1
    wTotalLength: int = 0
    bLength: int = _CONFIGURATION.size
    bDescriptorType: int = CONFIGURATION
    extra_descriptors: list[int] = field(default_factory=list)

    @property
    def bNumInterfaces(self) -> int:
        """How many interfaces, alternate settings not counted."""
        return len({interface.bInterfaceNumber for interface in self.interfaces})


@dataclass(slots=True)
class DeviceDescriptor:
    """The device itself. `bus`, `address` and the ports are the host's, not the wire's."""

    idVendor: int
    idProduct: int
    bcdDevice: int = 0x0100
    iManufacturer: int = 0
    iProduct: int = 0
    iSerialNumber: int = 0
    bDeviceClass: int = 0
    bDeviceSubClass: int = 0
    bDeviceProtocol: int = 0
    bNumConfigurations: int = 1
    bcdUSB: int = 0x0200
    bMaxPacketSize0: int = 64
    bLength: int = _DEVICE.size
    bDescriptorType: int = DEVICE
    bus: int | None = None
    address: int | None = None
    port_number: int | None = None
    port_numbers: tuple[int, ...] | None = None
    speed: int | None = None


def encode_device(device: DeviceDescriptor) -> bytes:
    """The 18 bytes of a device descriptor."""
    return _DEVICE.pack(
        _DEVICE.size,
        DEVICE,
        device.bcdUSB,
        device.bDeviceClass,
        device.bDeviceSubClass,
        device.bDeviceProtocol,
        device.bMaxPacketSize0,
        device.idVendor,
        device.idProduct,
        device.bcdDevice,
        device.iManufacturer,
        device.iProduct,
        device.iSerialNumber,
        device.bNumConfigurations,
    )


def decode_device(raw: bytes) -> DeviceDescriptor:
    """Read a device descriptor.

    Raises:
        ProtocolError: Too short, or something else.
    """
    if len(raw) < _DEVICE.size or raw[1] != DEVICE:
        raise ProtocolError("not a device descriptor")
    (_, _, usb, cls, sub, proto, packet, vendor, product, release, maker, name, serial, configurations) = (
        _DEVICE.unpack_from(raw)
    )
    return DeviceDescriptor(
        idVendor=vendor,
        idProduct=product,
        bcdDevice=release,
        iManufacturer=maker,
        iProduct=name,
        iSerialNumber=serial,
        bDeviceClass=cls,
        bDeviceSubClass=sub,
        bDeviceProtocol=proto,
        bNumConfigurations=configurations,
        bcdUSB=usb,
        bMaxPacketSize0=packet,
    )


def encode_configuration(configuration: ConfigurationDescriptor) -> bytes:
    """A configuration descriptor with everything that follows it."""
    body = b""
    for interface in configuration.interfaces:
        body += _INTERFACE.pack(
            _INTERFACE.size,
            INTERFACE,
            interface.bInterfaceNumber,
            interface.bAlternateSetting,
            interface.bNumEndpoints,
            interface.bInterfaceClass,
            interface.bInterfaceSubClass,
            interface.bInterfaceProtocol,
            interface.iInterface,
        )
        for endpoint in interface.endpoints:
            body += _ENDPOINT.pack(
                _ENDPOINT.size,
                ENDPOINT,
                endpoint.bEndpointAddress,
                endpoint.bmAttributes,
                endpoint.wMaxPacketSize,
                endpoint.bInterval,
            )
    head = _CONFIGURATION.pack(
        _CONFIGURATION.size,
        CONFIGURATION,
        _CONFIGURATION.size + len(body),
        configuration.bNumInterfaces,
        configuration.bConfigurationValue,
        configuration.iConfiguration,
        configuration.bmAttributes,
        configuration.bMaxPower,
    )
    return head + body


def decode_configuration(raw: bytes) -> ConfigurationDescriptor:
    """Read a configuration descriptor with its interfaces and endpoints; others inside are skipped.

    Raises:
        ProtocolError: Cut short, or descriptors in an impossible order.
    """
    if len(raw) < _CONFIGURATION.size or raw[1] != CONFIGURATION:
        raise ProtocolError("not a configuration descriptor")
    _, _, total, _, value, name, attributes, power = _CONFIGURATION.unpack_from(raw)
    if total > len(raw):
        raise ProtocolError("configuration descriptor cut short")
    configuration = ConfigurationDescriptor([], value, name, attributes, power, total)
    at = raw[0]
    while at < total:
        length = raw[at]
        if length < 2 or at + length > total:
            raise ProtocolError("descriptor of impossible length")
        kind = raw[at + 1]
        if kind == INTERFACE and length >= _INTERFACE.size:
            _, _, number, setting, _, cls, sub, proto, text = _INTERFACE.unpack_from(raw, at)
            interface = InterfaceDescriptor(number, setting, cls, sub, proto, [], text)
            configuration.interfaces.append(interface)
        elif kind == ENDPOINT and length >= _ENDPOINT.size:
            if not configuration.interfaces:
                raise ProtocolError("an endpoint before any interface")
            _, _, address, kind_bits, packet, interval = _ENDPOINT.unpack_from(raw, at)
            endpoint = EndpointDescriptor(address, kind_bits, packet, interval)
            configuration.interfaces[-1].endpoints.append(endpoint)
        at += length
    return configuration


def encode_string(text: str) -> bytes:
    """A string descriptor, UTF-16LE."""
    raw = text.encode("utf-16-le")
    return bytes((len(raw) + 2, STRING)) + raw


def encode_languages() -> bytes:
    """String descriptor zero: US English only."""
    return struct.pack("<BBH", 4, STRING, ENGLISH_US)
