"""The test sound: two tones, played by `aplay` at a terminal, captured by `arecord` where there is a microphone.

The programs are those of alsa-utils; nothing of a recording is kept but how clearly the tones stand out.
"""

import contextlib
import io
import subprocess
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

TONES_HZ: Final = (660.0, 880.0)
"""One after the other; the screens' chime has the same."""
TONE_S: Final = 0.45
RATE_HZ: Final = 16000
LISTEN_S: Final = 5
PLAY_S: Final = 10.0
CLEAR_DB: Final = 15.0
"""By how much a tone stands above its neighbourhood; speech and a running fan stay under 10 dB in both at once."""
PCM: Final = Path("/proc/asound/pcm")
AUTO, NONE = "auto", "none"
DEFAULT: Final = "default"
_WINDOW: Final = RATE_HZ // 4
_WIDE_HZ: Final = 200.0
_NEAR_HZ: Final = 12.0

Samples = NDArray[np.int16]
Recording = Callable[[], Samples | None]


def microphone(wanted: str, pcm: Path = PCM) -> str:
    """The ALSA device to listen with; empty when there is none.

    Args:
        wanted: auto (the default device, when the kernel has one that captures), none, or an ALSA device.
        pcm: The kernel's list of sound devices.
    """
    if wanted != AUTO:
        return "" if wanted == NONE else wanted
    try:
        told = pcm.read_text("utf-8", errors="replace")
    except OSError:
        return ""
    return DEFAULT if "capture" in told else ""


@contextmanager
def listening(device: str) -> Iterator[Recording]:
    """Record from now on, for `LISTEN_S`; what the block gets waits for the end and gives it, None when it failed."""
    command = ["arecord", "-q", "-D", device, "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1", "-t", "raw"]
    try:
        program = subprocess.Popen(
            [*command, "-d", str(LISTEN_S)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
    except OSError:
        # alsa-utils is not installed: the person is asked.
        yield lambda: None
        return

    def recorded() -> Samples | None:
        try:
            raw, _ = program.communicate(timeout=2 * LISTEN_S)
        except subprocess.TimeoutExpired:
            return None
        return np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.int16) if program.returncode == 0 else None

    try:
        yield recorded
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.kill()
        program.communicate()


def clearness_db(samples: Samples) -> float:
    """How far the tone that is heard less stands above its neighbourhood, in its clearest quarter of a second.

    Zero when they do not come one after the other.
    """
    count = len(samples) // _WINDOW
    if count < len(TONES_HZ):
        return 0.0
    windows = samples[: count * _WINDOW].reshape(count, _WINDOW) * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(windows, axis=1)) ** 2
    by_tone = [_above_db(power, tone) for tone in TONES_HZ]
    order = [int(above.argmax()) for above in by_tone]
    return float(min(above.max() for above in by_tone)) if order == sorted(order) else 0.0


def _above_db(power: NDArray[np.float64], tone: float) -> NDArray[np.float64]:
    """Of each window."""
    hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)
    near = np.abs(hz - tone) <= _NEAR_HZ
    other = np.any([np.abs(hz - one) <= 2 * _NEAR_HZ for one in TONES_HZ], axis=0)
    around = (np.abs(hz - tone) <= _WIDE_HZ) & ~other
    # One count of the converter: a recording of nothing at all is no clear tone.
    floor = np.maximum(np.median(power[:, around], axis=1), float(_WINDOW))
    return np.asarray(10 * np.log10(np.maximum(power[:, near].max(axis=1), 1.0) / floor))


def played(device: str = DEFAULT) -> bool:
    """Play it; whether that was possible."""
    try:
        done = subprocess.run(["aplay", "-q", "-D", device, "-"], input=wav(), capture_output=True, timeout=PLAY_S)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def wav() -> bytes:
    """The sound, as a file."""
    at = np.arange(int(TONE_S * RATE_HZ)) / RATE_HZ
    # Swelling and fading, so that the loudspeaker does not click.
    shape = np.minimum(1.0, 20 * np.minimum(at, TONE_S - at))
    tones = np.concatenate([12000 * shape * np.sin(2 * np.pi * tone * at) for tone in TONES_HZ])
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(tones.astype("<i2").tobytes())
    return out.getvalue()
