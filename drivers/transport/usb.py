"""A pair of bulk endpoints of one USB device; the only file that turns pyusb's errors into ours.

The backend is a matter of configuration: "libusb" for hardware, "usbip:HOST:PORT" for a USB/IP server
reached from user space. Nothing above can tell which.
"""

import errno
from dataclasses import dataclass
from typing import Any

import usb.core
import usb.util

from drivers.deadline import Deadline
from drivers.errors import DeadlineExceeded, Disconnected, DriverError, NotFound, ProtocolError
from drivers.facts import tidy

CHUNK_BYTES = 4096
"""Longest single transfer unless asked otherwise: usblp's size, and what small printers can hold."""
LIBUSB = "libusb"
_MIN_MS = 1


@dataclass(frozen=True, slots=True)
class UsbAddress:
    """Which device.

    Attributes:
        serial: Serial number string; None takes the first of the model.
        interface_class: bInterfaceClass wanted: 7 is a printer, 255 vendor-specific.
        backend: "libusb" or "usbip:HOST:PORT".
    """

    vendor_id: int
    product_id: int
    serial: str | None
    interface_class: int
    backend: str = LIBUSB

    def __str__(self) -> str:
        serial = f" serial {self.serial}" if self.serial else ""
        return f"USB {self.vendor_id:04x}:{self.product_id:04x}{serial}"


def facts_of(channel: object) -> dict[str, str]:
    """The descriptors' facts of an open device; of another wire, as a recording, nothing."""
    return channel.facts() if isinstance(channel, UsbChannel) else {}


def parse_backend(text: str) -> tuple[str, int] | None:
    """Host and port of a USB/IP server, None for libusb.

    Raises:
        ValueError: Neither.
    """
    if text == LIBUSB:
        return None
    kind, _, rest = text.partition(":")
    host, _, port = rest.rpartition(":")
    if kind != "usbip" or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is neither 'libusb' nor 'usbip:HOST:PORT'")
    return host, int(port)


class UsbChannel:
    """An open device. One thread at a time."""

    def __init__(self, address: UsbAddress, device: Any, endpoint_in: int, endpoint_out: int) -> None:
        self._address = address
        self._device = device
        self._in = endpoint_in
        self._out = endpoint_out

    @classmethod
    def open(cls, address: UsbAddress) -> "UsbChannel":
        """Find, verify and claim the device.

        Raises:
            NotFound: Not plugged in, another serial number, in use, or no permission; the message says which.
            ProtocolError: It has no such interface with bulk endpoints both ways.
        """
        backend = _backend(address)
        refusal = f"no {address}"
        for device in usb.core.find(
            find_all=True, backend=backend, idVendor=address.vendor_id, idProduct=address.product_id
        ):
            try:
                if address.serial is not None and _serial(device) != address.serial:
                    usb.util.dispose_resources(device)
                    continue
                return cls(address, device, *_claim(device, address.interface_class))
            except usb.core.USBError as failed:
                usb.util.dispose_resources(device)
                refusal = f"{address}: {_why(failed)}"
        raise NotFound(refusal)

    def write(self, data: bytes, deadline: Deadline, chunk_bytes: int = CHUNK_BYTES) -> None:
        """Send all of it, in chunks, counting.

        Args:
            chunk_bytes: Longest single transfer; more than the default is for devices with memory for a
            whole page.

        Raises:
            DeadlineExceeded: The device stopped taking data; some of it may have been taken.
            Disconnected: It went away.
        """
        for start in range(0, len(data), chunk_bytes):
            chunk = data[start : start + chunk_bytes]
            deadline.check(f"room for more data in {self._address}")
            try:
                count = self._device.write(self._out, chunk, timeout=_ms(deadline))
            except usb.core.USBError as failed:
                raise self._error(failed, self._out) from failed
            if count != len(chunk):
                raise DeadlineExceeded(f"{self._address} took {start + count} of {len(data)} bytes")

    def read(self, deadline: Deadline, at_most: int = 512) -> bytes:
        """What the device says next, at least one byte.

        Raises:
            DeadlineExceeded: It said nothing.
            Disconnected: It went away.
        """
        while True:
            deadline.check(f"answer from {self._address}")
            try:
                data = bytes(self._device.read(self._in, at_most, timeout=_ms(deadline)))
            except usb.core.USBError as failed:
                raise self._error(failed, self._in) from failed
            if data:
                return data

    def facts(self) -> dict[str, str]:
        """What its descriptors say: manufacturer, product and serial strings, and bcdDevice as its firmware."""
        device = self._device
        try:
            release = f"{device.bcdDevice >> 8:x}.{device.bcdDevice & 0xFF:02x}"
            return tidy(maker=device.manufacturer, model=device.product, serial=device.serial_number, firmware=release)
        except (ValueError, usb.core.USBError):
            # Without strings, or gone meanwhile: pyusb's two ways to say that it does not tell.
            return {}

    def close(self) -> None:
        """Let go of the device; may be called twice."""
        usb.util.dispose_resources(self._device)

    def _error(self, failed: Any, endpoint: int) -> DriverError:
        if isinstance(failed, usb.core.USBTimeoutError) or failed.errno == errno.ETIMEDOUT:
            return DeadlineExceeded(f"{self._address} did not answer in time")
        if failed.errno == errno.EPIPE:
            try:
                self._device.clear_halt(endpoint)
            except usb.core.USBError:
                return Disconnected(f"{self._address} stalled and cannot be reset")
            return ProtocolError(f"{self._address} stalled endpoint {endpoint:#04x}")
        return Disconnected(f"{self._address}: {_why(failed)}")


def _backend(address: UsbAddress) -> Any:
    server = parse_backend(address.backend)
    if server is not None:
        from drivers.transport.usbip import UsbIpBackend

        return UsbIpBackend(*server, address.vendor_id, address.product_id)
    import usb.backend.libusb1

    backend = usb.backend.libusb1.get_backend()
    if backend is None:
        raise NotFound("libusb-1.0 is not installed")
    return backend


def _serial(device: Any) -> str | None:
    try:
        serial: str | None = device.serial_number
    except ValueError:  # pyusb's word for "has no strings".
        return None
    return serial


def _claim(device: Any, interface_class: int) -> tuple[int, int]:
    """Take the interface; gives its bulk endpoints in and out."""
    try:
        configuration = device.get_active_configuration()
    except usb.core.USBError as failed:
        if failed.errno is not None:
            raise
        # pyusb's "Configuration not set", which has no number.
        device.set_configuration()
        configuration = device.get_active_configuration()
    for interface in configuration:
        if interface.bInterfaceClass != interface_class:
            continue
        bulk = {
            usb.util.endpoint_direction(endpoint.bEndpointAddress): endpoint.bEndpointAddress
            for endpoint in interface
            if usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        }
        if len(bulk) == 2:
            number = interface.bInterfaceNumber
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
            usb.util.claim_interface(device, number)
            return bulk[usb.util.ENDPOINT_IN], bulk[usb.util.ENDPOINT_OUT]
    usb.util.dispose_resources(device)
    raise ProtocolError(f"no interface of class {interface_class} with bulk endpoints both ways")


def _ms(deadline: Deadline) -> int:
    return max(_MIN_MS, int(deadline.remaining_s * 1000))


def _why(failed: Any) -> str:
    words = {
        errno.ENODEV: "unplugged",
        errno.EBUSY: "in use by another program",
        errno.EACCES: "no permission",
    }
    return words.get(failed.errno, failed.strerror or "failed")
