"""A volunteer's own calendar: his shifts and nothing else, alarms only where he asked for them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import audit, database, installation, moments
from core.calendar_entries import CalendarEntry
from core.permissions import Actor
from core.refusals import Missing
from events import feeds
from events.feed_tokens import SECRET_BYTES, token_hash
from plugins.volunteer.self_service.overview import shift_href
from plugins.volunteer.signing_up.engagements import WAITS, Engagement, signed_up
from plugins.volunteer.signing_up.profiles import PURPOSE, Profile

NAME = "我的志愿服务"
DESCRIPTION = "本人报名的志愿服务班次"
DAY_BEFORE = 24 * 60
PLANNED = "signed_up"
# Minutes before the start by what people choose; "" is never.
ALARMS: dict[str, str] = {
    "": "不提醒",
    "60": "提前1小时响铃",
    "120": "提前2小时响铃",
    str(DAY_BEFORE): "提前一天：前一天多一条“明天有志愿服务”，并响铃",
}


@dataclass(frozen=True, slots=True)
class OwnFeed:
    """The address of a volunteer's calendar without its secret."""

    id: int
    profile: int
    alarm_minutes: int | None
    created_at: datetime


def path(token: str) -> str:
    """The path of the calendar with that secret."""
    return f"/feeds/volunteer/{token}.ics"


async def find(profile: int) -> OwnFeed | None:
    """The address that a profile has made; None without one."""
    row = await database.fetch_one(
        "SELECT id, profile, alarm_minutes, created_at FROM volunteer_own_feed"
        " WHERE profile = :profile",
        profile=profile,
    )
    return OwnFeed(**row) if row else None


async def make(actor: Actor, profile: Profile, alarm_minutes: int | None) -> str:
    """Give a profile a new address and answer its secret, this once; an older one ends."""
    token = secrets.token_urlsafe(SECRET_BYTES)
    async with database.transaction():
        await database.execute(
            "INSERT INTO volunteer_own_feed (profile, token_hash, alarm_minutes, created_at)"
            " VALUES (:profile, :hash, :alarm, :now) ON CONFLICT (profile) DO UPDATE SET"
            " token_hash = excluded.token_hash, alarm_minutes = excluded.alarm_minutes,"
            " created_at = excluded.created_at",
            profile=profile.id,
            hash=token_hash(token),
            alarm=alarm_minutes,
            now=moments.now(),
        )
        await _record(actor, "volunteer.calendar.made", profile, alarm_minutes)
    return token


async def remind(actor: Actor, profile: Profile, alarm_minutes: int | None) -> None:
    """Change when the phone rings; the address stays. Raises Missing without an address."""
    async with database.transaction():
        changed = await database.fetch_value(
            "UPDATE volunteer_own_feed SET alarm_minutes = :alarm WHERE profile = :profile"
            " RETURNING id",
            alarm=alarm_minutes,
            profile=profile.id,
        )
        if changed is None:
            raise Missing("还没有日历地址")
        await _record(actor, "volunteer.calendar.changed", profile, alarm_minutes)


async def stop(actor: Actor, profile: Profile) -> None:
    """End the address; without one nothing happens."""
    async with database.transaction():
        ended = await database.fetch_value(
            "DELETE FROM volunteer_own_feed WHERE profile = :profile RETURNING id",
            profile=profile.id,
        )
        if ended is not None:
            await _record(actor, "volunteer.calendar.ended", profile, None)


async def _record(actor: Actor, action: str, profile: Profile, alarm: int | None) -> None:
    await audit.record(
        actor,
        action,
        PURPOSE,
        profile.number,
        organisation=profile.organisation_id,
        after={"alarm_minutes": alarm},
    )


async def resolve(token: str) -> OwnFeed:
    """The calendar of that secret. Raises Missing."""
    row = await database.fetch_one(
        "SELECT f.id, f.profile, f.alarm_minutes, f.created_at FROM volunteer_own_feed f"
        " JOIN volunteer_profile p ON p.id = f.profile"
        " WHERE f.token_hash = :hash AND p.left_at IS NULL",
        hash=token_hash(token),
    )
    if row is None:
        raise Missing("没有这个日历，或者它已经停用")
    return OwnFeed(**row)


async def render(feed: OwnFeed, *, now: datetime, site: str) -> bytes:
    """The calendar as iCalendar. Four statements."""
    here = await installation.identifier()
    found = entries(await signed_up(feed.profile), feed.alarm_minutes, here, site)
    return feeds.render_feed(NAME, DESCRIPTION, found, now=now, refresh_minutes=60)


def entries(
    engagements: Iterable[Engagement], alarm_minutes: int | None, here: str, site: str
) -> list[CalendarEntry]:
    """Shifts with a place, those waited for as tentative, cancelled ones; reminders where wanted.

    ``here`` names the installation, ``site`` is its address.
    """
    found: list[CalendarEntry] = []
    for each in engagements:
        if each.stands or each.status == WAITS or each.cancelled_at is not None:
            found.append(_entry(each, alarm_minutes, here, site))
            if alarm_minutes == DAY_BEFORE and each.stands and each.status == PLANNED:
                found.append(_reminder(each, here, site))
    return found


def _entry(each: Engagement, alarm_minutes: int | None, here: str, site: str) -> CalendarEntry:
    waits = each.status == WAITS
    state = f"候补第{each.place}位，有人退出时自动补上" if waits else "已报名"
    return CalendarEntry(
        uid=f"volunteer-shift-{each.shift_id}@{here}",
        title=f"【候补】志愿服务（{each.title}）" if waits else f"志愿服务（{each.title}）",
        starts=each.starts_at,
        ends=each.ends_at,
        modified_at=each.modified_at or each.starts_at,
        sequence=each.sequence,
        place=each.where,
        description=f"{state}；负责单位：{each.office}",
        url=f"{site}{shift_href(each)}",
        categories=("志愿服务",),
        cancelled_at=each.cancelled_at,
        alarm_minutes=None if waits else alarm_minutes,
        tentative=waits,
    )


def _reminder(each: Engagement, here: str, site: str) -> CalendarEntry:
    """An entry of the day before: many programmes pass over the alarms of a subscription."""
    day = moments.day_of(each.starts_at) - timedelta(days=1)
    where = f"，{each.where}" if each.where else ""
    return CalendarEntry(
        uid=f"volunteer-reminder-{each.shift_id}@{here}",
        title=f"明天有志愿服务：{moments.local(each.starts_at):%H:%M} {each.title}{where}",
        starts=day,
        ends=day + timedelta(days=1),
        modified_at=each.modified_at or each.starts_at,
        sequence=each.sequence,
        place=each.where,
        description="来不了，请尽早取消报名，把名额让给别人。",
        url=f"{site}{shift_href(each)}",
        categories=("志愿服务",),
    )
