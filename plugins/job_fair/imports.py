"""Spreadsheets of job fairs that are more than one record a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.kit.records import Batch, Work, put
from api.kit.records.joined import JoinedIntake
from api.kit.records.reading import Where, fetch, value_sql
from api.kit.records.resource import Target
from api.kit.records.sheets import Preset, ResourceIntake, Review, given_rows
from api.kit.records.writing import hold
from core import database
from core.spreadsheets import Sheet
from plugins.job_fair.employers import Employers, match
from plugins.job_fair.fair_records import APPLICATIONS, ATTENDANCES, POSITIONS
from plugins.job_fair.records import EMPLOYERS, SEEKERS
from plugins.job_fair.statements import among

ATTENDANCE_INTAKE = JoinedIntake(
    ATTENDANCES, SEEKERS, "seeker", ("name", "organisation"), "个求职者"
)


class _WithEmployers(ResourceIntake):
    """Positions beside employers that may not be in the database yet."""

    def __init__(self, employers: Employers) -> None:
        super().__init__(POSITIONS)
        self._employers = employers

    def known(self, given: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Target]]:
        """The employers that the rows name."""
        del given
        return {"employer": self._employers.targets}


class PositionIntake(ResourceIntake):
    """One row a position; an employer that is not known is entered along with it."""

    def __init__(self) -> None:
        super().__init__(POSITIONS)

    async def _employers(self, work: Work, sheet: Sheet, preset: Preset) -> Employers:
        given, _ = given_rows(POSITIONS, sheet, preset)
        return await match(work, [each["employer"] for each in given if "employer" in each])

    async def review(self, work: Work, sheet: Sheet, preset: Preset) -> Review:
        """Check all rows; say how many employers are new."""
        employers = await self._employers(work, sheet, preset)
        told = await _WithEmployers(employers).review(work, sheet, preset)
        new = len(employers.new)
        warnings = [f"其中{new}家用人单位还没有登记过，会一并登记。"] if new else []
        return replace(told, warnings=[*warnings, *told.warnings])

    async def write(self, work: Work, sheet: Sheet, preset: Preset, filename: str) -> Review:
        """The new employers first, then the positions. Raises Refusal."""
        async with database.transaction():
            await hold(work, POSITIONS)
            employers = await self._employers(work, sheet, preset)
            if employers.new:
                await put(work, EMPLOYERS, employers.new, source=filename)
                employers = await self._employers(work, sheet, preset)
            return await _WithEmployers(employers).write(work, sheet, preset, filename)


class ApplicationIntake(ResourceIntake):
    """One row an application: the second of a seeker for a position is the second on record."""

    def __init__(self) -> None:
        super().__init__(APPLICATIONS)

    async def _batch(self, work: Work, sheet: Sheet, preset: Preset) -> tuple[Batch, Review]:
        batch, told = await super()._batch(work, sheet, preset)
        await _find_stored(batch)
        return batch, replace(told, added=len(batch.added), changed=len(batch.changed))


async def _find_stored(batch: Batch) -> None:
    """Put each row to the application that it tells of, counted as they stand. One statement."""
    where = Where()
    seekers = [str(entry.item["seeker"]) for entry in batch.entries if "seeker" in entry.item]
    narrowed, values = among(value_sql(APPLICATIONS.by_name["seeker"]), seekers, "seekers")
    if narrowed:
        where.add(narrowed.removeprefix(" AND "), **values)
    stored: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in await fetch(batch.work, APPLICATIONS, where, order="t.ordinal"):
        stored.setdefault((row["seeker"], row["position"]), []).append(row)
    counted: Counter[tuple[Any, Any]] = Counter()
    for entry in batch.entries:
        pair = (entry.item.get("seeker"), entry.item.get("position"))
        there = stored.get((str(pair[0]), str(pair[1])), [])
        if counted[pair] < len(there):
            entry.stored = there[counted[pair]]
        counted[pair] += 1
