"""Display, touch and sound: what the kernel tells, and what a person at the machine sees, touches and hears."""

import time
from pathlib import Path
from typing import Final

from selftest import advice, sound
from selftest.model import (
    ALONE,
    Check,
    Finding,
    Level,
    Limits,
    Measurement,
    Needs,
    Subject,
    Words,
    failed,
    passed,
    skipped,
)
from selftest.operator import Operator, Step

DISPLAY: Final = "display"
TOUCH: Final = "touch"
SOUND: Final = "sound"
SOON_S: Final = 3.0
LOOK_S: Final = 60.0
TOUCH_S: Final = 120.0
HEAR_S: Final = 30.0
COLUMNS: Final = 6
ROWS: Final = 10
NOBODY: Final = f"{ALONE} to look"
UNANSWERED: Final = "not answered, or only on the machine's own screen"
DRM: Final = Path("/sys/class/drm")
ASOUND: Final = Path("/proc/asound/cards")


def subject(operator: Operator | None, drm: Path = DRM, asound: Path = ASOUND, microphone: str = "") -> Subject:
    """Checks of what faces the resident.

    Args:
        operator: None: nobody can be asked.
        drm: The kernel's display connectors.
        asound: ALSA's list of sound cards.
        microphone: ALSA device that the sound is captured with; empty: it is asked.
    """
    full, nobody = (Needs.OPERATOR, Level.FULL), skipped(NOBODY)

    def asked(check: str, device: str, title: Words, run: object, within_s: float) -> Check:
        assert callable(run)
        return Check(check, device, title, (lambda: nobody) if operator is None else run, within_s, *full)

    return Subject(
        (
            Check(
                f"{DISPLAY}.connected",
                DISPLAY,
                Words("Layar tersambung", "Display connected"),
                lambda: _connected(drm),
                SOON_S,
            ),
            Check(f"{SOUND}.card", SOUND, Words("Kartu suara", "Sound card"), lambda: _card(asound), SOON_S),
            asked(
                f"{TOUCH}.map",
                TOUCH,
                Words("Seluruh layar menanggapi sentuhan", "The whole screen takes touches"),
                lambda: _touched(operator),
                TOUCH_S + 10.0,
            ),
            asked(
                f"{DISPLAY}.look",
                DISPLAY,
                Words("Warna dan garis layar", "Colours and lines of the display"),
                lambda: _look(operator),
                LOOK_S + 10.0,
            ),
            asked(
                f"{SOUND}.heard",
                SOUND,
                Words("Suara terdengar", "Sound heard"),
                lambda: _heard(operator, microphone),
                2 * HEAR_S + 10.0,
            ),
        )
    )


def _connected(drm: Path) -> Finding:
    told = [path.read_text("ascii").strip() for path in sorted(drm.glob("*/status"))] if drm.is_dir() else []
    if not told:
        return skipped("the machine does not tell")
    return passed() if "connected" in told else failed("display:disconnected", advice.DISPLAY)


def _card(asound: Path) -> Finding:
    try:
        told = asound.read_text("utf-8", errors="replace")
    except OSError:
        return skipped("the machine does not tell")
    return failed("sound:noDevice", advice.SOUND) if "no soundcards" in told else passed()


def _touched(operator: Operator | None) -> Finding:
    assert operator is not None
    began = time.monotonic()
    dead = operator.dead_cells(COLUMNS, ROWS, TOUCH_S)
    if dead is None:
        return skipped(UNANSWERED)
    count = Measurement("dead", len(dead), "", Limits(at_most=0))
    where = f"dead:{','.join(str(cell) for cell in dead[:20])}"
    took = Measurement("time", time.monotonic() - began, "s")
    return failed(where, advice.TOUCH, count, took) if dead else passed(count, took)


def _look(operator: Operator | None) -> Finding:
    assert operator is not None
    fine = operator.display_fine(LOOK_S)
    if fine is None:
        return skipped(UNANSWERED)
    return passed() if fine else failed("display:faulty", advice.DISPLAY)


def _heard(operator: Operator | None, microphone: str) -> Finding:
    """Captured where there is a microphone; asked where there is none, and where it heard nothing."""
    assert operator is not None
    clear = _captured(operator, microphone) if microphone else None
    if clear is not None and clear.holds:
        return passed(clear)
    return _asked(operator)


def _captured(operator: Operator, microphone: str) -> Measurement | None:
    with sound.listening(microphone) as recorded:
        if not operator.begin(Step.HEAR_SOUND, HEAR_S):
            return None
        try:
            samples = recorded()
        finally:
            operator.end()
    if samples is None:
        return None
    return Measurement("tones", sound.clearness_db(samples), "dB", Limits(at_least=sound.CLEAR_DB))


def _asked(operator: Operator) -> Finding:
    heard = operator.ask(Step.HEAR_SOUND, HEAR_S)
    if heard is None:
        return skipped(UNANSWERED)
    return passed() if heard else failed("sound:unheard", advice.SOUND)
