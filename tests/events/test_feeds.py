from __future__ import annotations

import random
import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import ics
import pytest
import vobject
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from core.calendar_entries import CalendarEntry
from events.feeds import etag, last_modified, render_feed, render_single

SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2027, 5, 12, 8, tzinfo=SHANGHAI)
FAIR = CalendarEntry(
    uid="activity-7@office",
    title="残疾人就业专场招聘会",
    starts=datetime(2027, 5, 12, 14, tzinfo=SHANGHAI),
    ends=datetime(2027, 5, 12, 17, tzinfo=SHANGHAI),
    modified_at=datetime(2027, 4, 30, 9, 8, 7, 654321, tzinfo=SHANGHAI),
    sequence=2,
    place="人力资源市场一楼，红旗街道12号",
    description="请带身份证;残疾人证,简历\n联系人：王主任",
    url="https://example.org/activities/7",
    categories=("招聘会",),
    accessibility=("手语翻译", "轮椅通道"),
    alarm_minutes=30,
)
DAY = CalendarEntry(
    uid="observance-1@office",
    title="第37次全国助残日",
    starts=date(2027, 5, 16),
    ends=date(2027, 5, 17),
    modified_at=datetime(2027, 1, 1, tzinfo=UTC),
    sequence=0,
)
VISIT = CalendarEntry(
    uid="activity-12@office",
    title="走访慰问第三组",
    starts=datetime(2027, 5, 13, 1, tzinfo=UTC),
    ends=datetime(2027, 5, 13, 3, 30, tzinfo=UTC),
    modified_at=datetime(2027, 5, 11, 2, tzinfo=UTC),
    sequence=5,
    place="红旗街道",
    alarm_minutes=30,
    cancelled_at=datetime(2027, 5, 11, 2, tzinfo=UTC),
)
ENTRIES = [FAIR, DAY, VISIT]
GOLDEN = """\
BEGIN:VCALENDAR
PRODID:-//Tongxing//同行//ZH
VERSION:2.0
CALSCALE:GREGORIAN
NAME:某市残联\\, 2027
X-WR-CALNAME:某市残联\\, 2027
DESCRIPTION:第37次全国助残日
X-WR-CALDESC:第37次全国助残日
X-WR-TIMEZONE:Asia/Shanghai
X-PUBLISHED-TTL:PT6H
REFRESH-INTERVAL;VALUE=DURATION:PT6H
SOURCE;VALUE=URI:https://example.org/feeds/token.ics
BEGIN:VTIMEZONE
TZID:Asia/Shanghai
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0800
TZOFFSETTO:+0800
TZNAME:CST
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:activity-12@office
DTSTAMP:20270511T020000Z
LAST-MODIFIED:20270511T020000Z
SEQUENCE:5
DTSTART;TZID=Asia/Shanghai:20270513T090000
DTEND;TZID=Asia/Shanghai:20270513T113000
SUMMARY:【已取消】走访慰问第三组
LOCATION:红旗街道
STATUS:CANCELLED
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
UID:activity-7@office
DTSTAMP:20270430T010807Z
LAST-MODIFIED:20270430T010807Z
SEQUENCE:2
DTSTART;TZID=Asia/Shanghai:20270512T140000
DTEND;TZID=Asia/Shanghai:20270512T170000
SUMMARY:残疾人就业专场招聘会
LOCATION:人力资源市场一楼，红旗街道12号
DESCRIPTION:请带身份证\\;残疾人证\\,简历\\n联系人：王主任\\n
 无障碍服务：手语翻译、轮椅通道
CATEGORIES:招聘会,手语翻译,轮椅通道
URL:https://example.org/activities/7
STATUS:CONFIRMED
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:残疾人就业专场招聘会
TRIGGER:-PT30M
END:VALARM
END:VEVENT
BEGIN:VEVENT
UID:observance-1@office
DTSTAMP:20270101T000000Z
LAST-MODIFIED:20270101T000000Z
SEQUENCE:0
DTSTART;VALUE=DATE:20270516
DTEND;VALUE=DATE:20270517
SUMMARY:第37次全国助残日
STATUS:CONFIRMED
TRANSP:TRANSPARENT
END:VEVENT
END:VCALENDAR
"""

