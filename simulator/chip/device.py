"""The virtual card reader: a real pcscd with two virtual slots, simulated cards and a simulated SAM."""

import asyncio
import atexit
import functools
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from simulator.chip import contents, keys
from simulator.chip.contents import Contents
from simulator.chip.control import contents_to_json
from simulator.chip.faults import AT_AN_EXCHANGE, DESCRIPTIONS, OF_THE_SAM, Fault
from simulator.chip.processes import Cage, ChildFailed, ChipProcess
from simulator.chip.residents import card_holders, remember, renewed
from simulator.device import Action, ActionRefused

_CARD_READER = "ADM Simulated Contactless"
_SAM_READER = "ADM Simulated SAM"
# In a network namespace of its own, so nobody else's port can be in the way.
_CARD_PORT, _SAM_PORT = 35963, 35965
_VPCD = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_FOREIGN = ("bank", "passport", "transit")
# Their holders are in samples/staff.toml.
SERVICE = ("service_technician", "service_attendant", "service_auditor", "service_supervisor")
# In the middle of the photo; the whole read takes about 45 exchanges.
_MID_READ = 12
_WRONG_SECRET = bytes(32)

T = TypeVar("T")


class VirtualCardReader:
    """A `simulator.device.VirtualDevice`: contactless reader and SAM slot behind an isolated pcscd.

    Several may stand side by side, but one process can be a client of one of them only at a time: libpcsclite
    remembers its socket's path for life, so this is the same short path for every instance of a process.

    Args:
        directory: For pcscd's configuration and the SAM's secret; made when missing.
        samples: Folder with `residents.toml` and `faces/`.
        kbit_s: Speed of the air that is emulated; None for none.
        more_readers: Readers of other devices on the same pcscd, name to port; they have two slots each.

    Attributes:
        name, title: See `VirtualDevice`.
        pcscd_socket: For the driver's settings, valid once started.
        sam_secret_file: For the driver's settings, valid once started.
        card_pattern, sam_pattern: For the driver's settings.
    """

    name = "card_reader"
    title = "Card reader"
    card_pattern = f"^{re.escape(_CARD_READER)} .*00$"
    sam_pattern = f"^{re.escape(_SAM_READER)} .*00$"

    def __init__(
        self,
        directory: Path,
        samples: Path,
        *,
        kbit_s: int | None = 424,
        more_readers: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._directory = directory
        self._more_readers = more_readers
        self._renewed = directory / "renewed.json"
        self._holders = renewed(card_holders(samples), self._renewed)
        self._kbit_s = kbit_s
        self._cage: Cage | None = None
        self._card: ChipProcess | None = None
        self._sam: ChipProcess | None = None
        self._lying: str | None = None
        self._test_card: Contents | None = None
        self._sam_in = self._serving = False
        self._fault: Fault | None = None
        self._at = _MID_READ
        self.sam_secret_file = directory / "sam.secret"
        self.pcscd_socket = ""

    async def start(self) -> None:
        """Bring up pcscd, both slots and the SAM.

        Raises:
            ChildFailed: pcscd or vpcd is not installed, or namespaces are not allowed.
        """
        run, conf = self._prepare()
        try:
            self._cage = await Cage.start(run, conf)
            await self._cage.start_pcscd()
            self._serving = True
            self._card, self._sam = await asyncio.gather(
                ChipProcess.start(self._cage, _CARD_PORT), ChipProcess.start(self._cage, _SAM_PORT)
            )
            await self.set_air(self._kbit_s)
            await self._insert_sam()
        except BaseException:
            await self.stop()
            raise
        self.pcscd_socket = publish_socket(run / "pcscd.comm")

    async def stop(self) -> None:
        """End everything that `start` started."""
        children = (self._card, self._sam, self._cage)
        self._card = self._sam = self._cage = None
        self._lying, self._sam_in, self._serving = None, False, False
        for child in children:
            if child is not None:
                await child.end()

    @property
    def cage(self) -> Cage:
        """Where pcscd runs, for the owners of `more_readers`."""
        return self._running(self._cage)

    def state(self) -> Mapping[str, Any]:
        """Which card lies there, whether the SAM is in, the fault, and that all of it is simulated."""
        return {
            "card": self._lying,
            "sam": self._sam_in,
            "fault": self._fault,
            "kbit_s": self._kbit_s,
            "note": "simulated chip and SAM, invented keys, not Dukcapil's",
        }

    def actions(self) -> Mapping[str, Action]:
        """What can be done now."""
        actions = {
            "put": Action("Put e-KTP", self._put, {"resident": tuple(self._holders)}),
            "put_foreign": Action("Put another card", self._put_foreign, {"kind": _FOREIGN}),
            "put_service": Action("Put service card", self._put_service, {"holder": SERVICE}),
        }
        if self._test_card is not None:
            actions["put_test_card"] = Action("Put the test card from the card printer", self._put_test_card)
        if self._lying is not None:
            actions["take"] = Action("Take card", self._take)
        if self._sam_in:
            actions["remove_sam"] = Action("Take SAM out", self._remove_sam)
        else:
            actions["insert_sam"] = Action("Put SAM in", self._insert_sam)
        if self._serving:
            actions["kill_pcscd"] = Action("Kill the card service", self.kill_pcscd)
        else:
            actions["restart_pcscd"] = Action("Start the card service", self.restart_pcscd)
        return actions

    def faults(self) -> Mapping[str, str]:
        """Named faults, with one line each."""
        return {fault.value: text for fault, text in DESCRIPTIONS.items()}

    async def set_fault(self, fault: str | None) -> None:
        """Show this fault from now on, in every read; None is healthy again."""
        await self.set_fault_at(fault, _MID_READ)

    async def set_fault_at(self, fault: str | None, exchange: int) -> None:
        """The same, striking at a given exchange (APDU, from 0) of the read.

        Raises:
            KeyError: There is no such fault.
        """
        if fault is not None and fault not in DESCRIPTIONS:
            raise KeyError(fault)
        before, self._fault, self._at = self._fault, Fault(fault) if fault else None, exchange
        await self._plan()
        touched = {before, self._fault} - {None}
        if touched & OF_THE_SAM:
            await self._remove_sam()
            if self._fault is not Fault.SAM_MISSING:
                await self._insert_sam()
        lying = self._lying
        if lying in self._holders and touched & {Fault.CLONED, Fault.KEYLESS, Fault.BAD_ATR}:
            # What a card is can only change by putting another one there.
            await self._put(lying)

    async def kill_pcscd(self) -> None:
        """End pcscd without warning; cards leave with it."""
        await self._running(self._cage).kill_pcscd()
        self._serving = False
        await self._take_all()

    async def restart_pcscd(self) -> None:
        """Start pcscd again after `kill_pcscd`, and put the SAM back."""
        await self._running(self._cage).start_pcscd()
        self._serving = True
        await self._insert_sam()

    async def set_air(self, kbit_s: int | None) -> None:
        """Emulate this speed: 106, 212, 424 or 848 kbit/s, None for none."""
        self._kbit_s = kbit_s
        await self._running(self._card).do("air", kbit_s=kbit_s)

    async def counters(self, *, reset: bool = False, of_the_sam: bool = False) -> dict[str, Any]:
        """What the card's or the SAM's slot counted (`simulator.chip.slot.Counters`), for tests and measurements."""
        return await self._running(self._sam if of_the_sam else self._card).do("state", reset=reset)

    def renew(self, nik: str, uid: bytes) -> None:
        """A new card was handed to this resident: from now on it is the one to be put there."""
        holders = {key: holder for key, holder in self._holders.items() if holder.nik == nik}
        for key, holder in holders.items():
            self._holders[key] = replace(holder, card_type="A", uid=uid)
        remember(self._renewed, self._holders)

    def hand_over(self, uid: bytes, files: dict[int, bytes]) -> None:
        """A test card was taken from the card printer: from now on it can be put there."""
        self._test_card = contents.test_card(uid, files)

    async def _put_test_card(self) -> None:
        if self._test_card is not None:
            await self._insert(self._test_card, None)

    async def _put(self, resident: str) -> None:
        holder = self._holders.get(resident)
        if holder is None:
            raise ActionRefused(f"no resident {resident} has a card")
        make = {Fault.CLONED: contents.cloned, Fault.KEYLESS: contents.keyless}.get(
            self._fault or Fault.VANISH, contents.ktp
        )
        card = await asyncio.to_thread(make, holder)
        others = list(self._holders)
        other = self._holders[others[(others.index(resident) + 1) % len(others)]]
        await self._insert(card, contents.ktp(other))

    async def _put_foreign(self, kind: str) -> None:
        if kind not in _FOREIGN:
            raise ActionRefused(f"no card of kind {kind}")
        await self._insert(contents.foreign(kind), None)

    async def _put_service(self, holder: str) -> None:
        if holder not in SERVICE:
            raise ActionRefused(f"no service card {holder}")
        await self._insert(contents.foreign(holder), None)

    async def _insert(self, card: Contents, swap_for: Contents | None) -> None:
        slot = self._running(self._card)
        await self._plan()
        self._lying = None
        other = contents_to_json(swap_for) if swap_for else None
        await slot.do("insert", contents=contents_to_json(card), swap_for=other)
        self._lying = card.label

    async def _take(self) -> None:
        if self._lying is None:
            raise ActionRefused("no card lies there")
        await self._running(self._card).do("remove")
        self._lying = None

    async def _take_all(self) -> None:
        for slot in (self._card, self._sam):
            await self._running(slot).do("remove")
        self._lying, self._sam_in = None, False

    async def _insert_sam(self) -> None:
        secret = _WRONG_SECRET if self._fault is Fault.SAM_WRONG_SECRET else keys.SAM_SECRET
        slot = self._running(self._sam)
        await slot.do("insert_sam", secret=secret.hex(), locked=self._fault is Fault.SAM_LOCKED)
        self._sam_in = True

    async def _remove_sam(self) -> None:
        await self._running(self._sam).do("remove")
        self._sam_in = False

    async def _plan(self) -> None:
        card, sam = self._running(self._card), self._running(self._sam)
        fault = self._fault
        await card.do("plan", fault=fault if fault in AT_AN_EXCHANGE else None, at=self._at)
        await card.do("bad_atr", on=fault is Fault.BAD_ATR)
        await sam.do("plan", fault=Fault.MUTE if fault is Fault.SAM_MUTE else None, at=self._at)

    def _running(self, child: T | None) -> T:
        if child is None:
            raise ActionRefused("the card reader is not started")
        return child

    def _prepare(self) -> tuple[Path, Path]:
        """pcscd's configuration, and the secret that opens the SAM."""
        for tool, package in (("pcscd", "pcscd"), ("unshare", "util-linux"), ("nsenter", "util-linux")):
            if shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
                raise ChildFailed(f"{tool} is missing: install the Debian package {package}")
        if not Path(_VPCD).exists():
            raise ChildFailed("vpcd is missing: install the Debian package vsmartcard-vpcd")
        readers = {_CARD_READER: _CARD_PORT, _SAM_READER: _SAM_PORT, **self._more_readers}
        run, conf = pcscd_folders(self._directory, readers)
        self.sam_secret_file.touch(mode=0o600)
        self.sam_secret_file.write_text(keys.SAM_SECRET.hex() + "\n", "ascii")
        return run, conf


def pcscd_folders(directory: Path, readers: Mapping[str, int]) -> tuple[Path, Path]:
    """For pcscd: an empty folder for its socket, and one with its configuration.

    Args:
        readers: Virtual readers' names to their ports.
    """
    run, conf = directory / "run", directory / "conf"
    for folder in (run, conf):
        folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for name, port in readers.items():
        # Two readers on one copy of the library do not work.
        library = directory / f"libifdvpcd-{port}.so"
        shutil.copyfile(_VPCD, library)
        entries.append(
            f'FRIENDLYNAME "{name}"\nDEVICENAME /dev/null:0x{port:04X}\n'
            f"LIBPATH {library.resolve()}\nCHANNELID 0x{port:04X}\n"
        )
    (conf / "simulated").write_text("\n".join(entries), "ascii")
    return run.resolve(), conf.resolve()


def publish_socket(socket: Path) -> str:
    """A path to this socket that is short (sockets allow 107 bytes) and the same for every reader of this process."""
    link = Path(_socket_folder()) / "pcscd.comm"
    fresh = link.with_suffix(".new")
    fresh.symlink_to(socket)
    fresh.replace(link)
    return str(link)


@functools.cache
def _socket_folder() -> str:
    folder = tempfile.mkdtemp(prefix="adm-pcscd-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
