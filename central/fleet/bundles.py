"""Writes machines' states in bundles: what comes in during one write is written together by the next."""

import asyncio
from functools import partial

from central.fleet import machines
from central.fleet.heads import Kept
from central.fleet.machines import Seen
from central.store.engine import Store


class Bundles:
    """Keeps states of many machines in few transactions.

    A thousand machines that report in the same second cost a few transactions, not a thousand, and nobody waits
    longer than two writes.

    Attributes:
        written: How many transactions there were.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: list[tuple[Seen, asyncio.Future[Kept | None]]] = []
        self._writing = False
        self.written = 0

    async def keep(self, seen: Seen) -> Kept | None:
        """Have a state written; returns when it is durable, raises what the write raised.

        Returns:
            What became of its journal head; None when it had none to keep.
        """
        done: asyncio.Future[Kept | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((seen, done))
        if not self._writing:
            self._writing = True
            # A task of its own: the machine whose report began the write may go away in the middle of it.
            self._task = asyncio.ensure_future(self._write_all())
        return await done

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                bundle, self._waiting = self._waiting, []
                error: Exception | None = None
                kept: list[Kept | None] = []
                try:
                    kept = await self._store.write(partial(machines.keep, seen=[seen for seen, _ in bundle]))
                except Exception as failed:  # noqa: BLE001 - handed to everyone who waits for this bundle
                    error = failed
                self.written += 1
                for number, (_, done) in enumerate(bundle):
                    if done.cancelled():
                        continue
                    if error is None:
                        done.set_result(kept[number])
                    else:
                        done.set_exception(error)
        finally:
            self._writing = False
