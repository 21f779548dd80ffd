"""What an explanation of hours is made of, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plugins.volunteer.hours.words import STATES, moment_text, span_text
from plugins.volunteer.rules import COUNTED, STATUSES, duration_text, hours_text


@dataclass(frozen=True, slots=True)
class Taken:
    """A coming or going as it was taken: a row of ``volunteer_punch``."""

    id: int
    direction: str
    at: datetime
    received_at: datetime
    source: str
    actor: str
    result: str = "accepted"
    code: str | None = None
    device: str = ""
    corrects: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """The shift that was served in: its key, what people call it, and its times."""

    key: str
    label: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """An attendance as it is recorded: a row of ``volunteer_attendance``."""

    key: str
    came: datetime | None
    went: datetime | None
    status: str
    recorded_minutes: int
    policy: str = ""
    closed_by_itself: bool = False
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One punch in words. ``state`` is used, replaced, unused or refused."""

    id: int
    at: datetime
    what: str
    by: str
    notes: tuple[str, ...]
    state: str

    @property
    def when(self) -> str:
        """The device's time in words."""
        return moment_text(self.at)

    @property
    def fate(self) -> str:
        """What became of it, in Chinese."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the time between coming and going. ``code`` is before, after, floor or credited."""

    code: str
    length: timedelta
    words: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """An attendance explained: ``parts`` add up to ``present``, ``minutes`` is what they credit."""

    key: str
    shift: Planned
    status: str
    came: datetime | None
    went: datetime | None
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]
    present: timedelta
    minutes: int
    policy: str
    decided: str
    notes: tuple[str, ...]
    corrected_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether the minutes count."""
        return self.status == COUNTED

    @property
    def credited_text(self) -> str:
        """The minutes in words."""
        return duration_text(self.minutes)

    @property
    def present_text(self) -> str:
        """How long it was from coming to going, in words; "" where one is missing."""
        return span_text(self.present) if self.parts else ""

    @property
    def status_label(self) -> str:
        """The status in Chinese."""
        return STATUSES[self.status]


@dataclass(frozen=True, slots=True)
class Totals:
    """Minutes added first, stated as hours once (bundle.md)."""

    confirmed: int
    pending: int

    @property
    def hours(self) -> str:
        """Confirmed hours, half up to one decimal."""
        return hours_text(self.confirmed)

    @property
    def pending_hours(self) -> str:
        """Hours that wait to be confirmed."""
        return hours_text(self.pending)
