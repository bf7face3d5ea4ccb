"""Status words, verbatim from XFS4IoT (CWA 17852 / XFS4IoT specification 2023-2), so that any ATM engineer reads them.

What a model cannot tell is `None`, never guessed.
"""

from enum import StrEnum


class DeviceState(StrEnum):
    """Common.Status `device`."""

    ONLINE = "online"
    OFFLINE = "offline"
    POWER_OFF = "powerOff"
    NO_DEVICE = "noDevice"
    HARDWARE_ERROR = "hardwareError"
    USER_ERROR = "userError"
    DEVICE_BUSY = "deviceBusy"
    FRAUD_ATTEMPT = "fraudAttempt"
    POTENTIAL_FRAUD = "potentialFraud"
    STARTING = "starting"


class MediaState(StrEnum):
    """CardReader.Status and Printer.Status `media`."""

    PRESENT = "present"
    NOT_PRESENT = "notPresent"
    JAMMED = "jammed"
    ENTERING = "entering"
    RETRACTED = "retracted"
    UNKNOWN = "unknown"


class PaperState(StrEnum):
    """Printer.Status `paper`."""

    FULL = "full"
    LOW = "low"
    OUT = "out"
    JAMMED = "jammed"
    UNKNOWN = "unknown"


class InkState(StrEnum):
    """Printer.Status `toner` and `ink`; a card printer's ribbon too."""

    FULL = "full"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"


class RetractBinState(StrEnum):
    """Printer.Status `retractBins`."""

    OK = "ok"
    FULL = "full"
    HIGH = "high"
    UNKNOWN = "unknown"


class PresentedState(StrEnum):
    """Whether media lies where the resident can take it."""

    PRESENTED = "presented"
    NOT_PRESENTED = "notPresented"
    UNKNOWN = "unknown"


class ErrorAction(StrEnum):
    """What mends a fault (XFS4IoT Common.ErrorEvent `action`)."""

    RESET = "reset"
    SOFTWARE_ERROR = "softwareError"
    CONFIGURATION = "configuration"
    CLEAR = "clear"
    MAINTENANCE = "maintenance"
    SUSPEND = "suspend"
