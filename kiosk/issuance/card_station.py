"""A card printer with its encoder, as issuance uses them: what it is good for now, where a card is when in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from adm.registry.v1 import registry_pb2 as pb

from drivers.card_printer.encoder import PcscEncoder
from drivers.card_printer.port import Capabilities, CardPrinter, CardPrinterStatus, Place
from drivers.deadline import Deadline
from drivers.errors import DriverError
from drivers.status import DeviceState, MediaState, PresentedState
from kiosk import logs
from kiosk.devices import Device
from kiosk.issuance.card_log import PrintLog
from kiosk.issuance.cards.limits import Limits, Reason, Verdict, judge

STATUS_S: Final = 4.0
RESET_S: Final = 6.0
SETTLE_S: Final = 10.0
_AGAIN_S: Final = 0.5
_NOT_YET: Final = Capabilities(frozenset(), False, False, False, False, False)
_SILENT: Final = frozenset({DeviceState.OFFLINE, DeviceState.NO_DEVICE, DeviceState.DEVICE_BUSY})


class Where(StrEnum):
    """Where a card is, as the printer says when it is asked after something went wrong."""

    INSIDE = "inside"
    EXIT = "exit"
    NOWHERE = "nowhere"
    """Neither inside nor, where a sensor looks, in the exit."""
    JAMMED = "jammed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EncoderStatus:
    """How the encoder is."""

    device: DeviceState


class Station:
    """One kind of card of this machine.

    Attributes:
        kind: What it makes.
        blank: What it makes it of.
        printer: Its printer; blanks of this kind alone are in its hopper.
        encoder: Of the printer; None for cards without a chip.
        log: When it printed.
        status: Newest known while no card is being made; None before the first look.
    """

    def __init__(
        self,
        kind: pb.DocumentKind.ValueType,
        blank: pb.Blank.ValueType,
        printer: Device[CardPrinter],
        encoder: Device[PcscEncoder] | None,
        limits: Limits,
        log: PrintLog,
        move_s: float,
        settle_s: float = SETTLE_S,
    ) -> None:
        """Wire up.

        Args:
            move_s: Longest time one movement of a card may take.
            settle_s: How long a printer that does not answer is waited for after something went wrong.
        """
        self.kind = kind
        self.blank = blank
        self.printer = printer
        self.encoder = encoder
        self.log = log
        self.status: CardPrinterStatus | None = None
        self._limits = limits
        self._move_s = move_s
        self._settle_s = settle_s
        self._at_work = False
        self._known = _NOT_YET

    async def look(self) -> None:
        """Ask the printer and the encoder how they are, unless they are at work.

        A printer goes on telling of a fault that a person has mended until it is reset: with nothing inside, it is.
        """
        if self._at_work:
            return
        await self.printer.poll(self._ask_and_mend, STATUS_S + RESET_S)
        if self.encoder is not None:
            await self.encoder.poll(lambda port: EncoderStatus(port.state(Deadline.after(STATUS_S))), STATUS_S)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """A card is being made: what the printer says of itself meanwhile says nothing of the service."""
        self._at_work = True
        try:
            yield
        finally:
            self._at_work = False

    async def check(self) -> Verdict:
        """Whether a card may be begun, from what the printer says now."""
        try:
            await self.printer.call(self._ask, STATUS_S)
        except DriverError as error:
            logs.event("printer_away", device=self.printer.name, error=error)
            self.status = CardPrinterStatus(DeviceState.OFFLINE)
        return self.verdict()

    def verdict(self) -> Verdict:
        """Whether a card may be begun, by the newest known status."""
        if self.encoder is not None and Place.CONTACTLESS not in self._able().places:
            # Nothing of this printer brings a card to the encoder.
            return Verdict((Reason.PRINTER,), None)
        status = self.status or CardPrinterStatus(self.printer.state)
        now = datetime.now().astimezone()
        return judge(self._limits, self.log.history(), status, now, now.tzinfo)  # type: ignore[arg-type]

    async def move(self, to: Place) -> None:
        """As `CardPrinter.move`."""
        await self.printer.call(lambda port: port.move(to, Deadline.after(self._move_s)), self._move_s)

    async def where(self, seconds: float | None = None) -> Where:
        """Where the card is; waits so long for a printer that is at work or does not answer."""
        deadline = Deadline.after(self._settle_s if seconds is None else seconds)
        while True:
            try:
                status = await self.printer.call(lambda port: port.status(Deadline.after(STATUS_S)), STATUS_S)
            except DriverError:
                status = CardPrinterStatus(DeviceState.OFFLINE)
            if status.device not in _SILENT:
                return _where(status)
            if deadline.expired:
                return Where.UNKNOWN
            await asyncio.sleep(_AGAIN_S)

    async def settled(self, seconds: float | None = None) -> Where:
        """The same, after the printer has cleared its fault as far as it can by itself."""
        if await self.where(seconds) is Where.UNKNOWN:
            return Where.UNKNOWN
        try:
            await self.printer.call(lambda port: port.reset(Deadline.after(RESET_S)), RESET_S)
        except DriverError as error:
            logs.event("printer_not_reset", device=self.printer.name, error=error)
        return await self.where()

    async def take_in(self) -> bool:
        """Bring the card from inside or the exit to the reject bin; whether it is there."""
        try:
            await self.move(Place.REJECT)
        except DriverError as error:
            logs.event("card_not_rejected", device=self.printer.name, error=error)
            return False
        return True

    @property
    def feeds_by_itself(self) -> bool:
        """Whether a print takes its blank from the hopper."""
        return self._able().feeds_on_print

    @property
    def sees_exit(self) -> bool:
        """Whether it sees a card in its exit, and can take it back."""
        able = self._able()
        return able.tells_taken and able.retracts

    def _able(self) -> Capabilities:
        """What the model can do: also while a technician has the printer."""
        if self.printer.is_open:
            self._known = self.printer.port.capabilities()
        return self._known

    def _ask_and_mend(self, port: CardPrinter) -> CardPrinterStatus:
        status = self._ask(port)
        mended = status.media is MediaState.NOT_PRESENT and status.cover_open is not True
        if status.device is DeviceState.HARDWARE_ERROR and mended:
            with suppress(DriverError):
                port.reset(Deadline.after(RESET_S))
                status = self._ask(port)
        return status

    def _ask(self, port: CardPrinter) -> CardPrinterStatus:
        self.status = port.status(Deadline.after(STATUS_S))
        return self.status


def _where(status: CardPrinterStatus) -> Where:
    if status.media is MediaState.JAMMED:
        return Where.JAMMED
    if status.card_at is Place.EXIT or status.presented is PresentedState.PRESENTED:
        return Where.EXIT
    if status.card_at is not None:
        return Where.INSIDE
    return Where.NOWHERE if status.media is MediaState.NOT_PRESENT else Where.UNKNOWN
