"""Work goes on while a screen asks: whichever ends first decides, and neither is left behind."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def meanwhile(work: Coroutine[Any, Any, T], asking: Coroutine[Any, Any, object]) -> T:
    """What `work` gives, unless `asking` is answered before.

    Raises:
        Exception: What `asking` raised, or `work`; the other one was cancelled.
    """
    working, answer = asyncio.create_task(work), asyncio.create_task(asking)
    try:
        await asyncio.wait({working, answer}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            answer.result()
        return await working
    finally:
        for task in (working, answer):
            task.cancel()
        await asyncio.gather(working, answer, return_exceptions=True)
