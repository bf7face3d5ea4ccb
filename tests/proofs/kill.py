"""One issuance killed at every call that it makes on its journal's files, then recovered: nothing is printed twice.

A family card on paper and a KTP-el. The production issuer, journal, registry client and drivers in a process of their
own, a real central over mutual TLS, and the virtual A4 printer behind a real ippeveprinter, or the virtual card printer
over USB/IP with its encoder behind a real pcscd. The long form kills at every call, kills recoveries too, and kills at
every send on a socket; the short one at every eighth call of the journal's. `--only kk` and `--only ktp` try one.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.crash.kill import KillBench
from tests.crash.kill_cards import CardKillBench, card_bench
from tests.crash.killing import Run
from tests.crash.world import world
from tests.proofs import Options, Proof

SHORT_STEP = 8
PEOPLE = 800
RECOVERY_STEP = 5
PARTS = ("kk", "ktp")


def run(options: Options) -> Proof:
    """Try them."""
    wanted = tuple(name for word in options.only for name in word.split(",")) or PARTS
    if unknown := set(wanted) - set(PARTS):
        return Proof(1, 1, (f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}",))
    proofs = []
    for part in wanted:
        with tempfile.TemporaryDirectory(prefix="adm-kill-") as folder:
            proofs.append(asyncio.run((_paper if part == "kk" else _cards)(Path(folder), options.long)))
    details = [f"{part}: {line}" for part, proof in zip(wanted, proofs, strict=True) for line in proof.details]
    return Proof(sum(one.tried for one in proofs), sum(one.failed for one in proofs), tuple(details))


async def _paper(folder: Path, long: bool) -> Proof:
    async with world(folder, PEOPLE) as made:
        return await _kill(KillBench(made, folder / "runs"), long)


async def _cards(folder: Path, long: bool) -> Proof:
    async with world(folder, PEOPLE) as made, card_bench(folder / "cards") as cards:
        return await _kill(CardKillBench(made, folder / "runs", bench=cards), long)


async def _kill(bench: KillBench, long: bool) -> Proof:
    whole = await bench.whole()
    details = await (_everywhere(bench, whole) if long else _here_and_there(bench, whole))
    await bench.finish()
    late = [point for point in whole.points if point.after == bench.granted]
    late = late if long else late[:2]
    seen = await bench.control(late)
    details += [f"left {state} by the kill: {count}" for state, count in sorted(bench.left.items())]
    details += bench.tally.details()
    details.append(f"negative control, journaled too late: {seen} failures in {len(late)} kills")
    return Proof(bench.tally.tried, len(bench.tally.wrong) + (0 if seen else 1), tuple(details))


async def _here_and_there(bench: KillBench, whole: Run) -> list[str]:
    for point in whole.points[SHORT_STEP // 2 :: SHORT_STEP]:
        await bench.kill(point)
    return [f"calls in one issuance: {len(whole.points)}"]


async def _everywhere(bench: KillBench, whole: Run) -> list[str]:
    await bench.every_point()
    at_calls = bench.tally.tried - 1
    print(f"kills at every call: {at_calls}", file=sys.stderr, flush=True)
    await bench.recoveries(whole.points, RECOVERY_STEP)
    at_recoveries = bench.tally.tried - 1 - at_calls
    print(f"kills of a recovery: {at_recoveries}", file=sys.stderr, flush=True)
    await bench.every_send()
    return [
        f"kills at every call: {at_calls}",
        f"kills of a recovery: {at_recoveries}",
        f"kills at sends: {bench.tally.tried - 1 - at_calls - at_recoveries}",
    ]
