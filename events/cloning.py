"""Last year's activities as this year's drafts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from core import database, moments
from core.observances import same_weekday_shift

CARRIED = (
    "title", "kind", "organisation", "starts_at", "ends_at", "place", "address", "hosts",
    "capacity", "person_in_charge", "accessibility", "notes",
)  # fmt: skip


def shifted(
    starts_at: datetime, ends_at: datetime, from_day: date, to_day: date
) -> tuple[datetime, datetime]:
    """The same clock times on the day of this year that answers to last year's.

    What was on the observance's day is on its day again; anything else keeps its weekday.
    """
    day = moments.day_of(starts_at)
    new = to_day if day == from_day else same_weekday_shift(day, from_day, to_day)
    step = new - day
    return _moved(starts_at, step), _moved(ends_at, step)


def _moved(moment: datetime, step: timedelta) -> datetime:
    """By the clock of Asia/Shanghai, which had summer time until 1991."""
    return (moments.local(moment) + step).astimezone(UTC)


async def clone_activities(source: int, target: int, from_day: date, to_day: date) -> None:
    """Copy what was not cancelled, with new keys in the order of time, for offices that take part.

    What participants asked for last year stays with last year.
    """
    rows = await database.fetch(
        f"SELECT {', '.join(CARRIED)} FROM activity WHERE campaign = :source"
        " AND state <> 'cancelled' AND organisation IN"
        " (SELECT organisation FROM campaign_participant WHERE campaign = :target)"
        " ORDER BY starts_at, key",
        source=source,
        target=target,
    )
    now = moments.now()
    for number, row in enumerate(rows, 1):
        starts_at, ends_at = shifted(row["starts_at"], row["ends_at"], from_day, to_day)
        row |= {"starts_at": starts_at, "ends_at": ends_at, "key": f"a{number:02}"}
        row |= {"campaign": target, "modified_at": now}
    names = ("campaign", "key", *CARRIED, "modified_at")
    await database.execute_many(
        f"INSERT INTO activity ({', '.join(names)}, accessibility_asked, state, sequence)"
        f" VALUES ({', '.join(':' + name for name in names)}, '[]', 'draft', 0)",
        rows,
    )
