"""The list for the ceremony: every star that is final, to be read out, printed, or taken along."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from api.kit.records import Work
from core import audit, database, spreadsheets
from core.moments import day_of
from core.numbers import rounded
from core.permissions import scope_sql
from core.spreadsheets import Column
from plugins.volunteer.honours.awarding import THING
from plugins.volunteer.honours.awards import Award, listed
from plugins.volunteer.records import VIEW

TITLE = "星级志愿者表彰名单"
COLUMNS = [
    Column("number", "序号", "count", width=6),
    Column("star", "星级", width=8),
    Column("name", "姓名", width=14),
    Column("key", "编号", width=20),
    Column("office", "单位", width=24),
    Column("hours", "服务时长（小时）", "decimal", width=16),
    Column("announced_on", "公示开始", "day"),
    Column("until", "公示截止", "day"),
    Column("decided_on", "认定日期", "day"),
]


async def final(work: Work) -> list[Award]:
    """The final stars of the actor's offices. One statement."""
    scope, values = scope_sql(work.actor, VIEW)
    return await listed(work.campaign.id, ["final"], f"v.organisation IN ({scope})", **values)


def rows(awards: Sequence[Award], full: frozenset[int] = frozenset()) -> list[dict[str, Any]]:
    """The lines of the list; names of the offices (ids) in ``full`` are not masked."""
    return [
        {
            "number": number,
            "star": award.called,
            "name": award.name if award.office_id in full else award.masked,
            "key": award.key,
            "office": award.office,
            "hours": rounded(Fraction(award.minutes, 60), 1),
            "announced_on": award.announced_on,
            "until": award.until,
            "decided_on": day_of(award.decided_at) if award.decided_at else None,
        }
        for number, award in enumerate(awards, start=1)
    ]


async def sheet(work: Work, *, unmasked: bool) -> bytes:
    """The list as an xlsx file; with names in full it is noted in the log."""
    awards = await final(work)
    full = await _unmasked_offices(work) if unmasked else frozenset()
    if unmasked:
        async with database.transaction():
            await audit.record(
                work.actor,
                "personal.exported",
                THING,
                "",
                organisation=work.campaign.organisation_id,
                campaign=work.campaign.key,
                after={"records": sum(award.office_id in full for award in awards)},
            )
    return await asyncio.to_thread(spreadsheets.write, TITLE, COLUMNS, rows(awards, full))


async def _unmasked_offices(work: Work) -> frozenset[int]:
    """The offices whose people's names the actor may read in full."""
    sql, values = scope_sql(work.actor, "personal.unmask")
    found = await database.fetch(f"SELECT id FROM organisation WHERE id IN ({sql})", **values)
    return frozenset(row["id"] for row in found)
