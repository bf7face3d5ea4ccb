"""What a virtual USB device is made of: descriptors, and functions that move data."""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from drivers.transport import usb_descriptors as descriptors
from drivers.transport.usbip_wire import ExportedDevice, Speed


class Stall(Exception):
    """The endpoint answers STALL."""

    errno = errno.EPIPE


@dataclass(frozen=True, slots=True)
class Setup:
    """The eight bytes that begin a control transfer (USB 2.0 section 9.3)."""

    request_type: int
    request: int
    value: int
    index: int
    length: int

    @classmethod
    def parse(cls, raw: bytes) -> "Setup":
        """Read them."""
        return cls(raw[0], raw[1], *(int.from_bytes(raw[i : i + 2], "little") for i in (2, 4, 6)))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device says it is."""

    vendor_id: int
    product_id: int
    manufacturer: str
    product: str
    serial: str
    interface: tuple[int, int, int]
    """Class, subclass, protocol."""


class UsbFunction(Protocol):
    """What a device does; one call an endpoint at a time. Waiting is how a device says NAK."""

    identity: Identity

    async def receive(self, data: bytes) -> int:
        """Take bytes of the bulk out endpoint; gives how many. Raises Stall."""

    async def transmit(self, at_most: int) -> bytes:
        """Bytes for the bulk in endpoint; after its last await nothing may be lost. Raises Stall."""

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """A class or vendor request. Raises Stall when unknown."""


ENDPOINT_OUT, ENDPOINT_IN = 0x01, 0x82


class ControlEndpoint:
    """Endpoint 0: the standard requests of USB 2.0 section 9.4, over a function's own."""

    def __init__(self, function: UsbFunction) -> None:
        self._function = function
        identity = function.identity
        self.device = descriptors.DeviceDescriptor(
            idVendor=identity.vendor_id,
            idProduct=identity.product_id,
            iManufacturer=1,
            iProduct=2,
            iSerialNumber=3,
        )
        endpoints = [descriptors.EndpointDescriptor(address) for address in (ENDPOINT_OUT, ENDPOINT_IN)]
        interface = descriptors.InterfaceDescriptor(0, 0, *identity.interface, endpoints)
        self._configuration = descriptors.encode_configuration(descriptors.ConfigurationDescriptor([interface]))
        self._strings: Sequence[bytes] = (
            descriptors.encode_languages(),
            *(descriptors.encode_string(text) for text in (identity.manufacturer, identity.product, identity.serial)),
        )

    def exported(self, bus_number: int, device_number: int) -> ExportedDevice:
        """How the server lists it."""
        identity = self._function.identity
        return ExportedDevice(
            bus_id=f"{bus_number}-{device_number}",
            bus_number=bus_number,
            device_number=device_number,
            speed=Speed.HIGH,
            vendor_id=identity.vendor_id,
            product_id=identity.product_id,
            release_bcd=self.device.bcdDevice,
            device_class=0,
            device_subclass=0,
            device_protocol=0,
            configuration=1,
            configurations=1,
            interfaces=(identity.interface,),
        )

    async def transfer(self, setup: Setup, data: bytes) -> bytes:
        """One control transfer; raises Stall when the request is not known."""
        if setup.request_type & 0x60:
            return (await self._function.control(setup, data))[: setup.length]
        return self._standard(setup)[: setup.length]

    def _standard(self, setup: Setup) -> bytes:
        match setup.request_type, setup.request:
            case 0x80, 6:
                return self._descriptor(setup.value >> 8, setup.value & 0xFF)
            case ((0x80 | 0x81 | 0x82), 0):
                return bytes(2)
            case 0x80, 8:
                return b"\x01"
            case 0x81, 10:
                return b"\x00"
            case (0, 5 | 9) | (1, 11) | (0 | 1 | 2, 1 | 3):
                return b""
        raise Stall

    def _descriptor(self, kind: int, index: int) -> bytes:
        if kind == descriptors.DEVICE:
            return descriptors.encode_device(self.device)
        if kind == descriptors.CONFIGURATION and index == 0:
            return self._configuration
        if kind == descriptors.STRING and index < len(self._strings):
            return self._strings[index]
        raise Stall
