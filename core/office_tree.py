"""The tree of offices as somebody may see it: read in one statement, however many there are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core import database
from core.permissions import Actor, scope_sql
from core.refusals import Missing

LEVEL_LABELS: dict[str, str] = {
    "nation": "国家级",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "town": "乡镇（街道）",
    "community": "村（社区）",
}


@dataclass(eq=False, slots=True)
class Office:
    """An office with those below it that the reader may see.

    ``parent`` is None at the top of what he may see. ``managed`` tells whether he may change it.
    """

    id: int
    key: str
    name: str
    level: str
    closed_on: date | None
    managed: bool
    parent: Office | None = None
    children: list[Office] = field(default_factory=list)

    @property
    def level_label(self) -> str:
        """The level in Chinese."""
        return LEVEL_LABELS[self.level]

    @property
    def path(self) -> tuple[Office, ...]:
        """Those above it, the topmost first."""
        return (*self.parent.path, self.parent) if self.parent else ()

    def below(self) -> Iterator[Office]:
        """All below it, each before its own."""
        for child in self.children:
            yield child
            yield from child.below()

    @property
    def count(self) -> int:
        """How many are below it, those that are closed left out."""
        return sum(office.closed_on is None for office in self.below())


@dataclass(frozen=True, slots=True)
class Tree:
    """What a reader may see: the topmost offices, and all of them by key."""

    tops: list[Office]
    by_key: dict[str, Office]

    def __iter__(self) -> Iterator[Office]:
        """All offices, each before those below it."""
        for top in self.tops:
            yield top
            yield from top.below()

    def find(self, key: str) -> Office:
        """The office of that key. Raises Missing."""
        if key not in self.by_key:
            raise Missing(f"没有编号为“{key}”的机构")
        return self.by_key[key]

    def search(self, words: str = "", level: str = "", *, closed: bool = False) -> list[Office]:
        """Offices whose name or key holds every word; closed ones only when ``closed`` asks."""
        wanted = words.casefold().split()
        return [
            office
            for office in self
            if (closed or office.closed_on is None)
            and (not level or office.level == level)
            and all(word in f"{office.name} {office.key}".casefold() for word in wanted)
        ]


async def visible(actor: Actor) -> Tree:
    """The offices where the actor may look, in one statement."""
    view, view_values = scope_sql(actor, "organisation.view")
    manage, manage_values = scope_sql(actor, "organisation.manage", "managed_offices")
    rows = await database.fetch(
        "SELECT id, key, name, level, parent, closed_on,"
        f" CASE WHEN id IN ({manage}) THEN 1 ELSE 0 END AS managed"
        f" FROM organisation WHERE id IN ({view})",
        **view_values,
        **manage_values,
    )
    return _grown(rows)


def _grown(rows: Iterable[dict[str, Any]]) -> Tree:
    parents: dict[int, int | None] = {}
    offices: dict[int, Office] = {}
    for row in rows:
        parents[row["id"]] = row.pop("parent")
        offices[row["id"]] = Office(**{**row, "managed": bool(row["managed"])})
    tops: list[Office] = []
    for office in sorted(offices.values(), key=_order):
        office.parent = offices.get(parents[office.id] or 0)
        (office.parent.children if office.parent else tops).append(office)
    return Tree(tops, {office.key: office for office in offices.values()})


def _order(office: Office) -> tuple[Any, ...]:
    """By key as people count: x2 before x10."""
    pieces = re.split(r"(\d+)", office.key)
    return tuple(piece if index % 2 == 0 else int(piece) for index, piece in enumerate(pieces))
