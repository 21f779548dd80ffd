"""How a case is measured and told: the project and its limit in turn, and where the time goes.

A module ``bench/<subject>.py`` exports ``CASES``; each case makes its own database in the folder
that it is given, and gives one Result a line of the table. A limit is the same work on the bare
driver or library. Numbers of two runs on two machines say nothing of each other: read the ratios.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core import database

Work = Callable[[], Awaitable[object]]
Unit = Literal["ms", "/s", "MB", "s"]
HEAD = f"{'case':<44}{'ours':>13} {'limit':>13} {'ratio':>7}  limit"


@dataclass(frozen=True, slots=True)
class Goal:
    """What is asked for: a bound of the project's own value, or of its ratio to the limit.

    ``bound`` is in the unit of the Result: seconds, things a second or MB. ``at_least`` is for
    rates and shares: more is better.
    """

    bound: float
    of: Literal["project", "ratio"] = "project"
    at_least: bool = False

    def is_met(self, result: Result) -> bool:
        """Whether the measured value is on the right side of the bound."""
        value = result.ratio if self.of == "ratio" else result.project
        if value is None:
            return False
        return value >= self.bound if self.at_least else value <= self.bound

    def text(self, unit: Unit) -> str:
        """Such as ``≤ 150 ms`` or ``≥ 0.60 of the limit``."""
        sign = "≥" if self.at_least else "≤"
        told = f"{self.bound:.2f} × limit" if self.of == "ratio" else shown(self.bound, unit)
        return f"{sign} {told}"


@dataclass(frozen=True, slots=True)
class Result:
    """A case's medians: seconds (units ``ms`` and ``s``), things a second (``/s``) or MB.

    ``where`` is a sentence: ``SQL 62 %, JSON 20 %, rest 18 %``. ``limit`` is None where nothing can
    be compared with. ``goals`` are those of the issue.
    """

    case: str
    project: float
    limit: float | None
    limit_name: str
    unit: Unit = "ms"
    where: str = ""
    goals: tuple[Goal, ...] = ()

    @property
    def ratio(self) -> float | None:
        """Project over limit: of times less is better, of rates more."""
        return self.project / self.limit if self.limit else None

    def verdicts(self) -> list[str]:
        """Each goal and whether it is met."""
        return [
            f"{goal.text(self.unit)}: {'met' if goal.is_met(self) else 'NOT MET'}"
            for goal in self.goals
        ]

    def row(self) -> str:
        """The line of the table, and one below it with where the time goes and the goals."""
        limit = shown(self.limit, self.unit) if self.limit is not None else "—"
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "—"
        line = f"{self.case:<44}{shown(self.project, self.unit):>13} {limit:>13} {ratio:>7}"
        notes = [*self.verdicts(), *([self.where] if self.where else [])]
        below = f"\n    {' · '.join(notes)}" if notes else ""
        return f"{line}  {self.limit_name}{below}"

    def as_json(self) -> str:
        """One line for programmes."""
        digits = 6 if self.unit in ("ms", "s") else 1
        name = {"ms": "seconds", "s": "seconds", "/s": "per_second", "MB": "megabytes"}[self.unit]
        told: dict[str, Any] = {
            "case": self.case,
            f"project_{name}": round(self.project, digits),
            f"limit_{name}": None if self.limit is None else round(self.limit, digits),
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "limit": self.limit_name,
            "where": self.where,
            "goals": [
                {"goal": goal.text(self.unit), "met": goal.is_met(self)} for goal in self.goals
            ],
        }
        return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Case:
    """Something to measure: ``run`` gets an empty folder and gives one Result a line."""

    name: str
    run: Callable[[Path], Awaitable[Sequence[Result]]]


def shown(value: float, unit: Unit) -> str:
    """A value with its unit; seconds as milliseconds where the unit says so."""
    if unit == "ms":
        milliseconds = value * 1000
        return f"{milliseconds:,.{1 if milliseconds >= 10 else 3}f} ms"
    if unit == "s":
        return f"{value:,.2f} s"
    return f"{value:,.0f} {unit}" if unit == "MB" else f"{value:,.0f}/s"


async def seconds_of(work: Work) -> float:
    """How long one run takes by the clock."""
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def median_of(work: Work, runs: int = 5) -> float:
    """Seconds of one run: the median of ``runs``, after one that is not counted."""
    await work()
    return statistics.median([await seconds_of(work) for _ in range(runs)])


async def compare(
    case: str,
    project: Work,
    limit: Work,
    limit_name: str,
    *,
    runs: int = 5,
    things: int | None = None,
    before: Work | None = None,
    where: str = "",
    goals: Sequence[Goal] = (),
) -> Result:
    """Both in turn, one warm-up each, then ``runs`` counted runs each.

    With ``things``, how many of them a run handles, the Result has rates. ``before`` runs before
    each run of the project and is not counted: it takes the last run's traces away.
    """
    ours: list[float] = []
    theirs: list[float] = []
    for run in range(runs + 1):
        if before:
            await before()
        times = await seconds_of(project), await seconds_of(limit)
        if run:
            ours.append(times[0])
            theirs.append(times[1])
    medians = statistics.median(ours), statistics.median(theirs)
    result = Result(case, *medians, limit_name, where=where, goals=tuple(goals))
    return result if things is None else as_rates(result, things)


def as_rates(result: Result, things: int) -> Result:
    """The same Result in things a second."""
    limit = things / result.limit if result.limit else None
    return replace(result, project=things / result.project, limit=limit, unit="/s")


async def sql_share(work: Work) -> str:
    """How many statements one run asks, and their share of its time.

    Statements that run side by side are counted one by one: the share may exceed 100 %.
    """
    noted: list[float] = []
    with database.observing(lambda statement: noted.append(statement.seconds)):
        seconds = await seconds_of(work)
    return f"{len(noted)} statements, SQL {sum(noted) / seconds:.0%}, rest of the run Python"


async def profiled(work: Work, parts: Mapping[str, Sequence[str]]) -> str:
    """Shares of this thread's time by part: names to pieces of file or function names.

    The waiting of the event loop counts as ``waiting``: what other threads or processes did, the
    SQL of SQLite's threads before all. A profile makes small functions look dearer than they are.
    """
    profile = cProfile.Profile()
    profile.enable()
    try:
        await work()
    finally:
        profile.disable()
    found: dict[str, float] = {}
    functions = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, function), (_, _, own, _, _) in functions.items():
        part = _part(f"{file}:{function}", parts)
        found[part] = found.get(part, 0.0) + own
    total = sum(found.values()) or 1.0
    largest = sorted(found.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {own / total:.0%}" for name, own in largest if own / total >= 0.01)


def _part(place: str, parts: Mapping[str, Sequence[str]]) -> str:
    if "select.epoll" in place:
        return "waiting"
    for name, pieces in parts.items():
        if any(piece in place for piece in pieces):
            return name
    return "rest"
