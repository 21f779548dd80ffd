"""Taking times: the project and its limit in turn, several runs each, medians and their ratio."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Work = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Result:
    """A case's medians in seconds; ``ratio`` is the project's over the limit's."""

    case: str
    project: float
    limit: float
    limit_name: str

    @property
    def ratio(self) -> float:
        """Project over limit."""
        return self.project / self.limit

    def row(self) -> str:
        """A line of the table."""
        times = f"{self.project * 1000:>10.1f} {self.limit * 1000:>10.1f} {self.ratio:>7.2f}"
        return f"{self.case:<34}{times}  {self.limit_name}"

    def as_json(self) -> str:
        """One line for programmes."""
        return json.dumps(
            {
                "case": self.case,
                "project_seconds": round(self.project, 6),
                "limit_seconds": round(self.limit, 6),
                "ratio": round(self.ratio, 3),
                "limit": self.limit_name,
            },
            ensure_ascii=False,
        )


async def _seconds(work: Work) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def compare(
    case: str, project: Work, limit: Work, limit_name: str, *, runs: int = 5
) -> Result:
    """Both in turn, one warm-up each, then ``runs`` counted runs each."""
    await project()
    await limit()
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        ours.append(await _seconds(project))
        theirs.append(await _seconds(limit))
    return Result(case, statistics.median(ours), statistics.median(theirs), limit_name)
