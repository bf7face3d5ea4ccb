"""A test card on its way: written in the card printer's encoder, taken from its exit, read on the front reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from drivers.card_printer import encoder, evolis
from drivers.card_reader import pcsc
from drivers.card_reader.profile import KTP_EL
from selftest.checks import test_card
from selftest.checks.test_card import Way, subject
from selftest.model import Finding, Level, Machine
from selftest.operator import Absent, Step
from selftest.runner import run
from simulator.card_printer.device import SERIAL
from simulator.card_printer.encoder import PORT, READER
from simulator.card_printer.ktp_printer import VirtualKtpPrinter
from simulator.card_printer.mechanism import HOPPER_CARDS
from simulator.card_printer.models import VENDOR_ID
from simulator.chip.device import VirtualCardReader
from tests.support.card_bench import SAMPLES

pytestmark = pytest.mark.xdist_group("card_reader")
ACT_S = 30.0
LOOP = "card_encoder.loopback"


class Table(Absent):
    """The printer and the reader side by side, and somebody who carries the card; a `selftest.operator.Operator`.

    Attributes:
        other: Put another card on the reader than the one that came out.
        turned: Turn a bit of what is on the card, on the way.
        late: Another card lies there first, and is changed for the right one once it was looked at.
    """

    def __init__(self, reader: VirtualCardReader, printer: VirtualKtpPrinter) -> None:
        self.reader, self.printer = reader, printer
        self.other = self.turned = self.late = False
        self.spent: list[str] = []
        self._loop = asyncio.get_running_loop()

    def ask(self, step: Step, within_s: float) -> bool | None:
        self._do(self.printer, "put_test_blank")
        return True

    def begin(self, step: Step, within_s: float) -> bool:
        self._do(self.printer, "take_card")
        if self.late:
            self._do(self.reader, "put_foreign", kind="transit")
            self._changing = asyncio.run_coroutine_threadsafe(self._change(), self._loop)
            return True
        if self.other:
            self._do(self.reader, "put_foreign", kind="transit")
        else:
            if self.turned:
                self._turn()
            self._do(self.reader, "put_test_card")
        return True

    def end(self) -> None:
        self._do(self.reader, "take")

    async def _change(self) -> None:
        """Take the other card once it was read, and put the right one there."""
        while not (await self.reader.counters())["exchanges"]:  # noqa: ASYNC110 - a counter tells nobody
            await asyncio.sleep(0.05)
        await self.reader.actions()["take"].run()
        await self.reader.actions()["put_test_card"].run()

    def _turn(self) -> None:
        """The last bit of the file that says what the card is."""
        chip = asyncio.run_coroutine_threadsafe(self.printer.chips.contents(2), self._loop).result(ACT_S)
        content = bytearray(chip.files[KTP_EL.photo])
        content[-1] ^= 1
        self._loop.call_soon_threadsafe(self.reader.hand_over, chip.uid, {**chip.files, KTP_EL.photo: bytes(content)})

    def _do(self, device: Any, action: str, **parameters: str) -> None:
        work = device.actions()[action].run(**parameters)
        asyncio.run_coroutine_threadsafe(work, self._loop).result(ACT_S)

    async def tested(self, *chosen: str) -> dict[str, Finding]:
        """The checks, by the production drivers."""
        way = Way(
            "card_printer",
            evolis.create(
                evolis.Settings.model_validate(
                    {
                        "vendor_id": VENDOR_ID,
                        "product_id": self.printer.model.product_id,
                        "serial": SERIAL,
                        "backend": f"usbip:{self.printer.usbip}",
                        "profile": self.printer.model.name,
                        "ribbon": "ymcko",
                    }
                )
            ),
            encoder.create(
                encoder.Settings.model_validate(
                    {
                        "reader_pattern": self.printer.chips.reader_pattern,
                        "pcscd_socket": self.reader.pcscd_socket,
                        "transmit_timeout_s": 2.0,
                    }
                )
            ),
            pcsc.create(
                pcsc.Settings.model_validate(
                    {
                        "card_pattern": self.reader.card_pattern,
                        "sam_pattern": self.reader.sam_pattern,
                        "sam_secret_file": self.reader.sam_secret_file,
                        "pcscd_socket": self.reader.pcscd_socket,
                    }
                )
            ),
            self,
            lambda what, count: self.spent.extend([what] * count),
        )
        machine = Machine("kiosk/3520/test", {}, {}, True)
        report = await asyncio.to_thread(run, (subject(way),), machine, Level.FULL, frozenset(chosen))
        return {result.check.id: result.finding for result in report.results}


@asynccontextmanager
async def table(directory: Path) -> AsyncIterator[Table]:
    reader = VirtualCardReader(directory / "reader", SAMPLES, kbit_s=None, more_readers={READER: PORT})
    printer = VirtualKtpPrinter(directory / "printer", reader, pace=0.0)
    await reader.start()
    try:
        await printer.start()
        yield Table(reader, printer)
    finally:
        await printer.stop()
        await reader.stop()


async def test_the_card_that_was_written_is_the_one_that_is_read_in_front(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with table(tmp_path) as there:
        found = await there.tested()
        assert {name: (one.outcome, one.reason) for name, one in found.items()} == {
            "card_printer.feed": ("pass", ""),
            "card_encoder.write": ("pass", ""),
            "card_printer.print": ("pass", ""),
            "card_encoder.loopback": ("pass", ""),
        }
        (printed,) = there.printer.mechanism.cards
        assert not printed.clean
        assert there.spent == ["test_blank"]
        assert there.printer.mechanism.hopper == HOPPER_CARDS
        there.turned = True
        # The encoder alone: the card is fed for it, and not printed on.
        found = await there.tested("card_encoder")
        assert list(found) == ["card_encoder.write", "card_encoder.loopback"]
        assert (found[LOOP].outcome, found[LOOP].reason) == ("fail", "read:other content")
        assert there.printer.mechanism.cards[-1].clean
        there.turned, there.other = False, True
        # Nobody changes it for the right one.
        monkeypatch.setattr(test_card, "PLACE_S", 3.0)
        finding = (await there.tested("card_encoder"))[LOOP]
        assert (finding.outcome, finding.reason) == ("fail", "read:another card")


async def test_a_card_of_an_earlier_check_that_lies_there_is_waited_away(tmp_path: Path) -> None:
    async with table(tmp_path) as there:
        there.late = True
        found = await there.tested("card_encoder")
        assert (found[LOOP].outcome, found[LOOP].reason) == ("pass", "")
