"""Full disks of many sizes, a read-only one, changed pages and bits, a clock a day back: refused or survived.

Full and read-only disks are a tmpfs in a mount namespace of its own. The negative control opens a changed journal
without looking at it first, as nothing in the daemon does, and must believe something wrong.
"""

import tempfile
from pathlib import Path
from unittest import mock

from tests.crash.disks import Finds, clock, damaged, damages, full, on_a_disk, page_bytes, read_only
from tests.proofs import Options, Proof

MEMORY = Path("/dev/shm")
LARGEST_KIB = 400
LONG_STEP_KIB, SHORT_STEP_KIB = 4, 64
LONG_BITS, SHORT_BITS = 4_000, 200
CONTROL_BITS = 400


def run(options: Options) -> Proof:
    """Try them."""
    finds, control = Finds(), Finds()
    with tempfile.TemporaryDirectory(prefix="adm-disk-", dir=MEMORY) as name:
        folder = Path(name)
        for kib in range(8, LARGEST_KIB, LONG_STEP_KIB if options.long else SHORT_STEP_KIB):
            full(finds, folder / f"full-{kib}", kib << 10)
        read_only(finds, folder / "read-only")
        (folder / "clock").mkdir()
        clock(finds, folder / "clock")
        written = on_a_disk(folder / "whole", 16 << 20, ["FULL"])
        if written.returncode != 0:
            return Proof(1, 1, (written.stderr,))
        whole = folder / "whole" / "journal.db"
        size, page = whole.stat().st_size, page_bytes(whole)
        for case, at, change in damages(size, page, LONG_BITS if options.long else SHORT_BITS):
            damaged(finds, whole, folder / "copy", case, at, change)
        with mock.patch("kiosk.issuance.soundness.check"):
            for case, at, change in damages(size, page, CONTROL_BITS):
                damaged(control, whole, folder / "copy", case, at, change)
    details = [f"{name}: {count}" for name, count in sorted(finds.ends.items())]
    details += [f"lost acknowledged: {finds.lost}", *finds.wrong]
    details.append(f"negative control, opened unseen: {len(control.wrong)} of {control.tried} believed")
    return Proof(finds.tried, len(finds.wrong) + (0 if control.wrong else 1), tuple(details))
