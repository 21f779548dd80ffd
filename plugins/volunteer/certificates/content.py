"""What a certificate says, frozen: as plain JSON, canonical and with its SHA-256.

The groups are those of 民发〔2015〕149号: who served, what and how long, who issues, and number,
day and notes. The citizen number is left out on purpose: a volunteer has a number of his own
(MZ/T 061-2015), and whoever needs the other has a line to write it on by hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from core.documents import compact
from plugins.volunteer.certificates.served import Served

ERASED = "（姓名已按本人要求删除）"


@dataclass(frozen=True, slots=True)
class Record:
    """A confirmed attendance as it stood when the certificate was issued."""

    campaign: str
    attendance: str
    day: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Line:
    """What was served in one activity for one office: days from first to last, times, minutes."""

    activity: str
    tasks: tuple[str, ...]
    office: str
    first: str
    last: str
    times: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A whole certificate. Days are ISO days in China; who answers may be empty: by hand then."""

    number: str
    code: str
    name: str
    volunteer: str
    issuer: str
    responsible: str
    handler: str
    contact: str
    first: str
    last: str
    issued_on: str
    minutes: int
    lines: tuple[Line, ...]
    records: tuple[Record, ...]

    def text(self) -> str:
        """The canonical JSON that is stored."""
        return compact({"version": 1, **asdict(self)})

    def without_name(self) -> Content:
        """The same after its owner had his name erased."""
        return replace(self, name=ERASED)

    def holds(self, on_record: Mapping[tuple[str, str], tuple[int, str]]) -> bool:
        """Whether every record that it states is still on record just so."""
        return all(
            on_record.get((each.campaign, each.attendance)) == (each.minutes, each.day)
            for each in self.records
        )


def digest(text: str) -> str:
    """SHA-256, in hexadecimal, of a stored text."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str) -> Content:
    """A stored text as the content it was made of."""
    told: dict[str, Any] = json.loads(text)
    del told["version"]
    told["lines"] = tuple(Line(**{**each, "tasks": tuple(each["tasks"])}) for each in told["lines"])
    told["records"] = tuple(Record(**each) for each in told["records"])
    return Content(**told)


def lines_of(served: Iterable[Served], titles: Mapping[str, str]) -> tuple[Line, ...]:
    """The records by activity and office, by their first day; ``titles`` names campaigns by key.

    A shift without an activity stands under its campaign alone.
    """
    groups: dict[tuple[str, str, int], list[Served]] = {}
    for each in served:
        groups.setdefault((each.campaign, each.activity, each.office_id), []).append(each)
    found = [
        _line(titles.get(campaign, campaign), activity, group)
        for (campaign, activity, _), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda line: (line.first, line.activity, line.office)))


def _line(title: str, activity: str, group: Sequence[Served]) -> Line:
    return Line(
        activity=f"{title}·{activity}" if activity else title,
        tasks=tuple(dict.fromkeys(each.shift or "志愿服务" for each in group)),
        office=group[0].office,
        first=_iso(min(each.day for each in group)),
        last=_iso(max(each.day for each in group)),
        times=len(group),
        minutes=sum(each.minutes for each in group),
    )


def records_of(served: Iterable[Served]) -> tuple[Record, ...]:
    """The records that the certificate stands and falls with."""
    return tuple(
        Record(each.campaign, each.attendance, _iso(each.day), each.minutes) for each in served
    )


def _iso(day: date) -> str:
    return day.isoformat()
