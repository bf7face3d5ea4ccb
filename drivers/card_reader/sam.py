"""The SAM: a second chip, given out by Ditjen Dukcapil, that does all secret cryptography.

Each method is one command of the documented sequence; what the SAM refuses becomes the error that says whose
fault it is: the card's (`CardNotAuthentic`, `CardUnreadable`) or the SAM's (`SamFault`).
"""

from collections.abc import Mapping
from enum import StrEnum

from drivers.card_reader import status_words
from drivers.card_reader.apdu import MAX_SHORT_NE, Command, Response
from drivers.card_reader.channel import Channel
from drivers.card_reader.port import CardNotAuthentic, CardUnreadable, SamFault
from drivers.card_reader.profile import Profile, SamProfile
from drivers.card_reader.status_words import Kind
from drivers.errors import Disconnected, ProtocolError
from drivers.status import DeviceState, ErrorAction


class SamLost(Disconnected):
    """The SAM went away."""


class SamCode(StrEnum):
    """`SamFault.code`, and the reason of a reading that is only `unverified`."""

    MISSING = "samMissing"
    NOT_CONFIGURED = "samNotConfigured"
    SECRET_MISSING = "samSecretMissing"
    BUSY = "samBusy"
    LOCKED = "samLocked"
    SECRET_REFUSED = "samSecretRefused"
    ERROR = "samError"


# What mends it, and the words a technician is told.
ADVICE: Mapping[SamCode, tuple[ErrorAction, str]] = {
    SamCode.MISSING: (ErrorAction.MAINTENANCE, "Put the SAM into its slot; check the reader name pattern."),
    SamCode.NOT_CONFIGURED: (ErrorAction.CONFIGURATION, "Name the SAM's secret file in the configuration."),
    SamCode.SECRET_MISSING: (ErrorAction.CONFIGURATION, "Provision the SAM's secret file: 32 bytes, or 64 hex digits."),
    SamCode.BUSY: (ErrorAction.RESET, "Another program holds the SAM: end it, or restart pcscd."),
    SamCode.LOCKED: (ErrorAction.MAINTENANCE, "The SAM is blocked: return it to Ditjen Dukcapil for a new one."),
    SamCode.SECRET_REFUSED: (
        ErrorAction.CONFIGURATION,
        "The secret is not this SAM's: do not try again, tries are counted; provision the right one, then "
        "`adm card sam-reset`.",
    ),
    SamCode.ERROR: (ErrorAction.RESET, "The SAM failed: restart the kiosk, then reseat the SAM."),
}


def sam_fault(code: SamCode, detail: str) -> SamFault:
    """The fault with this code; `detail` is for technicians and holds no personal data."""
    state = DeviceState.DEVICE_BUSY if code is SamCode.BUSY else DeviceState.HARDWARE_ERROR
    return SamFault(f"SAM: {detail}", {"sam": state}, code)


class Sam:
    """One powered SAM."""

    def __init__(self, channel: Channel, profile: SamProfile) -> None:
        self._channel = channel
        self._profile = profile

    def open(self, secret: bytes) -> None:
        """Reset the SAM's session and unlock it with the provisioned secret.

        Raises:
            SamFault: Wrong secret, locked, or failing.
        """
        self._do("reset", self._profile.ins_reset)
        self._do(
            "open",
            self._profile.ins_open,
            data=secret,
            refused=sam_fault(SamCode.SECRET_REFUSED, "the secret is refused"),
        )

    def challenge(self, card_control: bytes, uid8: bytes, challenge: bytes, card: Profile) -> bytes:
        """The SAM's answer to the card's challenge, for EXTERNAL AUTHENTICATE."""
        p2 = self._profile.p2_standard_card_control if len(card_control) == card.card_control_bytes else 0
        refused = CardNotAuthentic("the SAM refuses the card control")
        return self._do(
            "challenge", self._profile.ins_challenge, p2=p2, data=card_control + uid8 + challenge, refused=refused
        )

    def confirm(self, reply: bytes) -> None:
        """Check the card's side of the mutual authentication."""
        refused = CardNotAuthentic("the SAM refuses the card's authentication")
        self._do("confirm", self._profile.ins_confirm, data=reply, refused=refused)

    def wrap(self, plain: bytes) -> bytes:
        """The APDU under secure messaging."""
        return self._do("wrap", self._profile.ins_wrap, data=plain)

    def unwrap(self, reply: bytes) -> Response:
        """The card's plain answer to a wrapped APDU.

        Raises:
            CardUnreadable: Its message check fails: a disturbed answer, or another card's.
        """
        carries_status = self._profile.reply_carries_status
        refused = CardUnreadable("the card's answer fails the message check")
        plain = self._do(
            "unwrap", self._profile.ins_unwrap, data=reply if carries_status else reply[:-2], refused=refused
        )
        if not carries_status:
            plain += reply[-2:]
        return Response.decode(plain, MAX_SHORT_NE)

    def start_verification(self, digital_signature: bytes) -> None:
        """From here the SAM digests what it unwraps, to be checked against this signature."""
        self._data("auto-verify", self._profile.auto_verify)
        self._data("feed signature", self._profile.feed_signature, digital_signature)

    def feed_photo(self, photo: bytes) -> None:
        """Digest the photo, which was read without the SAM."""
        step = self._profile.feed_bytes
        for at in range(0, len(photo), step):
            self._data("feed photo", self._profile.feed_photo, photo[at : at + step])

    def decipher(self) -> None:
        """From here the SAM deciphers the contents of what it unwraps."""
        self._data("auto-decipher", self._profile.auto_decipher)

    def verify(self) -> None:
        """End digesting and check the signature.

        Raises:
            CardNotAuthentic: The signature does not fit the contents.
        """
        self._data("stop", self._profile.stop)
        failed = CardNotAuthentic("the digital signature does not fit the card's contents")
        reply = self._data("verify", self._profile.verify, refused=failed)
        accepted = self._profile.verify_replies
        if accepted is not None and reply not in accepted:
            raise failed

    def _data(self, what: str, operation: int, data: bytes = b"", refused: Exception | None = None) -> bytes:
        return self._do(what, self._profile.ins_data, p1=operation, data=data, refused=refused)

    def _do(
        self,
        what: str,
        ins: int,
        *,
        p1: int = 0,
        p2: int = 0,
        data: bytes = b"",
        refused: Exception | None = None,
    ) -> bytes:
        command = Command(0x00, ins, p1, p2, data=data, ne=0 if data else MAX_SHORT_NE)
        try:
            response = self._channel.send(command, MAX_SHORT_NE)
        except ProtocolError as error:
            raise sam_fault(SamCode.ERROR, f"{what}: {error}") from error
        kind = status_words.kind(response.sw)
        if kind is Kind.OK:
            return response.data
        raise _refusal(what, response.sw, kind, refused)


def _refusal(what: str, sw: int, kind: Kind, refused: Exception | None) -> Exception:
    if kind is Kind.LOCKED:
        return sam_fault(SamCode.LOCKED, f"{what} answered {status_words.describe(sw)}")
    if kind is Kind.REFUSED and refused is not None:
        return refused
    return sam_fault(SamCode.ERROR, f"{what} answered {status_words.describe(sw)}")
