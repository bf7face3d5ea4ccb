"""What can go wrong with a device, in the terms of whoever called it.

DriverError
├── NotFound           the device is not there: not plugged in, wrong name, wrong serial number
├── Disconnected       it was there and went away during the call; what was under way may have happened
├── DeadlineExceeded   it did not answer in time (also a TimeoutError)
├── ProtocolError      it answered, and the answer makes no sense
├── DeviceFault        it says itself what is wrong, in status words and the vendor's code
├── Unsupported        this model cannot do that
└── OutcomeUnknown     an irreversible command was sent and its result is not known: never retry, ask issuance

Devices with more to say derive their own from these (a card that was taken away is a `Disconnected`).
No message of these errors ever carries personal data.
"""

from collections.abc import Mapping


class DriverError(Exception):
    """Anything that went wrong with a device."""


class NotFound(DriverError):
    """The device is not there."""


class Disconnected(DriverError):
    """The device went away during the call."""


class DeadlineExceeded(DriverError, TimeoutError):
    """The device did not answer in time."""


class ProtocolError(DriverError):
    """The device answered with something its protocol does not allow."""


class Unsupported(DriverError):
    """This model cannot do what was asked."""


class OutcomeUnknown(DriverError):
    """An irreversible command was sent and its result is not known."""


class DeviceFault(DriverError):
    """The device reports a fault.

    Attributes:
        words: XFS4IoT status words by name, as {"media": "jammed"}.
        code: The vendor's own code, empty when there is none.
    """

    def __init__(self, message: str, words: Mapping[str, str], code: str = "") -> None:
        super().__init__(message)
        self.words = dict(words)
        self.code = code
