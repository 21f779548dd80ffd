"""Why minutes are credited: the parts add up, and each punch is told with its fate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugins.volunteer.hours.explained import explained, totals
from plugins.volunteer.hours.facts import Planned, Served, Taken
from plugins.volunteer.hours.words import span_text
from plugins.volunteer.rules import credited_minutes

BEGIN = datetime(2022, 5, 15, 0, 0, tzinfo=UTC)  # 08:00 in China
SHIFT = Planned("h1", "2022-05-15 08:00 引导", BEGIN, BEGIN + timedelta(hours=4))
moments = st.integers(-30_000, 60_000).map(lambda seconds: BEGIN + timedelta(seconds=seconds))


def at(**length: float) -> datetime:
    return BEGIN + timedelta(**length)


def served(came: datetime | None, went: datetime | None, **members: object) -> Served:
    values = {
        "key": "t1",
        "came": came,
        "went": went,
        "status": "pending",
        "recorded_minutes": credited_minutes(came, went, SHIFT.starts, SHIFT.ends),
        "policy": "bundle-1",
        **members,
    }
    return Served(**values)  # type: ignore[arg-type]


def punch(number: int, direction: str, moment: datetime, **members: object) -> Taken:
    values = {
        "id": number,
        "direction": direction,
        "at": moment,
        "received_at": moment,
        "source": "steward",
        "actor": "zhang",
        **members,
    }
    return Taken(**values)  # type: ignore[arg-type]


@given(moments, moments, moments, moments)
def test_the_parts_add_up(one: datetime, two: datetime, three: datetime, four: datetime) -> None:
    came, went = sorted((one, two))
    starts, ends = sorted((three, four))
    shift = Planned("h", "班次", starts, ends)
    minutes = credited_minutes(came, went, starts, ends)
    found = explained(served(came, went, recorded_minutes=minutes), [], shift)
    lengths = {part.code: part.length for part in found.parts}
    assert sum(lengths.values(), timedelta(0)) == found.present == went - came
    assert lengths.get("credited", timedelta(0)) == timedelta(minutes=minutes)
    assert found.minutes == minutes
    assert lengths.get("floor", timedelta(0)) < timedelta(minutes=1)
    assert all(length > timedelta(0) for code, length in lengths.items() if code != "credited")


def test_what_was_cut_is_said_with_its_reason() -> None:
    found = explained(served(at(minutes=-10), at(hours=4, minutes=30, seconds=20)), [], SHIFT)
    assert [part.words for part in found.parts] == [
        "班次 5月15日 08:00 开始，之前的10分钟不计",
        "班次 5月15日 12:00 结束，之后的30分钟20秒不计",
        "班次之内的4小时计入",
    ]
    floored = explained(served(at(seconds=30), at(hours=1, seconds=10)), [], SHIFT)
    assert [part.words for part in floored.parts] == [
        "最后不满一分钟的40秒不计",
        "班次之内的59分钟计入",
    ]


def test_each_punch_says_who_took_it_and_what_became_of_it() -> None:
    punches = [
        punch(1, "in", at(minutes=-5), device="平板1", received_at=at(hours=2)),
        punch(2, "in", at(minutes=1), result="refused", code="already_in"),
        punch(3, "out", at(hours=3), source="self", actor="v1", device="手机"),
        punch(
            4, "out", at(hours=4), source="correction", actor="li", corrects=3, reason="忘了签退"
        ),
    ]
    names = {"zhang": "张工", "li": "李科长"}
    decided = {"status": "confirmed", "decided_by": "li", "decided_at": at(hours=9)}
    found = explained(served(at(minutes=-5), at(hours=4), **decided), punches, SHIFT, names)
    assert [(step.what, step.state) for step in found.steps] == [
        ("签到", "used"),
        ("签到", "refused"),
        ("签退", "replaced"),
        ("更正签退时间", "used"),
    ]
    assert found.steps[0].by == "现场工作人员打卡：张工，设备：平板1"
    assert found.steps[0].notes == ("5月15日 10:00 送到服务器",)
    assert found.steps[1].notes == ("没有记入：已经签到过，还没有签退",)
    assert found.steps[2].by == "本人扫码，设备：手机"
    assert found.steps[2].notes == ("后来由李科长更正为 5月15日 12:00",)
    assert found.steps[3].notes == ("理由：忘了签退",)
    assert found.decided == "李科长于2022年5月15日17:00确认"
    assert found.notes == ()
    assert "bundle-1" in found.policy


def test_what_nobody_took_is_said() -> None:
    closing = punch(2, "out", at(hours=4), source="clock", actor="system")
    shut = served(at(), at(hours=4), closed_by_itself=True)
    found = explained(shut, [punch(1, "in", at()), closing], SHIFT)
    assert found.notes == ("没有人签退，由系统按班次结束的时间关闭，请核对实际离开的时间",)
    assert "系统按班次结束的时间签退" in found.steps[1].by
    typed = explained(served(at(), at(hours=1), policy=""), [], SHIFT)
    assert len(typed.notes) == 2
    assert "没有对应的打卡" in typed.notes[0]
    assert "现行规则 bundle-1" in typed.policy
    here = explained(served(at(), None, status="open"), [punch(1, "in", at())], SHIFT)
    assert here.notes == ("没有签退时间，不能计入时长",)
    assert here.parts == ()
    wrong = explained(served(at(), at(hours=1), recorded_minutes=90), [], SHIFT)
    assert "90分钟" in wrong.notes[-1]


def test_minutes_are_added_before_hours_are_stated() -> None:
    records = [
        explained(served(at(hours=n), at(hours=n, minutes=50), status="confirmed"), [], SHIFT)
        for n in range(3)
    ]
    waiting = explained(served(at(), at(minutes=20)), [], SHIFT)
    found = totals([*records, waiting])
    assert (found.confirmed, found.hours) == (150, "2.5")  # three times 0.8 would be 2.4
    assert (found.pending, found.pending_hours) == (20, "0.3")


def test_lengths_are_said_in_full() -> None:
    said = [span_text(timedelta(seconds=n)) for n in (0, 0.5, 40, 60, 3600, 3723)]
    assert said == ["0秒", "不到1秒", "40秒", "1分钟", "1小时", "1小时2分钟3秒"]
