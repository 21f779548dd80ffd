"""What stands in a calendar: the shape that activities and plugins give to feeds and views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One thing at one time, as calendar programmes will show it.

    ``uid`` is stable for the life of the thing and the same in feed, download and mail
    (``activity-123@<installation>``). ``starts`` and ``ends`` are both aware datetimes, or both
    days for something that lasts whole days; ``ends`` is exclusive, for days the day after the
    last. Equal ends mean a moment, or a single day. ``sequence`` is the stored counter that grows
    with each change of time, place or state. ``accessibility`` holds Chinese labels of services.
    ``alarm_minutes`` are minutes before the start; None is no alarm. ``tentative`` is for what may
    yet come to nothing, such as a place in a waiting list.

    Raises ValueError, in Chinese, when the parts do not fit together.
    """

    uid: str
    title: str
    starts: datetime | date
    ends: datetime | date
    modified_at: datetime
    sequence: int
    place: str = ""
    description: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    accessibility: tuple[str, ...] = ()
    cancelled_at: datetime | None = None
    alarm_minutes: int | None = None
    tentative: bool = False

    def __post_init__(self) -> None:
        if not self.uid.strip():
            raise ValueError("日历条目缺少标识")
        if isinstance(self.starts, datetime) is not isinstance(self.ends, datetime):
            raise ValueError(f"日历条目 {self.uid} 的起止要么都是时刻，要么都是日期")
        for moment in (self.starts, self.ends, self.modified_at, self.cancelled_at):
            if isinstance(moment, datetime) and moment.utcoffset() is None:
                raise ValueError(f"日历条目 {self.uid} 的时间没有时区")
        if self.ends < self.starts:
            raise ValueError(f"日历条目 {self.uid} 的结束早于开始")
        if self.sequence < 0 or (self.alarm_minutes is not None and self.alarm_minutes < 0):
            raise ValueError(f"日历条目 {self.uid} 的修订号和提醒分钟数不能为负")

    @property
    def all_day(self) -> bool:
        """Whether the entry lasts whole days rather than from one moment to another."""
        return not isinstance(self.starts, datetime)
