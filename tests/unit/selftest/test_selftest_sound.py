"""The test sound is heard by a microphone where there is one; aplay and arecord over ALSA's own file devices."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from selftest import sound
from selftest.checks import panel
from selftest.model import Finding, Level, Machine, Outcome
from selftest.operator import Absent, Step
from selftest.runner import run

NULL = "{ type null }"
NOISE = np.random.default_rng(1).normal(0, 3000, sound.LISTEN_S * sound.RATE_HZ).astype(np.int16)


def tones(*order: float, loud: float = 6000.0) -> sound.Samples:
    at = np.arange(int(sound.TONE_S * sound.RATE_HZ)) / sound.RATE_HZ
    silence = np.zeros(sound.RATE_HZ)
    return np.concatenate([silence, *(loud * np.sin(2 * np.pi * hz * at) for hz in order), silence]).astype(np.int16)


def test_tones_are_told_from_noise_silence_and_each_other() -> None:
    assert sound.clearness_db(tones(*sound.TONES_HZ)) > sound.CLEAR_DB
    assert sound.clearness_db(tones(*sound.TONES_HZ, loud=300.0) + NOISE[: len(tones(660, 880))] // 20) > sound.CLEAR_DB
    for other in (NOISE, np.zeros_like(NOISE), tones(660.0), tones(880.0, 660.0), tones(440.0, 1200.0), NOISE[:100]):
        assert sound.clearness_db(other) < sound.CLEAR_DB


def test_a_microphone_is_one_that_the_kernel_has(tmp_path: Path) -> None:
    pcm = tmp_path / "pcm"
    assert sound.microphone("auto", pcm) == ""
    pcm.write_text("00-00: HDA : HDA : playback 1\n")
    assert sound.microphone("auto", pcm) == ""
    pcm.write_text("00-00: HDA : HDA : playback 1 : capture 1\n")
    assert sound.microphone("auto", pcm) == "default"
    assert sound.microphone("none", pcm) == ""
    assert sound.microphone("hw:1,0", pcm) == "hw:1,0"


class Listener(Absent):
    """A `selftest.operator.Operator` before whom the sound is played; says whether it was heard."""

    def __init__(self, play: Callable[[], object], hears: bool | None) -> None:
        self._play, self._hears = play, hears
        self.asked: list[Step] = []

    def ask(self, step: Step, within_s: float) -> bool | None:
        self.asked.append(step)
        return self._hears

    def begin(self, step: Step, within_s: float) -> bool:
        self._play()
        return True


def heard(listener: Listener, microphone: str) -> Finding:
    subject = panel.subject(listener, microphone=microphone)
    report = run((subject,), Machine("kiosk/3520/test", {}, {}, True), Level.FULL)
    return {result.check.id: result.finding for result in report.results}["sound.heard"]


@pytest.fixture
def air(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a loudspeaker plays is what a microphone hears; the file between them."""
    between = tmp_path / "air.raw"
    between.write_bytes(bytes(2 * sound.RATE_HZ * sound.LISTEN_S))
    conf = tmp_path / "asound.conf"
    conf.write_text(
        "pcm.!default { type null }\n"
        f'pcm.speaker {{ type file file "{between}" format "raw" slave.pcm {NULL} }}\n'
        f'pcm.mic {{ type file file "/dev/null" infile "{between}" format "raw" slave.pcm {NULL} }}\n'
    )
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(conf))
    return between


def test_what_the_loudspeaker_plays_is_heard_by_the_microphone(air: Path) -> None:
    assert sound.played("speaker")
    assert air.stat().st_size > 0
    listener = Listener(lambda: None, None)
    finding = heard(listener, "mic")
    assert finding.outcome is Outcome.PASS
    assert finding.measurements[0].value > sound.CLEAR_DB
    assert listener.asked == []


def test_what_the_microphone_does_not_hear_is_asked(air: Path) -> None:
    listener = Listener(lambda: None, False)
    assert heard(listener, "mic").reason == "sound:unheard"
    assert heard(Listener(lambda: None, True), "no such device").outcome is Outcome.PASS
    assert heard(Listener(lambda: None, None), "").outcome is Outcome.SKIPPED
    assert listener.asked == [Step.HEAR_SOUND]


def test_a_sound_that_cannot_be_played_is_said_to_be_none(air: Path) -> None:
    assert not sound.played("no such device")
