"""Calendar entries as iCalendar text: whole feeds and single downloads. Pure, without I/O.

RFC 5545 and RFC 7986, and what calendar programmes in use ask for beside them. icalendar writes the
calendar's own properties and its time zone (``frames``). The entries' lines are written here: it
takes 0.2 s for a thousand of them, ten times as long, and by its own escaping rule turns a
backslash before a capital N (a path such as D:, backslash, NAS) into a line end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from core.calendar_entries import CalendarEntry
from events.content_lines import ZONE_NAME, clean, escape, fold, text_value, uri_value

# The zone is written as one STANDARD of +08:00, so times are put into just that; the real zone of
# that name also had summer time until 1991.
ZONE = timezone(timedelta(hours=8), ZONE_NAME)
CANCELLED_STAYS = timedelta(days=30)
CANCELLED_MARK = "【已取消】"
UNTITLED = "（无标题）"


def render_feed(
    name: str,
    description: str,
    entries: Iterable[CalendarEntry],
    *,
    now: datetime,
    refresh_minutes: int = 360,
    source_url: str = "",
) -> bytes:
    """Write a calendar that programmes subscribe to, in canonical order.

    The same entries give the same bytes in whatever order they come; ``now`` decides only which
    cancelled entries have lapsed, thirty days after. Entries with one UID are revisions of one
    thing: the newest stands. There is no METHOD, so that DTSTAMP is the time of the last revision
    (RFC 5545, 3.8.7.2). ``source_url`` is written into the feed as its address when given.
    """
    from events import frames  # with icalendar, which takes long to load

    frame = frames.feed(name, description, refresh_minutes, source_url)
    standing = (entry for entry in _newest(entries) if not _lapsed(entry, now))
    return _assemble(frame, standing)


def render_single(entry: CalendarEntry) -> bytes:
    """Write one entry as a file to download and open, cancelled ones of any age included."""
    from events import frames

    return _assemble(frames.single(), (entry,))


def etag(data: bytes) -> str:
    """Give the strong entity tag of these bytes, with its quotation marks, for the HTTP header."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def last_modified(
    entries: Iterable[CalendarEntry], *, now: datetime | None = None
) -> datetime | None:
    """Tell when the feed of these entries last changed, in UTC; None without entries.

    With ``now``, the lapse of a cancelled entry counts as a change. A change of the calendar's name
    and the removal of an entry are not seen from here: the caller adds what it knows of those.
    """
    changes: list[datetime] = []
    for entry in entries:
        changes.append(entry.modified_at)
        if now is not None and entry.cancelled_at is not None and _lapsed(entry, now):
            changes.append(entry.cancelled_at + CANCELLED_STAYS)
    return max(changes).astimezone(UTC) if changes else None


def _assemble(frame: list[str], entries: Iterable[CalendarEntry]) -> bytes:
    """Put the entries before the calendar's end, its last line, and fold everything."""
    *opening, end = frame
    lines = [fold(line) for line in opening]
    for entry in entries:
        lines += map(fold, _entry_lines(entry))
    return b"\r\n".join([*lines, end.encode(), b""])


def next_lapse(entries: Iterable[CalendarEntry], *, now: datetime) -> datetime | None:
    """Tell when the next cancelled entry will leave the feed; None without any that will."""
    lapses = (e.cancelled_at + CANCELLED_STAYS for e in entries if e.cancelled_at is not None)
    return min((lapse for lapse in lapses if lapse > now), default=None)


def _newest(entries: Iterable[CalendarEntry]) -> list[CalendarEntry]:
    """Give the newest revision of each UID, by UID."""
    standing: dict[str, CalendarEntry] = {}
    for entry in entries:
        other = standing.get(entry.uid)
        if other is None or _revision(entry) > _revision(other):
            standing[entry.uid] = entry
    return [standing[uid] for uid in sorted(standing)]


def _revision(entry: CalendarEntry) -> tuple[int, datetime, str]:
    # The last part settles ties, so that the order in which entries come never shows.
    return entry.sequence, entry.modified_at, repr(entry)


def _lapsed(entry: CalendarEntry, now: datetime) -> bool:
    return entry.cancelled_at is not None and entry.cancelled_at + CANCELLED_STAYS <= now


def _entry_lines(entry: CalendarEntry) -> Iterator[str]:
    """Write one VEVENT, unfolded."""
    cancelled = entry.cancelled_at is not None
    title = clean(entry.title) or UNTITLED
    if cancelled and not title.startswith(CANCELLED_MARK):
        title = CANCELLED_MARK + title
    modified = _utc(entry.modified_at)
    yield "BEGIN:VEVENT"
    yield f"UID:{text_value(entry.uid)}"
    yield f"DTSTAMP:{modified}"
    yield f"LAST-MODIFIED:{modified}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART{_moment(entry.starts)}"
    if entry.ends > entry.starts:  # an end equal to the start is not allowed; without one it is
        yield f"DTEND{_moment(entry.ends)}"
    yield f"SUMMARY:{escape(title)}"
    yield from _optional_lines(entry)
    yield f"STATUS:{'CANCELLED' if cancelled else 'TENTATIVE' if entry.tentative else 'CONFIRMED'}"
    # A whole day, such as an observance, must not make its readers look busy all day.
    yield f"TRANSP:{'TRANSPARENT' if cancelled or entry.all_day else 'OPAQUE'}"
    if entry.alarm_minutes is not None and not cancelled:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{escape(title)}"
        yield f"TRIGGER:-PT{entry.alarm_minutes}M"
        yield "END:VALARM"
    yield "END:VEVENT"


def _optional_lines(entry: CalendarEntry) -> Iterator[str]:
    """Write the properties that stand only when there is something to say."""
    if place := text_value(entry.place):
        yield f"LOCATION:{place}"
    services = [label for label in map(clean, entry.accessibility) if label]
    offered = f"无障碍服务：{'、'.join(services)}" if services else ""
    if description := text_value(f"{clean(entry.description)}\n{offered}"):
        yield f"DESCRIPTION:{description}"
    words = dict.fromkeys(
        [text_value(word) for word in entry.categories] + list(map(escape, services))
    )
    if categories := ",".join(filter(None, words)):
        yield f"CATEGORIES:{categories}"
    if url := uri_value(entry.url):
        yield f"URL:{url}"


def _moment(moment: datetime | date) -> str:
    """Write parameters and value of DTSTART or DTEND."""
    if isinstance(moment, datetime):
        local = moment.astimezone(ZONE).replace(tzinfo=None)
        return f";TZID={ZONE_NAME}:{_basic(local)}"
    return f";VALUE=DATE:{_basic(moment)}"


def _utc(moment: datetime) -> str:
    return _basic(moment.astimezone(UTC).replace(tzinfo=None)) + "Z"


def _basic(moment: datetime | date) -> str:
    """Write the basic form of ISO 8601, without fractions of a second."""
    if isinstance(moment, datetime):
        moment = moment.replace(microsecond=0)
    return moment.isoformat().replace("-", "").replace(":", "")
