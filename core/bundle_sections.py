"""How a part of a campaign travels in a bundle: checked, written, read back."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.shapes import Path, Problems, Shape


@dataclass(slots=True)
class CheckContext:
    """What a section may refer to, and where it reports what is wrong."""

    problems: Problems
    organisations: frozenset[str]
    activities: frozenset[str]

    def organisation(self, value: str | None, path: Path) -> None:
        """Report a reference to an office that the bundle does not hold."""
        self.known(value, self.organisations, path, "机构")

    def activity(self, value: str | None, path: Path) -> None:
        """Report a reference to an activity that the bundle does not hold; null is none."""
        self.known(value, self.activities, path, "活动")

    def known(self, value: str | None, keys: Container[str], path: Path, what: str) -> None:
        """Report ``value`` unless it is among ``keys`` (or absent, or null)."""
        if value is not None and value not in keys:
            self.problems.add(path, "unknown_reference", f"没有编号为“{value}”的{what}")

    def unique(self, items: list[Any], path: Path, members: tuple[str, ...] = ("key",)) -> set[str]:
        """Report items that repeat an earlier one's key; answer the keys."""
        seen: set[Any] = set()
        for index, item in enumerate(items):
            if item is None or any(member not in item for member in members):
                continue
            identity = tuple(item[member] for member in members)
            if identity in seen:
                named = "、".join(str(part) for part in identity)
                place = (*path, index, *(members if len(members) == 1 else ()))
                self.problems.add(place, "duplicate", f"“{named}”在前面已经有了")
            seen.add(identity)
        return {identity[0] for identity in seen}

    def ends_after_start(self, item: Mapping[str, Any], start: str, end: str, path: Path) -> None:
        """Report an end before its start, where both stand."""
        if item.get(start) is not None and item.get(end) is not None and item[end] < item[start]:
            self.problems.add((*path, end), "ends_before_starts", "结束早于开始")


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The unit of work that an import is: ids of what other parts have written already."""

    campaign: int
    organisations: Mapping[str, int]
    now: datetime
    activities: dict[str, int] = field(default_factory=dict)


class BundleSection(Protocol):
    """A plugin's part of a bundle (or, for ``in_envelope``, a list of the envelope itself)."""

    key: str
    in_envelope: bool
    shape: Shape

    def check(self, section: Any, path: Path, context: CheckContext) -> None:
        """Report what the shape alone cannot see: references, duplicates, overlaps."""

    async def write(self, section: Any, context: WriteContext) -> None:
        """Make the campaign's rows those of ``section``: insert, update by key, remove the rest."""

    async def finish(self, section: Any, context: WriteContext) -> None:
        """Remove what other sections may still have pointed at while they were written."""

    async def read(self, campaign: int) -> Any:
        """The section as it is exported, before sorting of members.

        It is made anew for the asker, who takes it apart while it is written.
        """
