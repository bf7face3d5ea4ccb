"""Inputs guided by what they reach in a codec: atheris (libFuzzer), in a process of its own, which a crash may end.

`python -m tests.proofs._fuzz_guided MODULE CASE RUNS FOLDER` is that process; MODULE has `CODECS` like
`tests.proofs.fuzz_chip`. The input that broke it is left in FOLDER.
"""

import importlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The codecs, and a codec of the tests that is wrong on purpose: branches elsewhere would only lead away.
CODECS_IN = ("drivers.card_reader", "simulator.chip.sm", "tests.unit.card_reader.planted")
LONGEST_BYTES = 400
SLOWEST_S = 5
PROOF_S = 3600.0

_DONE = re.compile(r"^Done (\d+) runs", re.MULTILINE)
_REACHED = re.compile(r" cov: (\d+) ")


def feed(case: str, runs: int, module: str = "tests.proofs.fuzz_chip") -> tuple[int, list[str], str]:
    """Inputs fed, what failed, and a line for the report."""
    with tempfile.TemporaryDirectory(prefix="adm-fuzz-") as folder:
        words = [sys.executable, "-m", __name__, module, case, str(runs), folder]
        try:
            ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=PROOF_S)
        except subprocess.TimeoutExpired:
            return 0, [f"guided: took more than {PROOF_S:.0f} s"], f"{case}: guided inputs did not end"
        broken = [file.read_bytes().hex() for file in Path(folder).glob("crash-*")]
        broken += [file.read_bytes().hex() for file in Path(folder).glob("timeout-*")]
    said = ended.stdout + ended.stderr
    done = int(found[1]) if (found := _DONE.search(said)) else 0
    failures = [f"guided: {_what(said)}: {buf}" for buf in broken]
    if ended.returncode and not broken:
        failures.append(f"guided: ended with {ended.returncode}: {_what(said)}")
    reached = _REACHED.findall(said)
    return done, failures, f"{case}: {done} inputs guided by coverage, {reached[-1] if reached else 0} places reached"


def _what(said: str) -> str:
    """The exception's line of Python's traceback, or the last line."""
    lines = [line for line in said.splitlines() if line.strip()]
    raised = [line for line in lines if re.match(r"\w*(\.\w+)*(Error|Exception|Interrupt)\b", line)]
    return (raised or lines or ["it said nothing"])[-1]


def main(module: str, case: str, runs: int, folder: Path) -> None:
    """Feed one codec; ends the process."""
    import atheris  # only this process is instrumented

    with atheris.instrument_imports(include=list(CODECS_IN)):
        goods, attempt = importlib.import_module(module).CODECS[case]
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, good in enumerate(goods):
        (corpus / str(number)).write_bytes(good)
    words = (
        f"-runs={runs}",
        f"-max_len={LONGEST_BYTES}",
        f"-timeout={SLOWEST_S}",
        f"-artifact_prefix={folder}/",
        "-seed=1",
        str(corpus),
    )
    atheris.Setup([sys.argv[0], *words], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
