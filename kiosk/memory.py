"""Gives memory back to the system: glibc keeps what threads freed, one arena each, long after a session has ended."""

import ctypes
from typing import Final

# malloc.h of glibc 2.36: M_ARENA_MAX. Two arenas serve a dozen threads that mostly wait.
_M_ARENA_MAX: Final = -8
_ARENAS: Final = 2


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def limit_arenas() -> None:
    """Keep to few arenas; before the first thread is started."""
    _libc().mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return free pages; what a session held in them is gone from this process too."""
    _libc().malloc_trim(0)
