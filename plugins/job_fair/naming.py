"""People on a list that somebody typed: found by key or full name, or to be entered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from api.kit.records import Work
from api.kit.records.checking import STARS, new_key
from api.kit.records.resource import Target
from api.kit.records.targets import find_targets
from core.privacy import normalised
from plugins.job_fair.fair_records import ATTENDANCES
from plugins.job_fair.records import SEEKERS

BETWEEN = re.compile(r"[\n、，,；;\t]+")


@dataclass(slots=True)
class Named:
    """Whom a list names: keys of seekers, those to be entered as a bundle's items, and faults."""

    keys: list[str] = field(default_factory=list)
    new: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def everybody(self) -> list[str]:
        """All keys, each once."""
        return list(dict.fromkeys([*self.keys, *(each["key"] for each in self.new)]))


def names_in(text: str) -> list[str]:
    """The names of a list: one a line, or with marks between."""
    return list(dict.fromkeys(name for part in BETWEEN.split(text) if (name := part.strip())))


async def named(work: Work, texts: Iterable[str], office: str | None) -> Named:
    """Find seekers by key or full name among those that the actor may see. One statement.

    Who is not found becomes a new seeker of ``office`` (a key); without one that is a fault.
    """
    wanted = list(texts)
    found = await find_targets(work, ATTENDANCES, ATTENDANCES.by_name["seeker"], wanted)
    by_key = {target.key: target for target in found if target.reachable}
    by_name: dict[str, list[Target]] = {}
    for target in by_key.values():
        by_name.setdefault(normalised(target.label), []).append(target)
    result, unknown = Named(), ""
    for text in wanted:
        same = [by_key[text]] if text in by_key else by_name.get(normalised(text), [])
        if len(same) == 1:
            result.keys.append(same[0].key)
        elif same:
            result.faults.append(f"有{len(same)}个求职者叫“{text}”，请改填编号")
        elif any(star in text for star in STARS):
            result.faults.append(f"“{text}”是打了码的名字，请填完整的名字或编号")
        elif office is None:
            unknown += f"“{text}”"
        else:
            key = new_key(SEEKERS.key_prefix)
            result.new.append({"key": key, "name": text, "organisation": office})
    if unknown:
        result.faults.append(f"{unknown}还没有登记过：请核对名字，或者在下面选所属的机构")
    return result
