"""Why an attendance is credited with its minutes: pure, in words, and the parts add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from core import wording
from core.moments import local
from plugins.volunteer.hours.facts import Explanation, Part, Planned, Served, Step, Taken, Totals
from plugins.volunteer.hours.words import (
    DIRECTIONS,
    POLICIES,
    REFUSALS,
    SOURCES,
    moment_text,
    span_text,
)
from plugins.volunteer.rules import COUNTED, STATUSES, credited_minutes

NOTHING = timedelta(0)
MINUTE = timedelta(minutes=1)


def totals(explanations: Iterable[Explanation]) -> Totals:
    """The sums over attendances of one volunteer."""
    confirmed = pending = 0
    for each in explanations:
        confirmed += each.minutes if each.counts else 0
        pending += each.minutes if each.status == "pending" else 0
    return Totals(confirmed, pending)


def explained(
    attendance: Served,
    punches: Sequence[Taken],
    shift: Planned,
    names: Mapping[str, str] | None = None,
) -> Explanation:
    """Explain an attendance by its punches, in the order they were taken.

    ``names`` gives the display names of accounts. Without I/O; credits exactly as
    ``rules.credited_minutes`` does.
    """
    known = names or {}
    parts, present = _parts(attendance, shift)
    minutes = credited_minutes(attendance.came, attendance.went, shift.starts, shift.ends)
    return Explanation(
        key=attendance.key,
        shift=shift,
        status=attendance.status,
        came=attendance.came,
        went=attendance.went,
        steps=_steps(attendance, punches, known),
        parts=parts,
        present=present,
        minutes=minutes,
        policy=POLICIES.get(attendance.policy, f"规则 {attendance.policy}"),
        decided=_decided(attendance, known),
        notes=_notes(attendance, punches, minutes),
        corrected_at=max(
            (each.received_at for each in punches if each.source == "correction"), default=None
        ),
    )


def _parts(attendance: Served, shift: Planned) -> tuple[tuple[Part, ...], timedelta]:
    """The time between coming and going, cut at the shift's start and end and at whole minutes."""
    came, went = attendance.came, attendance.went
    if came is None or went is None or went <= came:
        return (), NOTHING
    before = max(NOTHING, min(went, shift.starts) - came)
    after = max(NOTHING, went - max(came, shift.ends))
    within = max(NOTHING, min(went, shift.ends) - max(came, shift.starts))
    floor = within % MINUTE
    cut = (
        ("before", before, f"班次 {moment_text(shift.starts)} 开始，之前的{span_text(before)}不计"),
        ("after", after, f"班次 {moment_text(shift.ends)} 结束，之后的{span_text(after)}不计"),
        ("floor", floor, f"最后不满一分钟的{span_text(floor)}不计"),
    )
    credited = within - floor
    kept = Part("credited", credited, f"班次之内的{span_text(credited)}计入")
    return (*(Part(*each) for each in cut if each[1]), kept), went - came


def _steps(
    attendance: Served, punches: Sequence[Taken], names: Mapping[str, str]
) -> tuple[Step, ...]:
    corrected = {each.corrects: each for each in punches if each.corrects is not None}
    times = {"in": attendance.came, "out": attendance.went}
    return tuple(
        step(punch, names, corrected.get(punch.id), used=times[punch.direction] == punch.at)
        for punch in sorted(punches, key=lambda each: (each.at, each.id))
    )


def step(
    punch: Taken, names: Mapping[str, str], later: Taken | None = None, *, used: bool = False
) -> Step:
    """A punch in words. ``later`` corrects it; ``used`` says that its time is the record's."""
    notes = []
    state = "used" if used else "unused"
    if punch.result != "accepted":
        state = "refused"
        notes.append(f"没有记入：{REFUSALS.get(punch.code or '', punch.code or '被拒绝')}")
    elif later:
        state = "replaced"
        who = names.get(later.actor, later.actor)
        notes.append(f"后来由{who}更正为 {moment_text(later.at)}")
    if abs(punch.received_at - punch.at) >= MINUTE and punch.source in {"steward", "self"}:
        notes.append(f"{moment_text(punch.received_at)} 送到服务器")
    if punch.reason:
        notes.append(f"理由：{punch.reason}")
    return Step(punch.id, punch.at, _what(punch), _by(punch, names), tuple(notes), state)


def _what(punch: Taken) -> str:
    direction = DIRECTIONS[punch.direction]
    return f"更正{direction}时间" if punch.source == "correction" else direction


def _by(punch: Taken, names: Mapping[str, str]) -> str:
    """Who took it, in which way, with which device."""
    if punch.source == "clock":
        return "班次结束六小时后仍没有签退，系统按班次结束的时间签退"
    device = f"，设备：{punch.device}" if punch.device else ""
    if punch.source == "self":
        return f"本人扫码{device}"
    who = names.get(punch.actor, punch.actor)
    return f"{SOURCES.get(punch.source, punch.source)}：{who}{device}"


def _decided(attendance: Served, names: Mapping[str, str]) -> str:
    verb = {COUNTED: "确认", "rejected": "不予确认"}.get(attendance.status)
    if verb is None:
        return "还没有人确认" if attendance.status in {"open", "pending"} else ""
    if attendance.decided_by is None or attendance.decided_at is None:
        return f"{STATUSES[attendance.status]}（登记或导入时就是这样，没有留下是谁、什么时候）"
    who = names.get(attendance.decided_by, attendance.decided_by)
    day = wording.day(local(attendance.decided_at).date())
    return f"{who}于{day}{local(attendance.decided_at):%H:%M}{verb}"


def _notes(attendance: Served, punches: Sequence[Taken], minutes: int) -> tuple[str, ...]:
    notes = []
    if attendance.closed_by_itself:
        notes.append("没有人签退，由系统按班次结束的时间关闭，请核对实际离开的时间")
    missing = [
        word
        for word, moment in (("签到", attendance.came), ("签退", attendance.went))
        if moment is None
    ]
    if missing and attendance.status not in {"signed_up", "no_show"}:
        notes.append(f"没有{'和'.join(missing)}时间，不能计入时长")
    if attendance.came and attendance.went and attendance.went < attendance.came:
        notes.append("签退早于签到，不能计入时长")
    accepted = [each for each in punches if each.result == "accepted"]
    for direction, moment in (("in", attendance.came), ("out", attendance.went)):
        if moment is not None and not any(
            each.direction == direction and each.at == moment for each in accepted
        ):
            notes.append(f"{DIRECTIONS[direction]}时间没有对应的打卡，是登记或导入时填写的")
    if minutes != attendance.recorded_minutes:
        notes.append(
            f"记录里存的是{attendance.recorded_minutes}分钟，和这里按规则算出的不符，请告诉管理员"
        )
    return tuple(notes)
