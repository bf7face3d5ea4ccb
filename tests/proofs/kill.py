"""One issuance killed at every call that it makes on its journal's files, then recovered: nothing is printed twice.

A family card on paper and a KTP-el. The production issuer, journal, registry client and drivers in a process of their
own, a real central over mutual TLS, and the virtual A4 printer behind a real ippeveprinter, or the virtual card printer
over USB/IP with its encoder behind a real pcscd. The long form kills at every call, kills recoveries too, and kills at
every send on a socket; the short one at every eighth call of the journal's. `--only kk` and `--only ktp` try one
document, `--only ktp:calls` (recoveries, sends) one part of the long form.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.crash.kill import KillBench
from tests.crash.kill_cards import CardKillBench, card_bench
from tests.crash.killing import Run
from tests.crash.world import world
from tests.proofs import Options, Proof

SHORT_STEP = 8
PEOPLE = 800
RECOVERY_STEP = 5
DOCUMENTS = ("kk", "ktp")
PARTS = ("calls", "recoveries", "sends")


def run(options: Options) -> Proof:
    """Try them."""
    words = tuple(name for word in options.only for name in word.split(",")) or DOCUMENTS
    every = {f"{document}:{part}" for document in DOCUMENTS for part in PARTS}
    if unknown := set(words) - set(DOCUMENTS) - every:
        return Proof(1, 1, (f"no part {', '.join(sorted(unknown))}; there are {', '.join(sorted(every))}",))
    proofs = {}
    for document in DOCUMENTS:
        parts = [part for part in PARTS if {document, f"{document}:{part}"} & set(words)]
        if parts:
            with tempfile.TemporaryDirectory(prefix="adm-kill-") as folder:
                kill = _paper if document == "kk" else _cards
                proofs[document] = asyncio.run(kill(Path(folder), parts if options.long else []))
    details = [f"{document}: {line}" for document, proof in proofs.items() for line in proof.details]
    return Proof(sum(one.tried for one in proofs.values()), sum(one.failed for one in proofs.values()), tuple(details))


async def _paper(folder: Path, parts: Sequence[str]) -> Proof:
    async with world(folder, PEOPLE) as made:
        return await _kill(KillBench(made, folder / "runs"), parts)


async def _cards(folder: Path, parts: Sequence[str]) -> Proof:
    async with world(folder, PEOPLE) as made, card_bench(folder / "cards") as cards:
        return await _kill(CardKillBench(made, folder / "runs", bench=cards), parts)


async def _kill(bench: KillBench, parts: Sequence[str]) -> Proof:
    whole = await bench.whole()
    details = await (_everywhere(bench, whole, parts) if parts else _here_and_there(bench, whole))
    await bench.finish()
    late = [point for point in whole.points if point.after == bench.granted]
    late = late if parts else late[:2]
    seen = await bench.control(late)
    details += [f"left {state} by the kill: {count}" for state, count in sorted(bench.left.items())]
    details += bench.tally.details()
    details.append(f"negative control, journaled too late: {seen} failures in {len(late)} kills")
    return Proof(bench.tally.tried, len(bench.tally.wrong) + (0 if seen else 1), tuple(details))


async def _here_and_there(bench: KillBench, whole: Run) -> list[str]:
    for point in whole.points[SHORT_STEP // 2 :: SHORT_STEP]:
        await bench.kill(point)
    return [f"calls in one issuance: {len(whole.points)}"]


async def _everywhere(bench: KillBench, whole: Run, parts: Sequence[str]) -> list[str]:
    details = []
    for part in parts:
        before = bench.tally.tried
        match part:
            case "calls":
                await bench.every_point()
            case "recoveries":
                await bench.recoveries(whole.points, RECOVERY_STEP)
            case _:
                await bench.every_send()
        details.append(f"kills, {part}: {bench.tally.tried - before}")
    return details
