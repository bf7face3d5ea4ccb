"""The machine's configuration: one typed, frozen model, read once at start; every mistake is reported at once."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from adm.registry.v1.registry_pb2 import DocumentKind
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from drivers import catalog

ROLES = ("card_reader", "camera", "document_printer", "receipt_printer")
"""What every machine has."""
CARD_ROLES = ("card_printer", "card_encoder", "kia_printer")
"""What a machine has that prints KTP-el (a printer with an encoder), KIA, or both."""
Role = Literal[
    "paper_feeder",
    "card_reader",
    "camera",
    "document_printer",
    "receipt_printer",
    "card_printer",
    "card_encoder",
    "kia_printer",
]
KindName = Literal["ktp_el", "kia", "kk", "biodata", "akta_kelahiran", "akta_kematian", "skpwni"]
"""A kind of document, as the registry names it, in small letters."""


class ConfigError(Exception):
    """The configuration has mistakes; the message has one line for each."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegistrySettings(_Model):
    """Where central is and how both sides prove who they are.

    Attributes:
        target: host:port.
        server_name: Name in central's certificate.
        grant_public_key_file: Raw 32-byte Ed25519 key, or the same in PEM, that signs grants.
    """

    target: str = Field(pattern=r"^[^\s:]+:[0-9]{1,5}$")
    server_name: str = Field(min_length=1)
    ca_file: Path
    cert_file: Path
    key_file: Path
    grant_public_key_file: Path


class DeviceSettings(_Model):
    """One device: which driver, and the driver's own settings."""

    driver: str
    settings: dict[str, Any] = Field(default_factory=dict)


class SessionSettings(_Model):
    """How long the machine waits for people, in seconds."""

    idle_s: Annotated[float, Field(ge=5, le=600)] = 45
    still_there_s: Annotated[float, Field(ge=5, le=120)] = 20
    goodbye_s: Annotated[float, Field(ge=1, le=60)] = 8
    trouble_s: Annotated[float, Field(ge=5, le=300)] = 30
    take_paper_s: Annotated[float, Field(ge=10, le=600)] = 90


class IdentitySettings(_Model):
    """What is asked of a person.

    Attributes:
        liveness: `required`: turns of the head before the comparison. `off`: where an attendant sees everybody.
        verify_urls: Where the QR codes of this registry's documents lead, without the token.
    """

    liveness: Literal["required", "off"] = "required"
    verify_urls: tuple[str, ...] = ()


class PrintingSettings(_Model):
    """How A4 documents are printed.

    Attributes:
        page_s: Longest time one page may take before the job is cancelled.
        when_not_confirmed: What an untouched "I have taken it" means on a machine without a sensor in its tray.
            `close`: the sheet may still lie there, so nothing more is printed until a technician has looked.
            `assume_taken`: the machine stands where an attendant sees the tray.
        recovery_wait_s: How long a printer is waited for that made something when the power failed: paper or card.
    """

    page_s: Annotated[float, Field(ge=5, le=600)] = 60
    when_not_confirmed: Literal["close", "assume_taken"] = "close"
    recovery_wait_s: Annotated[float, Field(ge=0, le=600)] = 120


class QueueSettings(_Model):
    """Tickets of the office's queue, for whom the machine sends to the counter.

    Attributes:
        prefix: Of this machine's series, which the counter calls: "A" gives A-001, A-002, ... each day.
        service: What stands on the ticket as the counter's service; empty: nothing.
    """

    prefix: str = Field(pattern=r"^[A-Z]{1,3}$")
    service: str = Field(default="", max_length=64)


