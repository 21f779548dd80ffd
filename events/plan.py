"""What somebody plans for an activity, and what is wrong with it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.refusals import Fault, Refusal
from core.shapes import Problems, Shape, integer, nullable, text
from core.shapes import key as key_shape
from events.activities import Activity

SLUG = re.compile(r"[a-z][a-z0-9_-]{0,63}")
YEARS = range(1900, 2101)
# As wide as a bundle's: what was imported can be edited.
SHAPES: dict[str, Shape] = {
    **dict.fromkeys(("title", "place", "address", "hosts", "person_in_charge", "notes"), text()),
    "capacity": nullable(integer()),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The contents of an activity. ``organisation`` is an office's key; moments are aware.

    ``accessibility`` are the services offered, ``accessibility_asked`` those that people asked for:
    slugs of the vocabulary or words of one's own. ``hosts`` names the units that hold it.
    """

    title: str
    kind: str
    organisation: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    address: str = ""
    hosts: str = ""
    capacity: int | None = None
    person_in_charge: str = ""
    accessibility: tuple[str, ...] = ()
    accessibility_asked: tuple[str, ...] = ()
    notes: str = ""

    @classmethod
    def of(cls, activity: Activity) -> Plan:
        """What an activity holds now."""
        return cls(**{name: getattr(activity, name) for name in cls.__slots__})


def checked(plan: Plan, key: str = "") -> Plan:
    """The plan with moments in UTC and each word once. Raises Refusal with every fault."""
    problems = Problems()
    for name, shape in SHAPES.items():
        shape(getattr(plan, name), (name,), problems)
    for name, value in (("key", key), ("organisation", plan.organisation)):
        if value or name == "organisation":
            key_shape(value, (name,), problems)
    faults = [*problems.found]
    if not plan.title.strip():
        faults.append(Fault("/title", "missing", "请填写名称"))
    if not SLUG.fullmatch(plan.kind):
        faults.append(Fault("/kind", "value", "类别只能用小写字母、数字、横线和下划线"))
    for name in ("accessibility", "accessibility_asked"):
        faults += _word_faults(name, getattr(plan, name))
    faults += _time_faults(plan)
    if faults:
        raise Refusal(*faults)
    return replace(
        plan,
        title=plan.title.strip(),
        starts_at=plan.starts_at.astimezone(UTC),
        ends_at=plan.ends_at.astimezone(UTC),
        accessibility=tuple(sorted(set(plan.accessibility))),
        accessibility_asked=tuple(sorted(set(plan.accessibility_asked))),
    )


def _word_faults(member: str, words: tuple[str, ...]) -> list[Fault]:
    problems = Problems()
    for index, word in enumerate(words):
        text()(word, (member, index), problems)
    blank = [index for index, word in enumerate(words) if not word.strip()]
    return [
        *problems.found,
        *(Fault(f"/{member}/{index}", "value", "这一项是空的") for index in blank),
    ]


def _time_faults(plan: Plan) -> list[Fault]:
    faults = [
        Fault(f"/{name}", "value", f"年份要在 {YEARS[0]} 到 {YEARS[-1]} 之间")
        for name in ("starts_at", "ends_at")
        if getattr(plan, name).year not in YEARS
    ]
    if plan.ends_at < plan.starts_at:
        faults.append(Fault("/ends_at", "ends_before_starts", "结束时间早于开始时间"))
    return faults


def shifted(before: Activity, plan: Plan) -> bool:
    """Whether somebody who noted the activity down would now go astray: its time or place moved."""
    return any(
        getattr(before, name) != getattr(plan, name)
        for name in ("starts_at", "ends_at", "place", "address")
    )
