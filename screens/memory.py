"""Gives memory back to the system: a page left behind is a ring of references, and its textures are megabytes."""

import ctypes
import gc
from typing import Final

# malloc.h of glibc 2.36, M_ARENA_MAX. Each thread's own arena keeps what it freed; two serve threads that mostly wait.
_ARENAS: Final = (-8, 2)
# M_MMAP_THRESHOLD: from this size on (bytes) memory is mapped by itself and goes back the moment it is freed. Unset,
# glibc raises it to the size of the largest picture that was ever freed, and pictures lie scattered over the heap.
_MAPPED: Final = (-3, 64 * 1024)


def keep_little() -> None:
    """Tells glibc how to keep freed memory; before the first thread is started and the first picture is loaded."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except AttributeError:
        return
    for option, value in (_ARENAS, _MAPPED):
        mallopt(option, value)


def give_back() -> None:
    """Collects what is unreachable and returns free pages of glibc's heap; other C libraries have nothing to return."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        return
