"""Shifts in calendars, and what somebody should look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from core import database, installation, moments, privacy, wording
from core.calendar_entries import CalendarEntry
from core.findings import Finding
from core.measures import IN_SCOPE
from core.scopes import Scope
from plugins.volunteer.rules import (
    MOST_MINUTES_A_DAY,
    credited_interval,
    duration_text,
    minutes_by_day,
)

MOST = 50
NAMED = "COALESCE(NULLIF(h.title, ''), '志愿服务')"
SHIFT = (
    f"SELECT h.id, h.key, {NAMED} AS title, h.starts_at, h.ends_at, h.capacity, h.sequence,"
    " h.modified_at, h.place, h.cancelled_at, o.key AS organisation,"
    " COALESCE(p.name, o.name) AS office"
    " FROM volunteer_shift h JOIN organisation o ON o.id = h.organisation"
    " LEFT JOIN campaign_participant p ON p.campaign = h.campaign"
    " AND p.organisation = h.organisation"
)
ATTENDED = (
    " FROM volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
    " AND h.campaign = a.campaign"
)
# By an office alone no index serves: each plan begins with the records of the campaign.
OF_SCOPE = f" WHERE h.campaign = :campaign AND h.organisation + 0 IN ({IN_SCOPE})"


def base(scope: Scope) -> str:
    """The address of the plugin's pages."""
    return f"/campaigns/{quote(scope.campaign, safe='')}/volunteer"


def _values(scope: Scope) -> dict[str, Any]:
    return {"campaign": scope.campaign_id, "root": scope.organisation_id}


async def calendar_entries(scope: Scope) -> list[CalendarEntry]:
    """Shifts of the scope. One that belongs to an activity stands in the calendar already.

    Two statements.
    """
    rows = await database.fetch(
        f"{SHIFT}{OF_SCOPE} AND h.activity IS NULL ORDER BY h.starts_at, h.id", **_values(scope)
    )
    here = await installation.identifier() if rows else ""
    return [
        CalendarEntry(
            uid=f"volunteer-shift-{row['id']}@{here}",
            title=f"志愿服务（{row['title']}）",
            starts=row["starts_at"],
            ends=row["ends_at"],
            # A shift from before revisions were kept: a moment that stays the same.
            modified_at=row["modified_at"] or row["starts_at"],
            sequence=row["sequence"],
            description=f"负责机构：{row['office']}；需要志愿者{row['capacity']}人",
            url=_shift_href(scope, row),
            place=row["place"],
            cancelled_at=row["cancelled_at"],
            categories=("志愿服务",),
        )
        for row in rows
    ]


def _shift_href(scope: Scope, row: Mapping[str, Any]) -> str:
    return f"{base(scope)}/shifts/{quote(row['key'], safe='')}"


def _about(scope: Scope, row: Mapping[str, Any], code: str, sentence: str) -> Finding:
    day = wording.day(moments.day_of(row["starts_at"]))
    return Finding(
        code=code,
        message=f"{row['office']}{day}的班次“{row['title']}”{sentence}",
        organisation=row["organisation"],
        href=_shift_href(scope, row),
    )


async def findings(scope: Scope) -> list[Finding]:
    """Too many people, days outside the campaign's, what waits too long, days too long.

    Five statements.
    """
    return [
        *await _crowded(scope),
        *await _outside(scope),
        *await _waiting(scope),
        *await _long_days(scope),
    ]


async def _crowded(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        f"SELECT * FROM ({SHIFT}{OF_SCOPE}) s JOIN (SELECT shift, COUNT(DISTINCT volunteer)"
        " AS people FROM volunteer_attendance WHERE campaign = :campaign"
        " AND status NOT IN ('rejected', 'no_show') GROUP BY shift) c ON c.shift = s.id"
        " WHERE c.people > s.capacity ORDER BY s.starts_at, s.id LIMIT :most",
        **_values(scope),
        most=MOST,
    )
    return [
        _about(
            scope,
            row,
            "capacity_exceeded",
            f"需要{row['capacity']}人，登记了{row['people']}人，请核对名单或者改需要的人数。",
        )
        for row in rows
    ]


async def _outside(scope: Scope) -> list[Finding]:
    campaign = await database.fetch_one(
        "SELECT starts_on, ends_on FROM campaign WHERE id = :campaign", campaign=scope.campaign_id
    )
    if campaign is None:
        return []
    rows = await database.fetch(
        f"{SHIFT}{OF_SCOPE} AND (h.starts_at < :opens OR h.ends_at > :closes)"
        " ORDER BY h.starts_at, h.id LIMIT :most",
        **_values(scope),
        opens=moments.from_local(campaign["starts_on"]),
        closes=moments.from_local(campaign["ends_on"] + timedelta(days=1)),
        most=MOST,
    )
    return [_about(scope, row, "outside_window", "不在活动期间之内，请核对日期。") for row in rows]


async def _waiting(scope: Scope) -> list[Finding]:
    rows = await database.fetch(
        f"SELECT * FROM ({SHIFT}{OF_SCOPE} AND h.ends_at < :now) s JOIN (SELECT shift,"
        " COUNT(*) AS pending FROM volunteer_attendance WHERE campaign = :campaign"
        " AND status = 'pending' GROUP BY shift) c ON c.shift = s.id"
        " ORDER BY s.starts_at, s.id LIMIT :most",
        **_values(scope),
        now=moments.now(),
        most=MOST,
    )
    return [
        _about(
            scope,
            row,
            "pending_after_end",
            f"已经结束，还有{row['pending']}条服务记录没有确认，没有计入时长。",
        )
        for row in rows
    ]


async def _long_days(scope: Scope) -> list[Finding]:
    """Only volunteers with more than ten hours in all can have had them on one day."""
    counted = f"{OF_SCOPE} AND a.status = 'confirmed'"
    rows = await database.fetch(
        "SELECT v.id, v.key, v.name_sealed, o.key AS organisation, a.checked_in_at,"
        f" a.checked_out_at, h.starts_at, h.ends_at{ATTENDED}"
        " JOIN volunteer_person v ON v.id = a.volunteer"
        " JOIN organisation o"
        f" ON o.id = h.organisation{counted} AND a.volunteer IN"
        f" (SELECT a.volunteer{ATTENDED}{counted} GROUP BY a.volunteer"
        " HAVING SUM(a.credited_minutes) > :longest)",
        **_values(scope),
        longest=MOST_MINUTES_A_DAY,
    )
    served: dict[tuple[date, int], int] = defaultdict(int)
    people: dict[tuple[date, int], dict[str, Any]] = {}
    for row in rows:
        times = row["starts_at"], row["ends_at"]
        interval = credited_interval(row["checked_in_at"], row["checked_out_at"], *times)
        for day, minutes in (minutes_by_day(*interval) if interval else {}).items():
            served[day, row["id"]] += minutes
            people[day, row["id"]] = row
    long = sorted(place for place, minutes in served.items() if minutes > MOST_MINUTES_A_DAY)
    return [_long_day(scope, people[place], place[0], served[place]) for place in long[:MOST]]


def _long_day(scope: Scope, row: Mapping[str, Any], day: date, minutes: int) -> Finding:
    name = privacy.mask_name(privacy.unseal(row["name_sealed"]))
    return Finding(
        code="long_day",
        message=(
            f"志愿者{name}{wording.day(day)}一天计入{duration_text(minutes)}，"
            f"超过{duration_text(MOST_MINUTES_A_DAY)}，请核对签到签退时间。"
        ),
        organisation=row["organisation"],
        href=f"{base(scope)}/attendances?{urlencode({'volunteer': row['key']})}",
    )
