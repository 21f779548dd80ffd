"""The catalogue of observances: when 全国助残日 and its like fall, which edition, which theme.

The catalogue is data: observances.toml, which also explains every member. An office's own
observances are built from plain mappings of the same shape by `Observance.from_mapping` and join
the catalogue by `Catalogue.with_additional`.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self, cast

from core.observance_reading import Members, read_rule, read_themes
from core.observance_rules import Rule, checked_year

Family = Literal["observance", "festival"]


@dataclass(frozen=True, slots=True)
class Observance:
    """A day, or a week, that campaigns are held for. Every method takes a year, 1900 to 2100.

    `base` is the year before the first counted edition, None where editions are not counted;
    `first` is the first year it was held, None for what was always there.
    """

    key: str
    name: str
    rule: Rule
    family: Family = "observance"
    base: int | None = None
    first: int | None = None
    counter: str = "次"
    themes: Mapping[int, str] = field(default_factory=dict, hash=False)
    source: str = ""

    @classmethod
    def from_mapping(cls, key: str, data: Mapping[str, Any], variant: str | None = None) -> Self:
        """Build one from a plain mapping of the shape that observances.toml explains.

        `variant` chooses among `rules`, where the mapping has several. ValueError with a Chinese
        sentence that names the wrong member.
        """
        members = Members(key, data)
        base = members.year("base")
        observance = cls(
            key=key,
            name=members.text("name"),
            rule=read_rule(members, variant),
            family=cast(
                "Family", members.choice("family", ("observance", "festival"), "observance")
            ),
            base=base,
            first=members.year("first") or (None if base is None else base + 1),
            counter=members.text("counter", "次"),
            themes=read_themes(members.table("themes", {})),
            source=members.text("source", ""),
        )
        members.finish()
        return observance

    def date(self, year: int) -> dt.date:
        """Return the day, or for a week its Monday."""
        return self.rule.date(checked_year(year))

    def last_date(self, year: int) -> dt.date:
        """Return the day itself, or for a week its Sunday."""
        return self.date(year) + dt.timedelta(days=self.rule.days - 1)

    def edition(self, year: int) -> int | None:
        """Count the year's edition; None where editions are not counted, or before the first."""
        checked_year(year)
        return None if self.base is None or year <= self.base else year - self.base

    def theme(self, year: int) -> str:
        """Return the year's official theme, or "" while it is not known."""
        return self.themes.get(year, "")

    def title(self, year: int) -> str:
        """Name the year's: 第32次全国助残日 where editions are counted, else 2022年重阳节."""
        edition = self.edition(year)
        when = f"{year}年" if edition is None else f"第{edition}{self.counter}"
        return when + self.name


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One observance in one year."""

    key: str
    name: str
    date: dt.date
    last_date: dt.date
    edition: int | None
    theme: str


class Catalogue:
    """Observances by key, in the order given. Immutable; ValueError on a key given twice."""

    def __init__(self, items: Iterable[Observance]) -> None:
        self._by_key: dict[str, Observance] = {}
        for item in items:
            if item.key in self._by_key:
                raise ValueError(f"目录里已经有“{item.key}”（{self._by_key[item.key].name}）。")
            self._by_key[item.key] = item

    @classmethod
    def load(cls, variants: Mapping[str, str] | None = None) -> Catalogue:
        """Read the built-in catalogue; `variants` chooses rules, as in {"deaf-day": "last"}.

        It is read once for each choice. ValueError where there is no such observance or rule.
        """
        return _load(frozenset((variants or {}).items()))

    def with_additional(self, items: Iterable[Observance]) -> Catalogue:
        """Return a catalogue with these besides its own; ValueError on a key it has already."""
        return Catalogue([*self, *items])

    def get(self, key: str) -> Observance | None:
        """Return the observance of this key, or None."""
        return self._by_key.get(key)

    def __iter__(self) -> Iterator[Observance]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def year(self, year: int) -> list[Occurrence]:
        """List the year's occurrences by date, then key; what had not begun by then is left out."""
        checked_year(year)
        held = (item for item in self if item.first is None or item.first <= year)
        return sorted(
            (
                Occurrence(
                    key=item.key,
                    name=item.name,
                    date=item.date(year),
                    last_date=item.last_date(year),
                    edition=item.edition(year),
                    theme=item.theme(year),
                )
                for item in held
            ),
            key=lambda occurrence: (occurrence.date, occurrence.key),
        )


def catalogue() -> Catalogue:
    """Return the built-in catalogue under its default rules, read once."""
    return Catalogue.load()


def same_weekday_shift(day: dt.date, from_anchor: dt.date, to_anchor: dt.date) -> dt.date:
    """Carry an activity's day from one year's observance to another's, keeping its weekday.

    The new day is the one of the same weekday that lies nearest to the same distance from the
    observance. Where the observance keeps its weekday (a third Sunday, a week) that is exactly the
    same distance. Where it is a fixed day its weekday moves on from year to year, and the distance
    gives way by up to three days: a Saturday stays a Saturday, for schools and staff plan by it.
    """
    same_distance = to_anchor + (day - from_anchor)
    correction = (day.weekday() - same_distance.weekday() + 3) % 7 - 3
    return same_distance + dt.timedelta(days=correction)


@cache
def _load(variants: frozenset[tuple[str, str]]) -> Catalogue:
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    chosen = dict(variants)
    for key in sorted(chosen):
        if "rules" not in tables.get(key, {}):
            raise ValueError(f"“{key}”没有可以选择的日期规则。")
    return Catalogue(
        Observance.from_mapping(key, table, chosen.get(key)) for key, table in tables.items()
    )