class CardSettings(_Model):
    """How cards are made.

    Attributes:
        licence_file: The operator's licence to print cards without the mark of a simulation; None: all are marked.
        old_card: Who gets the card that a new KTP-el replaces. `officer`: somebody at the machine. `reject_bin`: the
            card printer takes it in through its slot; only where it has a sensor there. `not_asked`: nobody.
        take_s: How long a card lies ready before it is taken back.
        surrender_s: How long the old card is waited for.
        move_s: Longest time one movement of a card may take.
        encode_s: Longest time the writing of one chip may take.
        print_s: Longest time one card may take to print.
        cards_a_day, cards_a_burst, burst_h: No more cards than these a day, and within so many hours.
        cool_down_min: Pause after a print that failed on a hot head.
        hottest_c: Print head temperature to close at, where a model tells it.
        cards_past_cleaning: Printed cards after the printer first asked for cleaning until the service closes.
    """

    licence_file: Path | None = None
    old_card: Literal["officer", "reject_bin", "not_asked"] = "officer"
    take_s: Annotated[float, Field(ge=10, le=600)] = 60
    surrender_s: Annotated[float, Field(ge=10, le=600)] = 60
    move_s: Annotated[float, Field(ge=5, le=120)] = 30
    encode_s: Annotated[float, Field(ge=5, le=300)] = 60
    print_s: Annotated[float, Field(ge=10, le=600)] = 120
    cards_a_day: Annotated[int, Field(ge=1, le=2000)] = 100
    cards_a_burst: Annotated[int, Field(ge=1, le=2000)] = 50
    burst_h: Annotated[float, Field(gt=0, le=24)] = 4
    cool_down_min: Annotated[float, Field(ge=0, le=240)] = 15
    hottest_c: Annotated[float, Field(ge=30, le=120)] = 65
    cards_past_cleaning: Annotated[int, Field(ge=0, le=1000)] = 0


class TechnicianSettings(_Model):
    """Who may work at the machine, and what they may have done to it.

    Attributes:
        staff_file: Credential file with the holders of service cards; None: nobody comes in by card.
        key_switch: File that holds a 1 while the cabinet's key is turned, as a GPIO line's value, or with
            `key_switch_event` an input device; None: no key.
        key_switch_event: The key or switch of that input device by its number in linux/input-event-codes.h, as
            `key:148` (KEY_PROG1) or `switch:14`.
        key_switch_role: What somebody with the key may do.
        idle_s: Longest time without a touch.
        export_key_file: The Dinas's X25519 public key in PEM, for exported logs; None: nothing is exported.
        usb_folder: Where sticks are mounted, each in a folder of its own.
        power: Who restarts and shuts down: `systemd` the whole machine, `daemon` this program alone, as where a
            machine is tried out; `off` nobody.
    """

    staff_file: Path | None = None
    key_switch: Path | None = None
    key_switch_event: str | None = Field(default=None, pattern=r"^(key:[0-9]{1,3}|switch:[0-9]{1,2})$")
    key_switch_role: Literal["attendant", "technician", "auditor"] = "attendant"
    idle_s: Annotated[float, Field(ge=10, le=1800)] = 180
    export_key_file: Path | None = None
    usb_folder: Path = Path("/media")
    power: Literal["systemd", "daemon", "off"] = "off"


