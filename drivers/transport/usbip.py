"""pyusb on top of USB/IP in user space: `usb.core.find(backend=UsbIpBackend(host, port))`.

Keeps libusb's semantics: unplugged is ENODEV, a stall EPIPE, a timeout `USBTimeoutError`, a short transfer a
short count. One difference is the wire's: USB/IP does not tell how much of a transfer that timed out had
been moved.
"""

import errno
import os
from array import array
from collections.abc import Iterator
from typing import Any

from usb.backend import IBackend
from usb.core import USBError, USBTimeoutError

from drivers.errors import ProtocolError
from drivers.transport import usb_descriptors as descriptors
from drivers.transport import usbip_wire as wire
from drivers.transport.usbip_client import UrbTimeout, UsbIpConnection

_GET_DESCRIPTOR, _GET_CONFIGURATION, _SET_CONFIGURATION, _SET_INTERFACE, _CLEAR_FEATURE = 6, 8, 9, 11, 1
_CONTROL_MS = 1000
_CONFIGURATION_BYTES = 4096
_NO_SETUP = bytes(8)


class RemoteDevice:
    """A device a server exports, as pyusb holds it."""

    def __init__(self, host: str, port: int, listed: wire.ExportedDevice) -> None:
        self.host = host
        self.port = port
        self.listed = listed
        self.device: descriptors.DeviceDescriptor | None = None
        self.configurations: dict[int, descriptors.ConfigurationDescriptor] = {}

    def attach(self) -> UsbIpConnection:
        """Import it on a connection of its own."""
        try:
            connection = UsbIpConnection(self.host, self.port)
        except OSError as gone:
            raise USBError(os.strerror(errno.ENODEV), None, errno.ENODEV) from gone
        try:
            connection.attach(self.listed.bus_id)
        except (OSError, ProtocolError) as refused:
            connection.close()
            raise _translated(refused) from refused
        return connection

    def read_descriptors(self, connection: UsbIpConnection) -> descriptors.DeviceDescriptor:
        """Ask the device for its descriptors, once."""
        if self.device is not None:
            return self.device
        try:
            device = descriptors.decode_device(_get_descriptor(connection, descriptors.DEVICE, 0, 18))
            for index in range(device.bNumConfigurations):
                raw = _get_descriptor(connection, descriptors.CONFIGURATION, index, _CONFIGURATION_BYTES)
                self.configurations[index] = descriptors.decode_configuration(raw)
        except ProtocolError as nonsense:
            raise USBError(str(nonsense), None, errno.EIO) from nonsense
        device.bus, device.address, device.speed = (
            self.listed.bus_number,
            self.listed.device_number,
            self.listed.speed,
        )
        self.device = device
        return device


