"""One issuance killed at every call that it makes on its journal's files, then recovered: nothing is printed twice.

The production issuer, journal, registry client and IPP driver in a process of their own, a real central over mutual
TLS, and the virtual A4 printer behind a real ippeveprinter. The long form kills at every call, kills recoveries too,
and kills at every send on a socket; the short one at every eighth call of the journal's.
"""

import asyncio
import tempfile
from pathlib import Path

from tests.crash.kill import KillBench
from tests.crash.world import world
from tests.proofs import Options, Proof

SHORT_STEP = 8
PEOPLE = 800
RECOVERY_STEP = 5


def run(options: Options) -> Proof:
    """Try them."""
    with tempfile.TemporaryDirectory(prefix="adm-kill-") as folder:
        return asyncio.run(_run(Path(folder), options.long))


async def _run(folder: Path, long: bool) -> Proof:
    async with world(folder, PEOPLE) as made:
        bench = KillBench(made, folder / "runs")
        whole = await bench.whole()
        if long:
            await bench.every_point()
            at_calls = bench.tally.tried - 1
            await bench.recoveries(whole.points, RECOVERY_STEP)
            at_recoveries = bench.tally.tried - 1 - at_calls
            await bench.every_send()
            details = [
                f"kills at every call: {at_calls}",
                f"kills of a recovery: {at_recoveries}",
                f"kills at sends: {bench.tally.tried - 1 - at_calls - at_recoveries}",
            ]
        else:
            for point in whole.points[SHORT_STEP // 2 :: SHORT_STEP]:
                await bench.kill(point)
            details = [f"calls in one issuance: {len(whole.points)}"]
        await bench.finish()
        late = [point for point in whole.points if point.after == 2]
        seen = await bench.control(late if long else late[:2])
        details += [f"left {state} by the kill: {count}" for state, count in sorted(bench.left.items())]
        details += bench.tally.details()
        details.append(
            f"negative control, journaled too late: {seen} failures in {len(late if long else late[:2])} kills"
        )
        missed = 0 if seen else 1
        return Proof(bench.tally.tried, len(bench.tally.wrong) + missed, tuple(details))
