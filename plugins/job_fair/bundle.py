"""``plugins.job_fair`` of a bundle: its shape, and what the shape alone cannot see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.bundle_sections import CheckContext, WriteContext
from core.shapes import (
    Optional,
    Path,
    Shape,
    count,
    day,
    key,
    nullable,
    object_of,
    one_of,
    optional_list,
    text,
)
from plugins.job_fair import bundle_reading, bundle_storage
from plugins.job_fair.rules import MODES, STAGES

EMPLOYER = object_of({"key": key, "name": text()})
SEEKER = object_of({"key": key, "name": text(), "organisation": key})
POSITION_MEMBERS: dict[str, Shape | Optional] = {
    "key": key,
    "employer": key,
    "title": Optional(text(), str),
    "job_type": text(),
    "openings": count,
    "accommodations": optional_list(text()),
}
APPLICATION_MEMBERS: dict[str, Shape | Optional] = {
    "seeker": key,
    "position": key,
    "stage": one_of(*STAGES),
}
FAIR_MEMBERS: dict[str, Shape | Optional] = {
    "key": key,
    "activity": nullable(key),
    "organisation": key,
    "mode": one_of(*MODES),
    "held_on": day,
}
FAIR = object_of(
    {
        **FAIR_MEMBERS,
        "positions": optional_list(object_of(POSITION_MEMBERS)),
        "attendances": optional_list(key),
        "applications": optional_list(object_of(APPLICATION_MEMBERS)),
    }
)


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys that may be referred to; None where the list itself is no list."""

    employers: set[str] | None
    seekers: set[str] | None
    positions: set[str]


class JobFairSection:
    """How the records of job fairs travel."""

    key = "job_fair"
    in_envelope = False
    shape = staticmethod(
        object_of(
            {
                "employers": optional_list(EMPLOYER),
                "seekers": optional_list(SEEKER),
                "fairs": optional_list(FAIR),
            }
        )
    )

    def check(self, section: Mapping[str, Any], path: Path, context: CheckContext) -> None:
        """Keys, references, a seeker once a fair, applications within their fair."""
        for index, item in enumerate(section.get("seekers", [])):
            if item:
                place = (*path, "seekers", index, "organisation")
                context.organisation(item.get("organisation"), place)
        keys = _Keys(
            _unique(section, "employers", path, context),
            _unique(section, "seekers", path, context),
            _check_position_keys(section, path, context),
        )
        _unique(section, "fairs", path, context)
        for index, item in enumerate(section.get("fairs", [])):
            if item:
                _check_fair(item, (*path, "fairs", index), keys, context)

    async def write(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Make the campaign's rows those of the section."""
        await bundle_storage.write(section, context)

    async def finish(self, section: Mapping[str, Any], context: WriteContext) -> None:
        """Nothing is left over: no other section points here."""

    async def read(self, campaign: int) -> dict[str, Any]:
        """Employers, seekers and fairs, lists sorted as bundles are."""
        return await bundle_reading.read(campaign)


def _unique(
    section: Mapping[str, Any], name: str, path: Path, context: CheckContext
) -> set[str] | None:
    return context.unique(section[name], (*path, name)) if name in section else None


def _check_position_keys(section: Mapping[str, Any], path: Path, context: CheckContext) -> set[str]:
    """Position keys are unique over all fairs: that is how applications find them."""
    seen: set[str] = set()
    for number, fair in enumerate(section.get("fairs", [])):
        for index, position in enumerate((fair or {}).get("positions", [])):
            if not position or "key" not in position:
                continue
            if position["key"] in seen:
                place = (*path, "fairs", number, "positions", index, "key")
                sentence = f"岗位编号“{position['key']}”在前面已经有了"
                context.problems.add(place, "duplicate", sentence)
            seen.add(position["key"])
    return seen


def _check_fair(item: Mapping[str, Any], path: Path, keys: _Keys, context: CheckContext) -> None:
    context.organisation(item.get("organisation"), (*path, "organisation"))
    context.activity(item.get("activity"), (*path, "activity"))
    for index, position in enumerate(item.get("positions", [])):
        if position:
            place = (*path, "positions", index, "employer")
            _known(position.get("employer"), keys.employers, place, "用人单位", context)
    _check_attendances(item.get("attendances", []), (*path, "attendances"), keys, context)
    _check_applications(item, path, keys, context)


def _check_attendances(
    seekers: list[str | None], path: Path, keys: _Keys, context: CheckContext
) -> None:
    seen: set[str] = set()
    for index, seeker in enumerate(seekers):
        if seeker is None:
            continue
        _known(seeker, keys.seekers, (*path, index), "求职者", context)
        if seeker in seen:
            sentence = f"求职者“{seeker}”在这场招聘会里已经登记到场"
            context.problems.add((*path, index), "duplicate", sentence)
        seen.add(seeker)


def _check_applications(
    fair: Mapping[str, Any], path: Path, keys: _Keys, context: CheckContext
) -> None:
    own = {item["key"] for item in fair.get("positions", []) if item and "key" in item}
    for index, application in enumerate(fair.get("applications", [])):
        if not application:
            continue
        place = (*path, "applications", index)
        _known(application.get("seeker"), keys.seekers, (*place, "seeker"), "求职者", context)
        position = application.get("position")
        if position is None or position in own or "positions" not in fair:
            continue
        elsewhere = position in keys.positions
        sentence = (
            f"岗位“{position}”属于另一场招聘会" if elsewhere else f"没有编号为“{position}”的岗位"
        )
        context.problems.add((*place, "position"), "unknown_reference", sentence)


def _known(
    value: str | None, keys: set[str] | None, path: Path, what: str, context: CheckContext
) -> None:
    """Report an unknown key, unless the list it should be in could not be read at all."""
    if keys is not None:
        context.known(value, keys, path, what)
