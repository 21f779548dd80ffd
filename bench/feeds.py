"""Calendar feeds of an office: cold, when nothing changed, and for who has them already (304).

Server time, from the ASGI call to the last byte, the lookup of the subscription included. The limit
of a cold one is what others do: the rows on bare sqlite3 and the icalendar library. The limit of
the others is the smallest Litestar handler that looks the subscription up on bare sqlite3 and holds
the bytes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from icalendar import Calendar, Event
from litestar import Litestar, Response, get
from litestar.params import FromPath

from bench.asking import Browser, serving
from bench.bundles import bundle
from bench.databases import sqlite_url
from bench.measuring import Case, Goal, Result, compare, profiled, sql_share
from core import bundles, campaigns
from core.moments import now, offset_text
from core.permissions import SYSTEM
from events import feed_tokens

SIZES = (200, 1_000, 5_000)
START = datetime(2026, 5, 1, 1, tzinfo=UTC)
GOALS = {("cold", 1_000): Goal(0.150), ("warm", 1_000): Goal(0.003), ("304", 1_000): Goal(0.001)}
PARTS = {
    "SQL": ("sqlite", "asyncpg", "core/database"),
    "HTTP": ("litestar", "api/kit", "multidict"),
    "calendar": ("events/", "calendar_entries", "isoformat", "astimezone", "replace", "encode"),
    "JSON": ("json",),
}
ACTIVITIES = (
    "SELECT a.id, a.title, a.starts_at, a.ends_at, a.place, a.modified_at, a.sequence,"
    " a.accessibility FROM activity a JOIN organisation o ON o.id = a.organisation"
    " WHERE a.campaign = ? AND a.organisation IN (SELECT descendant FROM campaign_closure"
    " WHERE campaign = ? AND ancestor = ?) ORDER BY a.starts_at, a.key"
)
SUBSCRIPTION = (
    "SELECT f.campaign, f.organisation, c.changes FROM feed_token f"
    " JOIN campaign c ON c.id = f.campaign WHERE f.token_hash = ? AND f.revoked_at IS NULL"
)


def planned(count: int) -> dict[str, Any]:
    """A campaign with so many activities in its villages."""
    made = bundle(0)
    villages = [office["key"] for office in made["organisations"] if office["level"] != "city"]
    made["activities"] = [
        {
            "key": f"a{number}",
            "title": f"走访慰问第{number}组",
            "kind": "visit",
            "organisation": villages[number % len(villages)],
            "starts_at": offset_text(START + timedelta(hours=number)),
            "ends_at": offset_text(START + timedelta(hours=number + 2)),
            "place": "红旗街道",
            "accessibility": ["sign_language", "wheelchair"],
        }
        for number in range(count)
    ]
    return made


async def feeds_of(folder: Path, count: int) -> list[Result]:
    """The three cases of one size."""
    name = f"feed{count}"
    async with serving(folder, sqlite_url(folder, name)) as (app, process):
        key = await bundles.import_document(
            planned(count), process.plugins, process.catalogue, SYSTEM
        )
        campaign = await campaigns.find(key)
        token = await feed_tokens.create(SYSTEM, campaign, "city", now=now())
        reader, path = Browser(app, ""), feed_tokens.path(token)
        first = await reader.get(path)
        if first.body.count(b"BEGIN:VEVENT") != count + 1:
            raise RuntimeError("the feed does not hold the campaign's activities")
        bare = sqlite3.connect(folder / f"{name}.db", check_same_thread=False)
        found = [
            await _cold(reader, path, campaign.id, bare, count),
            await _again(reader, path, bare, first.body, count),
            await _unchanged(reader, path, bare, first.headers["etag"], count),
        ]
        bare.close()
    return found


async def _cold(
    reader: Browser, path: str, campaign: int, bare: sqlite3.Connection, count: int
) -> Result:
    async def change() -> None:
        await campaigns.touch(campaign)

    async def project() -> None:
        await reader.get(path)

    async def limit() -> None:
        _plain_calendar(_rows(bare, path))

    await change()
    where = await sql_share(project)
    await change()
    return await compare(
        f"feed of {count:,} activities, cold",
        project,
        limit,
        "sqlite3 + icalendar",
        before=change,
        where=f"{where}; {await profiled(project, PARTS)}",
        goals=_goals("cold", count),
    )


async def _again(
    reader: Browser, path: str, bare: sqlite3.Connection, body: bytes, count: int
) -> Result:
    smallest = Browser(_smallest(bare, body, ""), "")

    async def project() -> None:
        await reader.get(path)

    async def limit() -> None:
        await smallest.get(path)

    return await compare(
        f"feed of {count:,} activities, warm",
        project,
        limit,
        "smallest Litestar",
        runs=100,
        where=await sql_share(project),
        goals=_goals("warm", count),
    )


async def _unchanged(
    reader: Browser, path: str, bare: sqlite3.Connection, etag: str, count: int
) -> Result:
    smallest = Browser(_smallest(bare, b"", etag), "")
    having = {"If-None-Match": etag}

    async def project() -> None:
        answer = await reader.get(path, having)
        if answer.status != 304:
            raise RuntimeError("the feed was sent again")

    async def limit() -> None:
        await smallest.get(path, having)

    return await compare(
        f"feed of {count:,} activities, 304",
        project,
        limit,
        "smallest Litestar",
        runs=100,
        where=await sql_share(project),
        goals=_goals("304", count),
    )


def _goals(kind: str, count: int) -> tuple[Goal, ...]:
    goal = GOALS.get((kind, count))
    return (goal,) if goal else ()


def _smallest(bare: sqlite3.Connection, body: bytes, etag: str) -> Litestar:
    @get("/feeds/{name:str}", media_type="text/calendar")
    async def feed(name: FromPath[str]) -> Response[bytes]:
        if _subscription(bare, f"/feeds/{name}") is None:
            return Response(b"", status_code=404)
        return Response(body, status_code=304 if etag else 200, headers={"ETag": etag or '"1"'})

    return Litestar([feed], openapi_config=None, logging_config=None)


def _subscription(bare: sqlite3.Connection, path: str) -> tuple[int, int, int] | None:
    token = path.removeprefix("/feeds/").removesuffix(".ics")
    row = bare.execute(SUBSCRIPTION, (feed_tokens.token_hash(token),)).fetchone()
    return None if row is None else (row[0], row[1], row[2])


def _rows(bare: sqlite3.Connection, path: str) -> Sequence[tuple[Any, ...]]:
    subscription = _subscription(bare, path)
    if subscription is None:
        raise RuntimeError("the subscription is gone")
    campaign, office, _ = subscription
    return bare.execute(ACTIVITIES, (campaign, campaign, office)).fetchall()


def _plain_calendar(rows: Sequence[tuple[Any, ...]]) -> bytes:
    calendar = Calendar()
    for number, title, starts, ends, place, modified, sequence, services in rows:
        event = Event()
        members: dict[str, Any] = {
            "uid": f"activity-{number}@bench",
            "summary": title,
            "dtstart": _moment(starts),
            "dtend": _moment(ends),
            "dtstamp": _moment(modified),
            "location": place,
            "sequence": sequence,
            "categories": json.loads(services),
        }
        for name, value in members.items():
            event.add(name, value)
        calendar.add_component(event)
    return calendar.to_ical()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def growing(folder: Path) -> list[Result]:
    """How it grows."""
    return [result for size in SIZES for result in await feeds_of(folder, size)]


CASES = (Case("feeds", growing),)
