"""``plugins.volunteer`` of a bundle: its shape, and what the shape alone cannot see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from core.bundle_sections import CheckContext, WriteContext
from core.shapes import (
    INVALID,
    Optional,
    Path,
    Problems,
    Shape,
    count,
    integer,
    key,
    list_of,
    moment,
    nullable,
    object_of,
    one_of,
    optional_list,
    text,
)
from plugins.volunteer import bundle_storage
from plugins.volunteer.honours.schemes import SCHEMES
from plugins.volunteer.rules import (
    COUNTED,
    PERIODS,
    STATUSES,
    Interval,
    credited_interval,
    overlapping,
)

VOLUNTEER = object_of({"key": key, "name": text(), "organisation": key})
SHIFT_MEMBERS: dict[str, Shape | Optional] = {
    "key": key,
    "activity": nullable(key),
    "organisation": key,
    "title": Optional(text(), str),
    "starts_at": moment,
    "ends_at": moment,
    "capacity": count,
}
SHIFT = object_of(SHIFT_MEMBERS)
ATTENDANCE_MEMBERS: dict[str, Shape | Optional] = {
    "volunteer": key,
    "shift": key,
    "checked_in_at": nullable(moment),
    "checked_out_at": nullable(moment),
    "status": one_of(*STATUSES),
}
ATTENDANCE = object_of(ATTENDANCE_MEMBERS)
_hour_list = list_of(integer(1))


def _hours(value: Any, path: Path, problems: Problems) -> Any:
    """The hours of each star: at least one, each more than the one before."""
    checked = _hour_list(value, path, problems)
    if checked is INVALID:
        return INVALID
    if not checked:
        return problems.add(path, "value", "至少要有一级星的小时数")
    for index in range(1, len(checked)):
        below, here = checked[index - 1 : index + 1]
        if below is not None and here is not None and here <= below:
            problems.add((*path, index), "value", "小时数应当一级比一级多")
    return checked


_named_scheme = one_of(*SCHEMES)
_own_scheme = object_of({"period": one_of(*PERIODS), "hours": _hours})


def star_scheme(value: Any, path: Path, problems: Problems) -> Any:
    """A scheme by name, or written out."""
    return (_own_scheme if isinstance(value, dict) else _named_scheme)(value, path, problems)


_LISTS = {
    "volunteers": optional_list(VOLUNTEER),
    "shifts": optional_list(SHIFT),
    "attendances": optional_list(ATTENDANCE),
}
_empty = object_of({**_LISTS, "star_scheme": Optional(star_scheme)})
_filled = object_of({**_LISTS, "star_scheme": star_scheme})


def section_shape(value: Any, path: Path, problems: Problems) -> Any:
    """The section; only an empty one may do without its star scheme (then it is None)."""
    return (_empty if value == {} else _filled)(value, path, problems)


SECTION: Shape = section_shape


class VolunteerSection:
    """How volunteer service travels."""

    key = "volunteer"
    in_envelope = False
    shape = staticmethod(SECTION)

    def check(self, section: Mapping[str, Any], path: Path, context: CheckContext) -> None:
        """References, order of times, confirmed times, and nobody in two places at once."""
        volunteers, shifts = section.get("volunteers"), section.get("shifts")
        if volunteers is not None:
            context.unique(volunteers, (*path, "volunteers"))
        for index, item in enumerate(volunteers or []):
            if item:
                place = (*path, "volunteers", index, "organisation")
                context.organisation(item.get("organisation"), place)
        if shifts is not None:
            context.unique(shifts, (*path, "shifts"))
        for index, item in enumerate(shifts or []):
            if item:
                place = (*path, "shifts", index)
                context.organisation(item.get("organisation"), (*place, "organisation"))
                context.activity(item.get("activity"), (*place, "activity"))
                context.ends_after_start(item, "starts_at", "ends_at", place)
        attendances = section.get("attendances", [])
        known = {"volunteer": _by_key(volunteers), "shift": _by_key(shifts)}
        for index, item in enumerate(attendances):
            if item:
                _check_attendance(item, (*path, "attendances", index), known, context)
        _check_overlaps(attendances, known["shift"] or {}, (*path, "attendances"), context)

    async def write(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Credited minutes are computed afresh from the shifts' times as they are now."""
        await bundle_storage.write(section, context)

    async def finish(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Nothing is left over: no other section points here."""

    async def read(self, campaign: int) -> dict[str, Any]:
        """Volunteers, shifts, attendances and the star scheme, lists sorted as bundles are."""
        return await bundle_storage.read(campaign)


def _by_key(items: list[Any] | None) -> dict[str, Mapping[str, Any]] | None:
    """Items by key; None where there is no list to refer to, which has been reported already."""
    if items is None:
        return None
    return {item["key"]: item for item in items if item and "key" in item}


def _check_attendance(
    item: Mapping[str, Any],
    path: Path,
    known: Mapping[str, Mapping[str, Any] | None],
    context: CheckContext,
) -> None:
    for member, what in (("volunteer", "志愿者"), ("shift", "班次")):
        things = known[member]
        if things is not None:
            context.known(item.get(member), frozenset(things), (*path, member), what)
    if item.get("status") == COUNTED:
        for member, what in (("checked_in_at", "签到"), ("checked_out_at", "签退")):
            if member in item and item[member] is None:
                context.problems.add((*path, member), "missing", f"已确认的记录要有{what}时间")
    context.ends_after_start(item, "checked_in_at", "checked_out_at", path)


def _check_overlaps(
    attendances: list[Any],
    shifts: Mapping[str, Mapping[str, Any]],
    path: Path,
    context: CheckContext,
) -> None:
    """Report the later, in the list, of two credited intervals of a volunteer that overlap."""
    intervals: dict[str, list[Interval]] = defaultdict(list)
    for index, item in enumerate(attendances):
        if not item or item.get("status") != COUNTED or "volunteer" not in item:
            continue
        shift = shifts.get(item.get("shift"), {})
        if "starts_at" not in shift or "ends_at" not in shift:
            continue
        credited = credited_interval(
            item.get("checked_in_at"),
            item.get("checked_out_at"),
            shift["starts_at"],
            shift["ends_at"],
        )
        if credited:
            intervals[item["volunteer"]].append(Interval(index, *credited))
    clashes = [pair for own in intervals.values() for pair in overlapping(own).items()]
    for later, earlier in sorted(clashes):
        name = attendances[later]["volunteer"]
        context.problems.add(
            (*path, later),
            "overlap",
            f"志愿者“{name}”的这段服务时间与第 {earlier + 1} 条记录重叠",
        )