class UsbIpBackend(IBackend):  # type: ignore[misc]  # pyusb is untyped
    """Devices of one USB/IP server.

    Looking at a device's descriptors imports it for a moment, and an import shuts others out; so a driver
    that knows what it looks for says so.
    """

    def __init__(self, host: str, port: int, vendor_id: int | None = None, product_id: int | None = None) -> None:
        self._address = (host, port)
        self._wanted = (vendor_id, product_id)

    def enumerate_devices(self) -> Iterator[RemoteDevice]:
        """Those of the wanted model; none when there is no server."""
        try:
            connection = UsbIpConnection(*self._address)
        except OSError:
            return
        try:
            listed = connection.devices()
        except (OSError, ProtocolError):
            return
        finally:
            connection.close()
        vendor, product = self._wanted
        for device in listed:
            if vendor in (None, device.vendor_id) and product in (None, device.product_id):
                yield RemoteDevice(*self._address, device)

    def get_parent(self, dev: RemoteDevice) -> None:
        """Hubs are not told over USB/IP."""

    def get_device_descriptor(self, dev: RemoteDevice) -> descriptors.DeviceDescriptor:
        """From the device; while someone else has it, what the list tells, without a serial number."""
        if dev.device is not None:
            return dev.device
        try:
            connection = dev.attach()
        except USBError:
            return _as_listed(dev.listed)
        try:
            return dev.read_descriptors(connection)
        finally:
            connection.close()

    def get_configuration_descriptor(self, dev: RemoteDevice, config: int) -> descriptors.ConfigurationDescriptor:
        """By index. IndexError ends pyusb's loops."""
        self.get_device_descriptor(dev)
        if config not in dev.configurations:
            raise IndexError(f"no configuration {config}")
        return dev.configurations[config]

    def get_interface_descriptor(
        self, dev: RemoteDevice, intf: int, alt: int, config: int
    ) -> descriptors.InterfaceDescriptor:
        """By index, not number."""
        interfaces = self.get_configuration_descriptor(dev, config).interfaces
        return [setting for setting in interfaces if setting.bInterfaceNumber == intf][alt]

    def get_endpoint_descriptor(
        self, dev: RemoteDevice, ep: int, intf: int, alt: int, config: int
    ) -> descriptors.EndpointDescriptor:
        """By index."""
        return self.get_interface_descriptor(dev, intf, alt, config).endpoints[ep]

    def open_device(self, dev: RemoteDevice) -> UsbIpConnection:
        """Import it for as long as it is open."""
        connection = dev.attach()
        try:
            dev.read_descriptors(connection)
        except USBError:
            connection.close()
            raise
        return connection

    def close_device(self, dev_handle: UsbIpConnection) -> None:
        """Give it back."""
        dev_handle.close()

    def set_configuration(self, dev_handle: UsbIpConnection, config_value: int) -> None:
        """SET_CONFIGURATION."""
        self.ctrl_transfer(dev_handle, 0, _SET_CONFIGURATION, config_value, 0, b"", _CONTROL_MS)

    def get_configuration(self, dev_handle: UsbIpConnection) -> int:
        """GET_CONFIGURATION."""
        answer = array("B", bytes(1))
        self.ctrl_transfer(dev_handle, 0x80, _GET_CONFIGURATION, 0, 0, answer, _CONTROL_MS)
        return answer[0]

    def set_interface_altsetting(self, dev_handle: UsbIpConnection, intf: int, altsetting: int) -> None:
        """SET_INTERFACE."""
        self.ctrl_transfer(dev_handle, 1, _SET_INTERFACE, altsetting, intf, b"", _CONTROL_MS)

    def claim_interface(self, dev_handle: UsbIpConnection, intf: int) -> None:
        """An import is exclusive already."""

    def release_interface(self, dev_handle: UsbIpConnection, intf: int) -> None:
        """See claim_interface."""

    def bulk_write(self, dev_handle: UsbIpConnection, ep: int, intf: int, data: Any, timeout: int) -> int:
        """Bytes the device took, perhaps fewer than given."""
        raw = bytes(data)
        return _transfer(dev_handle, ep & 0x0F, False, len(raw), raw, _NO_SETUP, timeout).length

    def bulk_read(self, dev_handle: UsbIpConnection, ep: int, intf: int, buff: Any, timeout: int) -> int:
        """Bytes read into `buff`."""
        answer = _transfer(dev_handle, ep & 0x0F, True, len(buff), b"", _NO_SETUP, timeout)
        return _into(buff, answer.data)

    intr_write = bulk_write
    intr_read = bulk_read

    def ctrl_transfer(
        self,
        dev_handle: UsbIpConnection,
        bmRequestType: int,
        bRequest: int,
        wValue: int,
        wIndex: int,
        data: Any,
        timeout: int,
    ) -> int:
        """A control transfer; reads into `data` when the request type says so."""
        raw = bytes(data)
        inward = bool(bmRequestType & 0x80)
        setup = bytes((bmRequestType, bRequest)) + b"".join(
            number.to_bytes(2, "little") for number in (wValue, wIndex, len(raw))
        )
        answer = _transfer(dev_handle, 0, inward, len(raw), b"" if inward else raw, setup, timeout)
        return _into(data, answer.data) if inward else answer.length

    def clear_halt(self, dev_handle: UsbIpConnection, ep: int) -> None:
        """CLEAR_FEATURE(ENDPOINT_HALT)."""
        self.ctrl_transfer(dev_handle, 2, _CLEAR_FEATURE, 0, ep, b"", _CONTROL_MS)

    def is_kernel_driver_active(self, dev_handle: UsbIpConnection, intf: int) -> bool:
        """No kernel is involved."""
        return False


def _get_descriptor(connection: UsbIpConnection, kind: int, index: int, length: int) -> bytes:
    setup = bytes((0x80, _GET_DESCRIPTOR, index, kind, 0, 0)) + length.to_bytes(2, "little")
    return _transfer(connection, 0, True, length, b"", setup, _CONTROL_MS).data


def _transfer(
    connection: UsbIpConnection,
    endpoint: int,
    inward: bool,
    length: int,
    data: bytes,
    setup: bytes,
    timeout_ms: int,
) -> wire.Return:
    try:
        answer = connection.transfer(endpoint, inward, length, data, setup, timeout_ms / 1000 if timeout_ms else None)
    except (OSError, ProtocolError) as failed:
        raise _translated(failed) from failed
    if answer.status:
        code = -answer.status
        raise USBError(os.strerror(code), answer.status, code)
    return answer


def _into(buffer: Any, data: bytes) -> int:
    count = min(len(buffer), len(data))
    buffer[:count] = array("B", data[:count])
    return count


def _translated(error: OSError | ProtocolError) -> USBError:
    if isinstance(error, UrbTimeout):
        # libusb's own number for it, LIBUSB_ERROR_TIMEOUT.
        return USBTimeoutError(os.strerror(errno.ETIMEDOUT), -7, errno.ETIMEDOUT)
    code = (error.errno if isinstance(error, OSError) else errno.EIO) or errno.ENODEV
    return USBError(os.strerror(code), None, code)


def _as_listed(listed: wire.ExportedDevice) -> descriptors.DeviceDescriptor:
    return descriptors.DeviceDescriptor(
        idVendor=listed.vendor_id,
        idProduct=listed.product_id,
        bcdDevice=listed.release_bcd,
        bDeviceClass=listed.device_class,
        bDeviceSubClass=listed.device_subclass,
        bDeviceProtocol=listed.device_protocol,
        bNumConfigurations=listed.configurations,
        bus=listed.bus_number,
        address=listed.device_number,
        speed=listed.speed,
    )