# What a calendar carries unchanged: no controls, stripped, no long stretch of blanks.
TEXTS = (
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]) | st.just("\n"), max_size=300
    )
    .map(str.strip)
    .filter(lambda text: text and not re.search(r"[^\S\n]{21}", text))
)
HARD_TEXTS = [
    "D:\\NAS\\new, a;b\\\\",
    "一" * 500,
    "第" + "😀" * 120,
    "a👩‍🦽b" * 60,
    "\\" * 200,
    ";,\n" * 80 + "。",
    "BEGIN:VEVENT\nEND:VCALENDAR",
    '甲:乙="丙"',
]


def feed(*entries: CalendarEntry, now: datetime = NOW) -> bytes:
    return render_feed("某市残联", "", entries, now=now)


def vobject_event(data: bytes) -> vobject.base.Component:
    return vobject.readOne(data.decode()).vevent


def test_a_small_feed_to_the_byte() -> None:
    data = render_feed(
        "某市残联, 2027",
        "第37次全国助残日",
        ENTRIES,
        now=NOW,
        source_url="https://example.org/feeds/token.ics",
    )
    assert data == GOLDEN.replace("\n", "\r\n").encode()


def test_the_ics_library_reads_what_was_meant() -> None:
    events = {event.uid: event for event in ics.Calendar(feed(*ENTRIES).decode()).events}
    assert set(events) == {entry.uid for entry in ENTRIES}
    fair, visit, day = events[FAIR.uid], events[VISIT.uid], events[DAY.uid]
    assert (fair.begin, fair.end) == (FAIR.starts, FAIR.ends)
    assert (visit.begin, visit.end) == (VISIT.starts, VISIT.ends)
    assert (day.begin.date(), day.end.date(), day.all_day) == (DAY.starts, DAY.ends, True)
    assert fair.name == FAIR.title
    assert fair.location == FAIR.place
    assert fair.description == f"{FAIR.description}\n无障碍服务：手语翻译、轮椅通道"
    assert fair.categories == {"招聘会", "手语翻译", "轮椅通道"}
    assert fair.url == FAIR.url
    assert [alarm.trigger for alarm in fair.alarms] == [timedelta(minutes=-30)]
    assert fair.last_modified == FAIR.modified_at.replace(microsecond=0)
    assert (fair.status, visit.status, day.status) == ("CONFIRMED", "CANCELLED", "CONFIRMED")
    assert visit.name == "【已取消】走访慰问第三组"
    assert visit.alarms == []


def test_vobject_reads_what_was_meant() -> None:
    calendar = vobject.readOne(feed(*ENTRIES).decode())
    events = {event.uid.value: event for event in calendar.vevent_list}
    assert set(events) == {entry.uid for entry in ENTRIES}
    for entry in ENTRIES:
        event = events[entry.uid]
        assert (event.dtstart.value, event.dtend.value) == (entry.starts, entry.ends)
        assert event.sequence.value == str(entry.sequence)
        assert event.dtstamp.value == entry.modified_at.replace(microsecond=0)
    fair, visit = events[FAIR.uid], events[VISIT.uid]
    assert fair.dtstart.value.utcoffset() == timedelta(hours=8)
    assert fair.summary.value == FAIR.title
    assert fair.categories.value == ["招聘会", "手语翻译", "轮椅通道"]
    assert fair.valarm.trigger.value == timedelta(minutes=-30)
    assert (fair.status.value, visit.status.value) == ("CONFIRMED", "CANCELLED")
    assert calendar.vtimezone.tzid.value == "Asia/Shanghai"
    assert calendar.contents["x-wr-calname"][0].value == "某市残联"


