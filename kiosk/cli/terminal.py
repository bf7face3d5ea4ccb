"""The person at a terminal as the checks ask them: one question at a time, in both languages, each with its time."""

import select
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, TextIO

from drivers.deadline import Deadline
from selftest.operator import Absent, Step

SLICE_S: Final = 0.5
WORDS: Final[Mapping[Step, tuple[str, str]]] = {
    Step.PLACE_CARD: ("Letakkan kartu uji (KTP-el) di pembaca.", "Put the test card (an e-KTP) on the reader."),
    Step.SHOW_RECEIPT: ("Tunjukkan struk uji ke kamera.", "Hold the test receipt to the camera."),
    Step.SHOW_PAGE: (
        "Tunjukkan seluruh halaman uji ke kamera.",
        "Hold the test page to the camera, all of it.",
    ),
    Step.LOAD_TEST_BLANK: (
        "Masukkan satu kartu uji ke celah manual printer KTP-el. Bukan blangko penduduk.",
        "Put one test blank into the manual slot of the KTP-el printer. No resident's blank.",
    ),
    Step.LOAD_KIA_TEST_BLANK: (
        "Masukkan satu kartu uji ke celah manual printer KIA. Bukan blangko penduduk.",
        "Put one test blank into the manual slot of the KIA printer. No resident's blank.",
    ),
    Step.PLACE_ENCODED_CARD: (
        "Ambil kartu uji dari printer, letakkan di pembaca depan.",
        "Take the test card out of the printer and put it on the front reader.",
    ),
}
"""What the checks see by themselves, or a person does before they go on; the rest needs the machine's own screen."""
ASKED: Final = frozenset({Step.LOAD_TEST_BLANK, Step.LOAD_KIA_TEST_BLANK})
HEARD: Final = ("Apakah terdengar nada dari pengeras suara?", "Was a tone heard from the loudspeaker?")
YES: Final = frozenset({"y", "yes", "ya"})


class AtTheTerminal(Absent):
    """A `selftest.operator.Operator` on standard input. Called from several threads, one question at a time."""

    def __init__(
        self, source: TextIO = sys.stdin, out: TextIO = sys.stdout, play: Callable[[], bool] = lambda: False
    ) -> None:
        """Make it.

        Args:
            source: A terminal's lines.
            play: Plays the test sound; whether it could.
        """
        self._source = source
        self._out = out
        self._play = play
        self._turn = threading.Lock()

    def ask(self, step: Step, within_s: float) -> bool | None:
        """Yes or no; None when nobody answers in time, or when it needs the machine's own screen."""
        with self._turn:
            if step is Step.HEAR_SOUND:
                return self._answered(HEARD, within_s) if self._play() else None
            return self._answered(WORDS[step], within_s) if step in ASKED else None

    def begin(self, step: Step, within_s: float) -> bool:
        """Say what to do; `n` says that it cannot be done. The turn is kept until `end`."""
        if step is Step.HEAR_SOUND:
            self._turn.acquire()
            # The microphone listens meanwhile.
            threading.Thread(target=self._play, name="test-sound", daemon=True).start()
            return True
        if step not in WORDS:
            return False
        self._turn.acquire()
        self._say(WORDS[step], f"[n = tidak bisa / cannot, {within_s:.0f} s] ")
        return True

    def gave_up(self) -> bool:
        """Whether they said that they cannot."""
        return self._line(0.0) == "n"

    def end(self) -> None:
        """The step is over."""
        print(file=self._out, flush=True)
        self._turn.release()

    def _answered(self, words: tuple[str, str], within_s: float) -> bool | None:
        self._say(words, f"[y/n, {within_s:.0f} s] ")
        until = Deadline.after(within_s)
        while not until.expired:
            line = self._line(until.sooner(SLICE_S).remaining_s)
            if line is not None:
                return line in YES
        print(file=self._out, flush=True)
        return None

    def _line(self, within_s: float) -> str | None:
        """What was typed; None when nothing was, and when nobody can type any more."""
        ready, _, _ = select.select([self._source], [], [], within_s)
        if not ready:
            return None
        line = self._source.readline()
        if not line:
            # The terminal is gone: that is nobody, and no reason to look again at once.
            time.sleep(within_s)
            return None
        return line.strip().lower()

    def _say(self, words: tuple[str, str], end: str) -> None:
        indonesian, english = words
        print(f"\r\x1b[K>> {indonesian}\n   {english}\n   {end}", end="", file=self._out, flush=True)
