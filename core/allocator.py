"""Keeping a server's memory flat: what was large and is free goes back to the system.

The allocator of glibc moves its threshold for mapping memory up to 32 MB once it has seen large
pieces; from then on they come from heaps that stay as large as they ever were, one for each thread
(mallopt(3)). A fixed threshold keeps large pieces apart, and two heaps are enough for our threads.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# malloc.h: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX
_SETTINGS: Final = ((-1, 128 * 1024), (-3, 128 * 1024), (-8, 2))
# New objects before the collector of garbage looks at them (700 unless set): an import makes
# hundreds of thousands that live, and looking through them takes a tenth of its time.
_YOUNG: Final = 10_000


LARGE = 1_000_000
"""Bytes of a document from which on what it took is worth being looked for."""


def settle() -> None:
    """Set both allocators of this process; elsewhere than on glibc, Python's alone."""
    gc.set_threshold(_YOUNG, 10, 10)
    for parameter, value in _SETTINGS:
        _call("mallopt", parameter, value)


@contextmanager
def without_collector(*, kept: bool = False) -> Iterator[None]:
    """Keep the collector of garbage still: it takes a third of a start, which makes none.

    What is ``kept`` for the process's whole life is not looked through later either.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if kept:
            gc.freeze()
        gc.enable()


def give_back() -> None:
    """Give back at once what a large document took: cycles, and free pages between used ones.

    Else the collector comes to it long after, when other things have settled around it.
    """
    gc.collect()
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    """Call a function of glibc; elsewhere there is none."""
    if sys.platform.startswith("linux"):
        function = getattr(ctypes.CDLL(None), name, None)
        if function is not None:  # musl has none
            function(*arguments)
