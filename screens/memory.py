"""Gives memory back to the system: a page left behind is a ring of references, and its textures are megabytes."""

import ctypes
import gc


def give_back() -> None:
    """Collects what is unreachable and returns free pages of glibc's heap; other C libraries have nothing to return."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except AttributeError:
        return
