"""How often and how long this process waited for its turn, since it started."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Waits:
    """Waits for one thing: how many, and their seconds together."""

    count: int = 0
    seconds: float = 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count what happens inside as one wait, also when it is given up."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - started


# Only whoever found the thing taken is counted: 0 means that nobody ever had to wait.
WRITER = Waits()
CONNECTION = Waits()
