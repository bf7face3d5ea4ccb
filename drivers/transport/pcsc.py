"""PC/SC through pcscd: the only module that imports pyscard. Thin on purpose: contexts, events, transmit.

pyscard's `smartcard.scard` is used, not its monitors: those share one context per process, and their threads
end when pcscd restarts.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from smartcard import scard

from drivers.errors import DriverError
from drivers.facts import tidy

PNP_NOTIFICATION = "\\\\?PnP?\\Notification"
"""Reader name under which pcscd tells that readers came or went (pcsc-lite SCardGetStatusChange)."""

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"

_MIN_APDU_BYTES = 4
_EVENT_COUNTER_SHIFT = 16

# Codes that callers tell apart; pcsclite.h.
NO_SMARTCARD = scard.SCARD_E_NO_SMARTCARD & 0xFFFFFFFF
REMOVED = scard.SCARD_W_REMOVED_CARD & 0xFFFFFFFF
RESET = scard.SCARD_W_RESET_CARD & 0xFFFFFFFF
UNRESPONSIVE = scard.SCARD_W_UNRESPONSIVE_CARD & 0xFFFFFFFF
UNPOWERED = scard.SCARD_W_UNPOWERED_CARD & 0xFFFFFFFF
SHARING_VIOLATION = scard.SCARD_E_SHARING_VIOLATION & 0xFFFFFFFF
UNKNOWN_READER = scard.SCARD_E_UNKNOWN_READER & 0xFFFFFFFF
READER_UNAVAILABLE = scard.SCARD_E_READER_UNAVAILABLE & 0xFFFFFFFF
NO_READERS = scard.SCARD_E_NO_READERS_AVAILABLE & 0xFFFFFFFF
NO_SERVICE = scard.SCARD_E_NO_SERVICE & 0xFFFFFFFF
SERVICE_STOPPED = scard.SCARD_E_SERVICE_STOPPED & 0xFFFFFFFF
NOT_TRANSACTED = scard.SCARD_E_NOT_TRANSACTED & 0xFFFFFFFF
_TIMEOUT = scard.SCARD_E_TIMEOUT & 0xFFFFFFFF
_CANCELLED = scard.SCARD_E_CANCELLED & 0xFFFFFFFF


class PcscError(DriverError):
    """pcscd or a reader refused.

    Attributes:
        code: The PC/SC result, as 0x80100016.
    """

    def __init__(self, what: str, code: int) -> None:
        super().__init__(f"{what}: 0x{code:08X}")
        self.code = code


def _check(what: str, code: int) -> None:
    if code & 0xFFFFFFFF != scard.SCARD_S_SUCCESS:
        raise PcscError(what, code & 0xFFFFFFFF)


_socket_lock = threading.Lock()


def use_socket(path: str | None) -> None:
    """Name pcscd's socket; None is the system's own.

    libpcsclite remembers the name it first used for the life of the process, so every driver of a process names
    the same one.

    Raises:
        DriverError: This process already talks to another pcscd.
    """
    if path is None:
        return
    with _socket_lock:
        known = os.environ.get(SOCKET_VARIABLE)
        if known not in (None, path):
            raise DriverError("this process already talks to another pcscd")
        os.environ[SOCKET_VARIABLE] = path


@dataclass(frozen=True, slots=True)
class ReaderEvent:
    """What pcscd says about one reader.

    Attributes:
        reader: Its name.
        state: SCARD_STATE_* bits and, above them, the event counter, as pcscd gives them.
        atr: Answer to reset; empty without a card.
    """

    reader: str
    state: int
    atr: bytes

    @property
    def known(self) -> bool:
        """Whether pcscd still has this reader and can use it."""
        gone = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE
        return not self.state & gone

    @property
    def present(self) -> bool:
        """Whether a card lies there."""
        return bool(self.state & scard.SCARD_STATE_PRESENT)

    @property
    def mute(self) -> bool:
        """Whether the card there does not answer to reset."""
        return bool(self.state & scard.SCARD_STATE_MUTE)

    @property
    def counter(self) -> int:
        """Insertions and removals since the reader came, modulo 65,536."""
        return (self.state >> _EVENT_COUNTER_SHIFT) & 0xFFFF

    @property
    def seen(self) -> int:
        """The state to give to `Context.events` to hear only of later changes."""
        return self.state & ~int(scard.SCARD_STATE_CHANGED)


class Context:
    """One connection to pcscd. Used by one thread; `cancel` may come from any."""

    def __init__(self) -> None:
        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        _check("connect to pcscd", code)

    def __enter__(self) -> "Context":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """End it. A context whose pcscd died answers with an error that says nothing new."""
        scard.SCardReleaseContext(self._context)

    def cancel(self) -> None:
        """End a running `events` of another thread."""
        scard.SCardCancel(self._context)

    def readers(self) -> tuple[str, ...]:
        """Names of all readers.

        Raises:
            PcscError: pcscd is gone.
        """
        code, names = scard.SCardListReaders(self._context, [])
        if code & 0xFFFFFFFF == NO_READERS:
            return ()
        _check("list readers", code)
        return tuple(names)

    def events(self, timeout_ms: int, known: Sequence[tuple[str, int]]) -> tuple[ReaderEvent, ...] | None:
        """Wait until a reader is not as it was known to be.

        Args:
            timeout_ms: Longest wait.
            known: Reader name and its `ReaderEvent.seen`, 0 for "tell me at once".

        Returns:
            The state of each, or None at the timeout or when cancelled.

        Raises:
            PcscError: pcscd is gone, or a reader's name is.
        """
        code, states = scard.SCardGetStatusChange(self._context, timeout_ms, list(known))
        if code & 0xFFFFFFFF in (_TIMEOUT, _CANCELLED):
            return None
        _check("wait for events", code)
        return tuple(ReaderEvent(name, state, bytes(atr)) for name, state, atr in states)

    def connect(self, reader: str, *, exclusive: bool) -> "Connection":
        """Power the card in this reader.

        Raises:
            PcscError: There is none, it does not answer, or another program holds it.
        """
        mode = scard.SCARD_SHARE_EXCLUSIVE if exclusive else scard.SCARD_SHARE_SHARED
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, handle, protocol = scard.SCardConnect(self._context, reader, mode, protocols)
        _check("connect to card", code)
        return Connection(handle, protocol)

    def connect_direct(self, reader: str) -> "Connection":
        """Reach the reader itself, for vendor escapes, whether or not a card lies there.

        Raises:
            PcscError: It is gone, or another program holds it.
        """
        code, handle, protocol = scard.SCardConnect(self._context, reader, scard.SCARD_SHARE_DIRECT, 0)
        _check("connect to reader", code)
        return Connection(handle, protocol)


class Connection:
    """One powered card."""

    def __init__(self, handle: int, protocol: int) -> None:
        self._handle = handle
        self._protocol = protocol

    def transmit(self, apdu: bytes) -> bytes:
        """Send one APDU; blocks for as long as the reader does.

        Raises:
            PcscError: The card or the reader failed.
            ValueError: Under 4 bytes, on which pcscd would hang.
        """
        if len(apdu) < _MIN_APDU_BYTES:
            raise ValueError(f"an APDU has at least {_MIN_APDU_BYTES} bytes")
        code, answer = scard.SCardTransmit(self._handle, self._protocol, list(apdu))
        _check("transmit", code)
        if not answer:
            # vpcd says "done" with nothing to show for it when the card leaves during the command.
            raise PcscError("transmit", NOT_TRANSACTED)
        return bytes(answer)

    def control(self, code: int, data: bytes) -> bytes:
        """Send a vendor escape to the reader itself.

        Args:
            code: As in the reader's manual, the number that goes into SCARD_CTL_CODE.
            data: The escape.

        Raises:
            PcscError: The reader failed, or takes none.
        """
        result, answer = scard.SCardControl(self._handle, scard.SCARD_CTL_CODE(code), list(data))
        _check("escape", result)
        return bytes(answer)

    def facts(self) -> dict[str, str]:
        """What the reader's driver tells of it (PC/SC Part 3, 3.1.4, vendor attributes); often little or nothing."""
        version = self._attribute(scard.SCARD_ATTR_VENDOR_IFD_VERSION)
        # 0xMMmmbbbb, in the machine's byte order.
        firmware = f"{version[3]}.{version[2]:02}.{version[1] << 8 | version[0]}" if len(version) == 4 else ""
        return tidy(
            maker=self._attribute(scard.SCARD_ATTR_VENDOR_NAME),
            model=self._attribute(scard.SCARD_ATTR_VENDOR_IFD_TYPE),
            serial=self._attribute(scard.SCARD_ATTR_VENDOR_IFD_SERIAL_NO),
            firmware=firmware,
        )

    def _attribute(self, tag: int) -> bytes:
        """Empty for one that the reader does not tell."""
        code, value = scard.SCardGetAttrib(self._handle, tag)
        return bytes(value) if code & 0xFFFFFFFF == scard.SCARD_S_SUCCESS else b""

    def disconnect(self, *, reset: bool = False) -> None:
        """Let go; a card that is already gone answers with an error that says nothing new."""
        scard.SCardDisconnect(self._handle, scard.SCARD_RESET_CARD if reset else scard.SCARD_LEAVE_CARD)