class UpsSettings(_Model):
    """The uninterruptible power supply, as NUT's upsd knows it."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 3493


class SelftestSettings(_Model):
    """What the self-test asks besides the devices.

    Attributes:
        at_start: Whether the daemon tests itself before it serves.
        full_days: A full test is older than the rules allow after so many days.
        ups: None: there is none.
        contacts: Door and tamper contacts by name: file that holds a 1 while the contact is open.
        health_folder: Where a timer leaves `smartctl --json` reports of the disks.
        microphone: That hears the test sound: an ALSA device, none, or auto: the default one where the kernel has any.
        playback: ALSA device on which a command at the terminal plays it.
    """

    at_start: bool = True
    full_days: Annotated[int, Field(ge=1, le=366)] = 31
    ups: UpsSettings | None = None
    contacts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")], Path] = Field(default_factory=dict)
    health_folder: Path = Path("/run/adm/smart")
    microphone: str = Field(default="auto", pattern=r"^[A-Za-z0-9_:,=.-]{1,64}$")
    playback: str = Field(default="default", pattern=r"^[A-Za-z0-9_:,=.-]{1,64}$")


class KioskConfig(_Model):
    """The whole configuration.

    Attributes:
        machine_id: Path of the SPIFFE id in the machine's certificate.
        state_dir: Holds the issuance journal.
        panel_socket: Unix socket for screens and command line.
        simulation: Devices and residents are invented, and receipts say so.
        queue: None: the machine gives no tickets.
        max_journal_bytes: No new work is taken when the journal is larger, or the disk has less free.
        retract_after_s: How long a document of a kind may lie ready until the machine draws it back, tells the registry
            and frees it for the resident; for kinds that are not named, `session.take_paper_s` and `cards.take_s`.
            What cannot draw back leaves it to `printing.when_not_confirmed`.
    """

    machine_id: str = Field(pattern=r"^kiosk/[0-9]{4}/[a-z0-9-]{1,32}$")
    site_name: str = Field(min_length=1, max_length=128)
    language: Literal["id", "en"] = "id"
    state_dir: Path
    panel_socket: Path
    models_dir: Path
    simulation: bool = False
    max_journal_bytes: Annotated[int, Field(ge=1 << 20)] = 512 << 20
    registry: RegistrySettings
    devices: dict[Role, DeviceSettings]
    retract_after_s: dict[KindName, Annotated[float, Field(ge=10, le=600)]] = Field(default_factory=dict)
    session: SessionSettings = SessionSettings()
    printing: PrintingSettings = PrintingSettings()
    queue: QueueSettings | None = None
    cards: CardSettings = CardSettings()
    identity: IdentitySettings = IdentitySettings()
    technician: TechnicianSettings = TechnicianSettings()
    selftest: SelftestSettings = SelftestSettings()

    def take_s(self, kind: "DocumentKind.ValueType") -> float:
        """How long a document of this kind may lie ready before it is drawn back or taken back, seconds."""
        name = DocumentKind.Name(kind).removeprefix("DOCUMENT_KIND_").lower()
        default = self.cards.take_s if name in ("ktp_el", "kia") else self.session.take_paper_s
        return self.retract_after_s.get(cast(KindName, name), default)

    def driver_settings(self, role: str) -> catalog.DriverSettings:
        """The settings of a configured device, as its driver's own type."""
        device = self.devices[cast(Role, role)]
        return catalog.settings_type(role, device.driver).model_validate(device.settings)


def load(path: Path) -> KioskConfig:
    """Read and check the configuration.

    Raises:
        ConfigError: The file is missing or wrong; one line for each mistake.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not TOML: {error}") from error

    mistakes: list[str] = []
    config: KioskConfig | None = None
    try:
        config = KioskConfig.model_validate(raw)
    except ValidationError as error:
        mistakes += _lines(error, ())
    mistakes += _device_mistakes(raw.get("devices"))
    if config is not None and not mistakes:
        mistakes += _file_mistakes(config)
    if config is None or mistakes:
        raise ConfigError("\n".join(f"{path}: {line}" for line in mistakes))
    return config


def _device_mistakes(devices: object) -> list[str]:
    if not isinstance(devices, dict):
        return []
    mistakes = [f"devices.{role}: is missing" for role in ROLES if role not in devices]
    if ("card_printer" in devices) != ("card_encoder" in devices):
        mistakes.append("devices: a KTP-el needs both, card_printer and card_encoder")
    for role, device in devices.items():
        if role not in catalog.DRIVERS or not isinstance(device, dict):
            continue
        driver = device.get("driver")
        if not isinstance(driver, str):
            continue
        if driver not in catalog.DRIVERS[role]:
            known = ", ".join(catalog.DRIVERS[role])
            mistakes.append(f"devices.{role}.driver: there is no driver {driver!r}; known: {known}")
            continue
        try:
            catalog.settings_type(role, driver).model_validate(device.get("settings", {}))
        except ValidationError as error:
            mistakes += _lines(error, ("devices", role, "settings"))
    return mistakes


def _file_mistakes(config: KioskConfig) -> list[str]:
    registry = config.registry
    files = {
        "registry.ca_file": registry.ca_file,
        "registry.cert_file": registry.cert_file,
        "registry.key_file": registry.key_file,
        "registry.grant_public_key_file": registry.grant_public_key_file,
    }
    mistakes = [f"{name}: {path} is not a file" for name, path in files.items() if not path.is_file()]
    if not config.models_dir.is_dir():
        mistakes.append(f"models_dir: {config.models_dir} is not a folder")
    return mistakes


def _lines(error: ValidationError, prefix: tuple[str, ...]) -> list[str]:
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        where = ".".join([*prefix, *(str(part) for part in mistake["loc"])]) or "file"
        lines.append(f"{where}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}")
    return lines
