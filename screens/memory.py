"""Gives memory back to the system: a page left behind is a ring of references, and its textures are megabytes."""

import ctypes
import gc
from typing import Final

# malloc.h of glibc 2.36: M_ARENA_MAX. Each thread's own arena keeps what it freed; two serve threads that mostly wait.
_M_ARENA_MAX: Final = -8


def limit_arenas() -> None:
    """Keeps glibc to two arenas; before the first thread is started."""
    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    except AttributeError:
        return


def give_back() -> None:
    """Collects what is unreachable and returns free pages of glibc's heap; other C libraries have nothing to return."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        return
