"""What an Evolis printer's refusals mean, in status words."""

from collections.abc import Callable, Mapping

from drivers.card_printer.evolis_answers import Refusal, Refused
from drivers.errors import DeviceFault
from drivers.status import DeviceState, InkState, MediaState, PaperState, RetractBinState

EMPTY_HOPPER = {"device": DeviceState.ONLINE, "paper": PaperState.OUT}
JAMMED_FEEDER = {"device": DeviceState.HARDWARE_ERROR, "paper": PaperState.JAMMED}
NO_CARD = {"device": DeviceState.ONLINE, "media": MediaState.NOT_PRESENT}
CARD_INSIDE = {"device": DeviceState.ONLINE, "media": MediaState.PRESENT}
NO_RIBBON = {"device": DeviceState.ONLINE, "ribbon": InkState.OUT}
OPEN_COVER = {"device": DeviceState.USER_ERROR, "cover": "open"}

_WORDS: Mapping[Refusal, Mapping[str, str]] = {
    Refusal.MECHANICAL: {"device": DeviceState.HARDWARE_ERROR, "media": MediaState.JAMMED},
    Refusal.COVER: OPEN_COVER,
    Refusal.FEEDER: {"device": DeviceState.HARDWARE_ERROR, "paper": PaperState.UNKNOWN},
    Refusal.RIBBON: NO_RIBBON,
    Refusal.HEAD: {"device": DeviceState.HARDWARE_ERROR, "head": "hot"},
    Refusal.REJECT_FULL: {"device": DeviceState.USER_ERROR, "retractBins": RetractBinState.FULL},
}


def device_fault(
    message: str, refused: Refused, feeder_holds_cards: Callable[[], bool | None] | None = None
) -> DeviceFault:
    """The fault for a refusal.

    Args:
        feeder_holds_cards: Asked after a feeder fault, which is an empty hopper or a jam; None: not known.
    """
    words = _WORDS.get(refused.why, {"device": DeviceState.HARDWARE_ERROR})
    if refused.why is Refusal.FEEDER and feeder_holds_cards is not None:
        words = {True: JAMMED_FEEDER, False: EMPTY_HOPPER, None: words}[feeder_holds_cards()]
    return DeviceFault(message, words, refused.code)
