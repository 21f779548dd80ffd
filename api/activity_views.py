"""How a campaign's activities stand on a page: an agenda, a day, a week, a month. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from api.kit import filters
from core.calendar_entries import CalendarEntry
from core.moments import day_of, from_local
from events import accessibility, calendar, kinds
from events.activities import STATES, Activity

View = Literal["agenda", "day", "week", "month"]
VIEWS: dict[str, str] = {"agenda": "列表", "day": "日", "week": "周", "month": "月"}
STATE_KINDS: dict[str, str] = {"draft": "warn", "published": "live", "done": "good"}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
ALL_DAY = "全天"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on a page: its first and last day, how it sorts within a day, and its words."""

    first: date
    last: date
    order: tuple[Any, ...]
    text: str
    words: Mapping[str, Any]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The days that a view shows, ``ends`` exclusive, and days of the periods beside it."""

    starts: date
    ends: date
    label: str
    previous: date | None = None
    following: date | None = None

    @property
    def since(self) -> datetime:
        """Its first moment."""
        return from_local(self.starts)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return from_local(self.ends)


def within_years(day: date) -> date:
    """The day, or the nearest that a calendar page can show."""
    return min(max(day, FIRST_DAY), LAST_DAY)


def period(view: str, on: date) -> Period:
    """The day, the week from Monday or the month around a day."""
    if view == "day":
        starts, ends = on, on + timedelta(days=1)
        label = f"{filters.day(on)} {filters.weekday(on)}"
    elif view == "week":
        starts = on - timedelta(days=on.weekday())
        ends = starts + timedelta(days=7)
        label = filters.period(starts, ends - timedelta(days=1))
    else:
        starts = on.replace(day=1)
        ends = (starts + timedelta(days=31)).replace(day=1)
        label = f"{on.year}年{on.month}月"
    before = starts - timedelta(days=1)
    return Period(
        starts,
        ends,
        label,
        before if before >= FIRST_DAY else None,
        ends if ends <= LAST_DAY else None,
    )


def of_activity(activity: Activity, campaign: str, known: Mapping[str, str]) -> Item:
    """An activity, with a link to its page. ``known`` are the labels of kinds."""
    first, last = _days(activity.starts_at, activity.ends_at)
    cancelled = activity.state == "cancelled"
    place = [activity.organisation_name, kinds.kind_label(activity.kind, known), activity.place]
    unmet = accessibility.unmet(activity.accessibility_asked, activity.accessibility)
    if unmet and activity.state == "published":
        place.append(f"待落实：{'、'.join(accessibility.labels(unmet))}")
    words = {
        "when": _when(activity.starts_at, activity.ends_at),
        "datetime": filters.iso_moment(activity.starts_at),
        "title": activity.name,
        "href": calendar.activity_path(campaign, activity.key),
        "note": " · ".join(filter(None, place)),
        "services": accessibility.labels(activity.accessibility),
        "state": "" if activity.state == "published" else STATES[activity.state],
        "kind": STATE_KINDS.get(activity.state, ""),
        "cancelled": cancelled,
    }
    text = f"{filters.clock(activity.starts_at)} {activity.name}"
    order = (1, activity.starts_at, activity.key)
    return Item(first, last, order, text, words, "cancelled" if cancelled else "")


def of_entry(entry: CalendarEntry, kind: str = "") -> Item:
    """What the observance or a plugin puts into the calendar; a local address becomes a link."""
    words: dict[str, Any] = {"title": entry.title, "note": entry.place}
    if entry.url.startswith("/"):
        words["href"] = entry.url
    if entry.cancelled_at is not None:
        words["cancelled"], kind = True, "cancelled"
    if isinstance(entry.starts, datetime) and isinstance(entry.ends, datetime):
        first, last = _days(entry.starts, entry.ends)
        words |= {
            "when": _when(entry.starts, entry.ends),
            "datetime": filters.iso_moment(entry.starts),
        }
        text = f"{filters.clock(entry.starts)} {entry.title}"
        return Item(first, last, (1, entry.starts, entry.uid), text, words, kind)
    first = entry.starts
    last = max(first, entry.ends - timedelta(days=1))
    words |= {
        "when": ALL_DAY if first == last else filters.period(first, last, False),
        "datetime": filters.iso_day(first),
    }
    return Item(first, last, (0, entry.uid), entry.title, words, kind)


def _days(starts: datetime, ends: datetime) -> tuple[date, date]:
    """The first and the last day; what ends at midnight does not reach into the next."""
    first = day_of(starts)
    return first, max(first, day_of(ends - timedelta(microseconds=1)))


def _when(starts: datetime, ends: datetime) -> str:
    if starts == ends:
        return filters.clock(starts)
    if day_of(starts) == day_of(ends):
        return f"{filters.clock(starts)}至{filters.clock(ends)}"
    return f"{filters.clock(starts)}起，至{filters.moment(ends)}"


def agenda(items: Iterable[Item]) -> list[dict[str, Any]]:
    """Groups for the piece ``agenda_groups``: each item under its first day."""
    groups: dict[date, list[Item]] = {}
    for item in items:
        groups.setdefault(item.first, []).append(item)
    return [_group(day, groups[day]) for day in sorted(groups)]


def days(items: Sequence[Item], shown: Period) -> list[dict[str, Any]]:
    """Groups for each day of a period on which something is, each item under all of its days."""
    found = []
    day = shown.starts
    while day < shown.ends:
        if here := [item for item in items if item.first <= day <= item.last]:
            found.append(_group(day, here))
        day += timedelta(days=1)
    return found


def _group(day: date, items: list[Item]) -> dict[str, Any]:
    label = f"{filters.day(day)} {filters.weekday(day)}"
    return {"label": label, "items": [item.words for item in sorted(items, key=_order)]}


def _order(item: Item) -> tuple[Any, ...]:
    return item.order


def month(items: Iterable[Item], shown: Period) -> list[dict[str, Any]]:
    """Entries for the piece ``month_grid``: an item on each of its days of the month."""
    found = []
    for item in sorted(items, key=_order):
        day, last = max(item.first, shown.starts), min(item.last, shown.ends - timedelta(days=1))
        while day <= last:
            entry = {"day": day, "text": item.text, "kind": item.kind}
            found.append({**entry, "href": item.words.get("href", "")})
            day += timedelta(days=1)
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader chose to see: the view, its day, and the filters of the list."""

    view: str = "agenda"
    on: date | None = None
    kind: str = ""
    organisation: str = ""
    service: str = ""
    cursor: str = field(default="", compare=False)

    @property
    def narrowed(self) -> bool:
        """Whether only some activities are wanted: then nothing else is shown beside them."""
        return bool(self.kind or self.service)

    def query(self, **other: Any) -> dict[str, str]:
        """The parameters of the address of this choice, with some of them ``other``."""
        given = {
            "view": self.view,
            "on": self.on,
            "kind": self.kind,
            "organisation": self.organisation,
            "service": self.service,
            **other,
        }
        return {name: str(value) for name, value in given.items() if value}
