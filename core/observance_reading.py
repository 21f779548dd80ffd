"""Reading an observance's plain mapping strictly, with errors that name the wrong member.

The mappings come from observances.toml, from an office's form or from a table; observances.toml
says what each member means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any, Final

from core.observance_rules import FIRST_YEAR, LAST_YEAR, LIMITS, RULES, Rule

_LONGEST_TEXT = 500
_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
_ABSENT: Final[Any] = object()


class Members:
    """Takes the members of an observance's mapping one by one; what is left over is an error."""

    def __init__(self, key: str, data: object, path: str = "") -> None:
        self.key, self.path = key, path
        if not isinstance(data, Mapping):
            raise self.error("", "应当是一组“名称：值”")
        if not _KEY.fullmatch(key):
            raise self.error("key", "只能用字母、数字和 . _ -，最多 64 个字符")
        self.left = dict(data)

    def error(self, name: str, problem: str) -> ValueError:
        """Make the error that names a member of this mapping."""
        member = f"{self.path}.{name}".strip(".")
        return ValueError(f"纪念日“{self.key}”的“{member}”有误：{problem}。")

    def text(self, name: str, default: str | None = None) -> str:
        """Take a text, never empty unless the default is."""
        value = self._take(name, _ABSENT if default is None else default)
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT or value != value.strip():
            raise self.error(name, f"应当是不超过 {_LONGEST_TEXT} 字、首尾没有空格的文字")
        if not value and default != "":
            raise self.error(name, "不能是空的")
        return value

    def choice(self, name: str, allowed: Iterable[str], default: str | None = None) -> str:
        """Take one of the allowed words."""
        value = self.text(name, default)
        if value not in (words := tuple(allowed)):
            raise self.error(name, f"只能是 {'、'.join(words)} 之一")
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """Take a whole number between two bounds, both allowed."""
        value = self._take(name, _ABSENT)
        if type(value) is not int or not least <= value <= most:  # a bool is no number here
            raise self.error(name, f"应当是 {least} 到 {most} 的整数")
        return value

    def year(self, name: str) -> int | None:
        """Take a year, or None where the member is null or absent."""
        if self.left.get(name) is None:
            self.left.pop(name, None)
            return None
        return self.whole(name, FIRST_YEAR - 1, LAST_YEAR)

    def table(self, name: str, default: object = _ABSENT) -> Members:
        """Take a mapping inside this one, to be taken apart in its turn."""
        return Members(self.key, self._take(name, default), f"{self.path}.{name}".strip("."))

    def finish(self) -> None:
        """Refuse what has not been taken."""
        for name in self.left:
            raise self.error(str(name), "没有这一项")

    def _take(self, name: str, default: object) -> object:
        value = self.left.pop(name, default)
        if value is _ABSENT:
            raise self.error(name, "缺少这一项")
        return value


def read_rule(members: Members, variant: str | None) -> Rule:
    """Read the one `rule`, or of several `rules` the variant or the default; all are checked."""
    if "rules" not in members.left:
        if variant is not None:
            raise members.error("rules", "没有可以选择的日期规则")
        return _read_one_rule(members.table("rule"))
    several = members.table("rules")
    rules = {name: _read_one_rule(several.table(name)) for name in tuple(several.left)}
    default = members.choice("default_rule", rules)
    chosen = default if variant is None else variant
    if chosen not in rules:
        raise members.error("rules", f"没有“{chosen}”这种日期规则，只有 {'、'.join(rules)}")
    return rules[chosen]


def _read_one_rule(members: Members) -> Rule:
    kind = RULES[members.choice("kind", RULES)]
    numbers = {item.name: members.whole(item.name, *LIMITS[item.name]) for item in fields(kind)}
    members.finish()
    try:
        return kind(**numbers)
    except ValueError as problem:
        raise members.error("day", str(problem)) from None


def read_themes(members: Members) -> Mapping[int, str]:
    """Read themes by year; ValueError on a member that is no year of the catalogue's span."""
    years = {str(year): year for year in range(FIRST_YEAR, LAST_YEAR + 1)}
    themes = {years[name]: members.text(name) for name in tuple(members.left) if name in years}
    members.finish()  # whatever is no year
    return MappingProxyType(themes)
