"""The whole machine, started in order: simulator, central, kiosk, display, screens. Each is ready before the next."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from simulator.demo import stock, technician
from simulator.demo.children import Children
from simulator.demo.configuration import write_kiosk
from simulator.demo.display import PORTRAIT, Size, display_size, fitted, start_vnc, start_xvfb
from simulator.demo.panel import PanelClient
from simulator.demo.ready import Readiness
from simulator.demo.waiting import NotInTime, until
from simulator.server.serve import listen

ROOT = Path(__file__).parent.parent.parent
# sun_path of unix(7) holds 108 bytes; the longest name below DIR takes 30.
LONGEST_DIR_BYTES = 75
CARD_DEVICES = frozenset({"card_printer", "card_encoder", "kia_printer"})
SERVICE_MANAGER = ("NOTIFY_SOCKET", "WATCHDOG_", "LISTEN_", "INVOCATION_ID")
# A driver in this very process (a test, a benchmark) has named its own pcscd here; the demo's kiosk has another.
PCSCD_SOCKET = "PCSCLITE_CSOCK_NAME"


class CannotStart(Exception):
    """The demo cannot be started here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to start.

    Attributes:
        directory: Everything is kept there, mode 0700.
        models: Face models.
        samples: Sample residents.
        size: Of the kiosk's screen.
        headless: Draw into memory also when there is a display.
        share: Show a headless screen in the page.
        page_port: Of the simulator page; 0 takes a free one.
        central_port: Of central, when it is set up for the first time; 0 takes a free one.
        language: "id" or "en".
        kiosk: More sections for kiosk.toml, as {"session": {"idle_s": 5}}.
        cards: The kiosk has the card printers.
        screens: Start display and screens too.
        feeder: With a paper feeder around the A4 printer.
        start_within_s: Deadline of each process's start: a busy small machine compiles and loads models.
    """

    directory: Path
    models: Path = ROOT / ".adm" / "models"
    samples: Path = ROOT / "samples"
    size: Size = PORTRAIT
    headless: bool = False
    share: bool = True
    page_port: int = 8600
    central_port: int = 7443
    language: str = "id"
    kiosk: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    cards: bool = True
    screens: bool = True
    feeder: bool = False
    start_within_s: float = 90.0


class Demo:
    """A running machine; an async context manager that ends all it started.

    Attributes:
        children: Its processes: simulator, central, kiosk, xvfb, x11vnc, screens.
        panel: Client of the kiosk's panel.
        page: Address of the simulator page.
        display: X display of the screens, as ":99"; None without screens.
        size: Of the screens' window.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.directory = options.directory
        self.children = Children(self.logs, _environment())
        self.panel = PanelClient(self.panel_socket)
        self.page = ""
        self.display: str | None = None
        self.size = options.size
        self._notified = contextlib.ExitStack()
        self._own_display = options.headless or not os.environ.get("DISPLAY")

    @property
    def logs(self) -> Path:
        """NAME.log of each process."""
        return self.directory / "logs"

    @property
    def panel_socket(self) -> Path:
        """Where the kiosk's panel listens."""
        return self.directory / "panel.sock"

    @property
    def targets(self) -> Path:
        """Where the screens say which buttons are where."""
        return self.directory / "targets.json"

    @property
    def journal(self) -> Path:
        """The kiosk's issuance journal."""
        return self.directory / "kiosk" / "journal.db"

    @property
    def windowed(self) -> bool:
        """Whether the kiosk has a window on the person's own display."""
        return self.options.screens and not self._own_display

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End everything, last started first. May be called twice."""
        await self.panel.stop()
        await self.children.stop()
        self._notified.close()

    async def _start(self) -> None:
        self.make_directories()
        await self.start_simulator()
        await self.start_central()
        await self.start_kiosk()
        if self.options.screens:
            await self._start_display()
            await self.start_screens()

    def make_directories(self) -> None:
        """Make the folders that the parts are started in; only for starting parts by themselves.

        Raises:
            CannotStart: The path is too long for sockets.
        """
        if len(os.fsencode(self.directory.absolute())) > LONGEST_DIR_BYTES:
            raise CannotStart(f"The path {self.directory} is too long for sockets: choose a shorter --dir.")
        for path in (self.directory, self.logs, self.directory / "kiosk", self.directory / "simulator"):
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.directory.chmod(0o700)
        for path in (self._vnc_socket, self.panel_socket):
            path.unlink(missing_ok=True)

    async def start_simulator(self) -> None:
        """Start the virtual devices and their page."""
        ready = self.directory / "simulator" / "simulator.json"
        ready.unlink(missing_ok=True)
        options: list[str | Path] = ["--dir", ready.parent, "--samples", self.options.samples]
        options += ["--codes", self.directory / "central" / "qr"]
        options += ["--feeder"] if self.options.feeder else []
        options += ["--port", str(self.options.page_port), "--screen-size", str(self.options.size)]
        if not self.options.screens:
            options += ["--screen", "none"]
        elif not self._own_display:
            options += ["--screen", "window"]
        elif self.options.share:
            options += ["--screen", "vnc", "--vnc-socket", self._vnc_socket]
        await self.children.start("simulator", [*_python("simulator"), *options])
        await self._until(ready.exists, "the simulator")
        self.page = json.loads(ready.read_text())["page"]

    async def start_central(self) -> None:
        """Set central up once, and start it."""
        directory = self.directory / "central"
        if not (directory / "central.toml").exists():
            command = [*_python("central"), "init", "--dir", directory, "--samples", self.options.samples]
            command += ["--models", self.options.models, "--port", str(_port(self.options.central_port)), "--no-blanks"]
            await self.children.run("central-init", command, self.options.start_within_s)
        central = await self.children.start(
            "central", [*_python("central"), "serve", "--config", directory / "central.toml"]
        )
        await self._until(lambda: b"central ready on" in central.log.read_bytes(), "central")

    async def start_kiosk(self) -> None:
        """Start the daemon and wait until it knows how its devices are."""
        devices = json.loads((self.directory / "simulator" / "simulator.json").read_text())["devices"]
        if not self.options.cards:
            devices = {role: device for role, device in devices.items() if role not in CARD_DEVICES}
        write_kiosk(
            self.directory / "kiosk.toml",
            state_dir=self.directory / "kiosk",
            panel_socket=self.panel_socket,
            models_dir=self.options.models,
            language=self.options.language,
            registry=self._registry(),
            devices=devices,
            overrides={
                "identity": self._identity(),
                "cards": {"old_card": "reject_bin"},
                **technician.settings(self.directory, self.options.samples),
                **self.options.kiosk,
            },
        )
        readiness = self._readiness("kiosk")
        command = [*_python("kiosk"), "--config", self.directory / "kiosk.toml"]
        await self.children.start("kiosk", command, readiness.environment)
        await self._within(readiness.wait(), "the kiosk")
        await self._within(stock.load(self.panel), "loading the kiosk")

    def _identity(self) -> dict[str, Any]:
        """Nobody has to turn their head before a virtual camera, unless asked for."""
        central = tomllib.loads((self.directory / "central" / "central.toml").read_text(encoding="utf-8"))
        return {"liveness": "off", "verify_urls": [central["documents"]["verify_url"]]}

    def _registry(self) -> dict[str, Any]:
        directory = self.directory / "central"
        listen_on = tomllib.loads((directory / "central.toml").read_text(encoding="utf-8"))["listen"]
        credentials = directory / "kiosk-credentials"
        return {
            "target": f"{listen_on['host']}:{listen_on['port']}",
            "server_name": "localhost",
            "ca_file": credentials / "ca.pem",
            "cert_file": credentials / "cert.pem",
            "key_file": credentials / "key.pem",
            "grant_public_key_file": credentials / "grant_public_key",
        }

    async def _start_display(self) -> None:
        if not self._own_display:
            self.display = os.environ["DISPLAY"]
            self.size = fitted(self.options.size, await display_size(self.display))
            return
        self.display = await start_xvfb(self.children, self.options.size)
        if self.options.share:
            await start_vnc(self.children, self.display, self._vnc_socket)

    async def start_screens(self) -> None:
        """Start the screens and wait until they have drawn."""
        assert self.display is not None
        self.targets.unlink(missing_ok=True)
        command = [*_python("screens"), "--socket", f"unix:{self.panel_socket}", "--size", str(self.options.size)]
        command += ["--fullscreen"] if self._own_display else ["--window", str(self.size)]
        more = {"DISPLAY": self.display, "SDL_VIDEODRIVER": "x11", "ADM_SCREENS_TARGETS": str(self.targets)}
        readiness = self._readiness("screens")
        await self.children.start("screens", command, {**more, **readiness.environment})
        await self._within(readiness.wait(), "the screens")

    def _readiness(self, name: str) -> Readiness:
        # Kept until the end, as systemd does: children say there that they stop, too.
        return self._notified.enter_context(Readiness(self.directory / f"{name}.notify"))

    @property
    def _vnc_socket(self) -> Path:
        return self.directory / "vnc.sock"

    async def _until(self, happened: Callable[[], bool], what: str) -> None:
        def happened_and_alive() -> bool:
            self.children.check()
            return happened()

        await until(happened_and_alive, what, self.options.start_within_s)

    async def _within(self, wait: Awaitable[None], what: str) -> None:
        """Wait for something that a child does; its death ends the wait."""
        try:
            async with asyncio.timeout(self.options.start_within_s):
                await self.children.while_alive(wait)
        except TimeoutError:
            raise NotInTime(f"{what}: not within {self.options.start_within_s:.0f} s") from None


def _environment() -> dict[str, str]:
    """Ours, without what concerns this process alone."""
    own = (*SERVICE_MANAGER, PCSCD_SOCKET)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    return {**inherited, "PYTHONPATH": f"{ROOT}:{ROOT / 'proto' / 'gen'}", "PYTHONUNBUFFERED": "1"}


def _python(module: str) -> list[str | Path]:
    return [sys.executable, "-P", "-m", module]


def _port(wanted: int) -> int:
    """A port that is free now: `wanted`, or any when that is 0."""
    with contextlib.closing(listen(wanted, "--central-port")) as server:
        return int(server.getsockname()[1])


def forget(directory: Path) -> None:
    """Begin anew: what central and the kiosk remember of former runs is deleted."""
    for name in ("central", "kiosk"):
        shutil.rmtree(directory / name, ignore_errors=True)
    # Whose cards are new stands in the registry that is gone now.
    (directory / "simulator" / "card_reader" / "renewed.json").unlink(missing_ok=True)


__all__ = ["CannotStart", "Demo", "NotInTime", "Options", "forget"]