def round_trips(text: str) -> None:
    entry = replace(FAIR, title=text, place=text, description=text, accessibility=())
    event = vobject_event(feed(replace(entry, categories=(text, "招聘"))))
    assert event.summary.value == text
    assert event.location.value == text
    assert event.description.value == text
    assert event.categories.value == [text, *({"招聘"} - {text})]
    single = vobject_event(render_single(entry))
    assert single.valarm.description.value == text


@given(TEXTS)
def test_texts_come_back_unchanged(text: str) -> None:
    round_trips(text)


@pytest.mark.parametrize("text", HARD_TEXTS)
def test_hard_texts_come_back_unchanged(text: str) -> None:
    round_trips(text)


@given(TEXTS)
@example("D:\\NAS, 甲;乙\n丙")
def test_the_name_of_a_feed_comes_back_unchanged(text: str) -> None:
    calendar = vobject.readOne(render_feed(text, text, [FAIR], now=NOW).decode())
    assert calendar.description.value == text
    for name in ("name", "x-wr-calname", "x-wr-caldesc"):
        assert [line.value for line in calendar.contents[name]] == [text]


@given(st.text(max_size=200))
def test_any_text_whatever_leaves_one_sound_event(text: str) -> None:
    entry = replace(
        FAIR, title=text, place=text, description=text, categories=(text,), accessibility=(text,)
    )
    data = feed(replace(entry, url=text))
    assert data.decode().splitlines() == data.decode().replace("\r\n", "\n").split("\n")[:-1]
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert (event["UID"], event.decoded("DTSTART")) == (FAIR.uid, FAIR.starts)
    assert vobject_event(data).uid.value == FAIR.uid


def test_an_entry_without_a_title_still_has_a_summary() -> None:
    assert vobject_event(feed(replace(FAIR, title="\x00"))).summary.value == "（无标题）"


def test_order_of_entries_does_not_show() -> None:
    many = [replace(FAIR, uid=f"activity-{number}@office") for number in range(40)]
    many += [replace(FAIR, uid="activity-3@office", title="同号的另一条")]
    shuffled = many.copy()
    random.Random(1).shuffle(shuffled)
    assert feed(*many) == feed(*shuffled) == feed(*many[::-1])


def test_of_one_thing_the_newest_revision_stands() -> None:
    moved = replace(FAIR, sequence=3, title="改期", modified_at=FAIR.modified_at)
    noted = replace(FAIR, title="补充", modified_at=FAIR.modified_at + timedelta(hours=1))
    assert feed(FAIR, moved, noted) == feed(moved)
    assert feed(noted, FAIR) == feed(noted)


def test_entries_may_come_from_a_generator() -> None:
    assert render_feed("某市残联", "", iter(ENTRIES), now=NOW) == feed(*ENTRIES)
    assert last_modified(iter(ENTRIES)) == last_modified(ENTRIES)


def test_time_alone_changes_nothing_until_a_cancelled_entry_lapses() -> None:
    assert VISIT.cancelled_at is not None
    lapse = VISIT.cancelled_at + timedelta(days=30)
    first = feed(*ENTRIES, now=VISIT.cancelled_at)
    assert feed(*ENTRIES, now=lapse - timedelta(seconds=1)) == first
    assert feed(*ENTRIES, now=lapse) == feed(FAIR, DAY) != first
    assert feed(*ENTRIES, now=lapse + timedelta(days=3000)) == feed(FAIR, DAY)


def test_a_cancelled_title_is_marked_once() -> None:
    marked = replace(VISIT, title="【已取消】走访")
    assert vobject_event(feed(marked)).summary.value == "【已取消】走访"


def test_a_moment_has_no_end_and_a_single_day_needs_none() -> None:
    moment = feed(replace(FAIR, ends=FAIR.starts))
    day = feed(replace(DAY, ends=DAY.starts))
    assert b"DTEND" not in moment + day
    (event,) = ics.Calendar(day.decode()).events
    assert (event.begin.date(), event.all_day) == (DAY.starts, True)


def test_times_are_written_as_plus_eight_even_where_the_zone_once_had_summer_time() -> None:
    summer = replace(
        FAIR,
        starts=datetime(1988, 7, 1, 9, tzinfo=SHANGHAI),
        ends=datetime(1988, 7, 1, 10, tzinfo=SHANGHAI),
    )
    assert b"DTSTART;TZID=Asia/Shanghai:19880701T090000\r\n" in feed(summer)
    assert vobject_event(feed(summer)).dtstart.value == summer.starts


def test_words_that_are_categories_and_services_stand_once() -> None:
    data = feed(
        replace(FAIR, categories=("手语翻译", "", "手语翻译"), accessibility=("手语翻译", " "))
    )
    assert "\r\nCATEGORIES:手语翻译\r\n".encode() in data
    assert vobject_event(data).description.value.endswith("\n无障碍服务：手语翻译")


def test_a_feed_without_entries_is_a_calendar_still() -> None:
    data = feed()
    assert Calendar.from_ical(data).walk("VEVENT") == []
    assert data.endswith(b"END:VTIMEZONE\r\nEND:VCALENDAR\r\n")
    assert b"DESCRIPTION" not in data
    assert b"SOURCE" not in data


def test_refresh_is_said_in_both_ways() -> None:
    data = render_feed("某市残联", "", [], now=NOW, refresh_minutes=90)
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H30M\r\n" in data
    assert b"\r\nX-PUBLISHED-TTL:PT1H30M\r\n" in data


def test_a_single_download_is_published_with_the_same_event_as_in_the_feed() -> None:
    single, whole = render_single(FAIR), feed(FAIR)
    assert b"\r\nMETHOD:PUBLISH\r\n" in single
    assert b"METHOD" not in whole
    assert single.partition(b"BEGIN:VTIMEZONE")[2] == whole.partition(b"BEGIN:VTIMEZONE")[2]


def test_a_single_download_of_a_long_cancelled_entry_still_says_so() -> None:
    old = replace(VISIT, cancelled_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert vobject_event(render_single(old)).status.value == "CANCELLED"


def test_entity_tags_are_strong_and_follow_the_bytes() -> None:
    first = etag(feed(FAIR))
    assert re.fullmatch(r'"[0-9a-f]{32}"', first)
    assert etag(feed(FAIR)) == first != etag(feed(replace(FAIR, title="改")))


def test_last_modified_is_the_latest_change_in_utc() -> None:
    assert last_modified([]) is None
    latest = last_modified(ENTRIES)
    assert latest == VISIT.modified_at
    assert last_modified([FAIR]) == FAIR.modified_at
    assert [moment.utcoffset() for moment in (latest, last_modified([FAIR])) if moment] == [
        timedelta(0),
        timedelta(0),
    ]


def test_the_lapse_of_a_cancelled_entry_is_a_change() -> None:
    lapse = datetime(2027, 6, 10, 2, tzinfo=UTC)
    assert last_modified(ENTRIES, now=lapse - timedelta(seconds=1)) == VISIT.modified_at
    assert last_modified(ENTRIES, now=lapse + timedelta(days=5)) == lapse


def test_a_thousand_entries(capsys: pytest.CaptureFixture[str]) -> None:
    entries = [
        replace(FAIR, uid=f"activity-{number:04}@office", starts=FAIR.starts, sequence=number)
        for number in range(1000)
    ]
    started = time.perf_counter()
    data = feed(*entries)
    elapsed = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n1,000 calendar entries, {len(data):,} bytes: {elapsed * 1000:.0f} ms")  # noqa: T201
    events = Calendar.from_ical(data).walk("VEVENT")
    assert [event["SEQUENCE"] for event in events] == list(range(1000))
    assert [str(event["UID"]) for event in events] == [entry.uid for entry in entries]
