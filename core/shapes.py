"""Checking the shape of untrusted documents: every error at once, each with its place.

A shape turns a value into its normalised form (money into 分, times into UTC) or reports why not.
Members that fail are left out of the normalised object, so that later checks of references can go
on over what is sound. Pointers are JSON pointers (RFC 6901), built only when there is something to
say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from core.documents import NotANumber, Repeated
from core.moments import OFFSET
from core.numbers import PLAIN_DECIMAL, fen
from core.refusals import Fault, Refusal

Path = tuple[Any, ...]
INVALID: Any = object()
TEXT_LIMIT = 500
KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")
KEY_CHARACTERS = re.compile(r"[A-Za-z0-9._-]*")
# Amounts beyond these are typing errors; within them no sum in the database can overflow.
COUNT_LIMIT = 10**12
FEN_LIMIT = 10**14
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Control characters; what turns the rest of a line around, so that it shows something else than
# it says; halves of characters and what is no character. Letters that run from right to left are
# none of these, nor are the marks and joiners that their languages need.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


@dataclass(slots=True)
class Problems:
    """The errors found so far, in the order of finding."""

    found: list[Fault] = field(default_factory=list)

    def add(self, path: Path, code: str, message: str) -> Any:
        """Note an error at ``path`` and answer INVALID."""
        self.found.append(Fault(pointer(path), code, message))
        return INVALID


class DocumentRefused(Refusal):
    """A document with errors; nothing of it was written."""


def pointer(path: Path) -> str:
    """RFC 6901: ``("a", 3)`` → ``/a/3``."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


Shape = Callable[[Any, Path, Problems], Any]


def text(limit: int = TEXT_LIMIT) -> Shape:
    """Text of at most ``limit`` characters without control characters."""

    def check(value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, str):
            return unfit(value, path, problems, "这里应当是文字")
        if len(value) > limit:
            return problems.add(path, "too_long", f"文字超过 {limit} 个字")
        if UNPRINTABLE.search(value):
            return problems.add(path, "value", "文字里有不能显示的控制字符")
        return value

    return check


def key(value: Any, path: Path, problems: Problems) -> Any:
    """A key: 1 to 64 letters, digits, dots, hyphens or underscores."""
    if not isinstance(value, str):
        return unfit(value, path, problems, "编号应当是文字")
    if len(value) > 64 and KEY_CHARACTERS.fullmatch(value):
        return problems.add(path, "too_long", "编号超过 64 个字符")
    if not KEY.fullmatch(value):
        return problems.add(path, "value", "编号只能用字母、数字、点、横线和下划线")
    return value


def integer(low: int = 0, high: int = COUNT_LIMIT) -> Shape:
    """A JSON integer within limits."""

    def check(value: Any, path: Path, problems: Problems) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            return unfit(value, path, problems, "这里应当是整数")
        if value < low:
            return problems.add(path, "value", f"整数不能小于 {low}")
        if value > high:
            return problems.add(path, "value", f"整数不能大于 {high}")
        return value

    return check


count = integer()


def decimal(value: Any, path: Path, problems: Problems) -> Any:
    """A plain decimal ≥ 0 as text, kept as it is written."""
    if not isinstance(value, str):
        return unfit(value, path, problems, '数值应当写成文字，例如 "12.5"')
    if len(value) > TEXT_LIMIT:
        return problems.add(path, "too_long", f"数值超过 {TEXT_LIMIT} 个字符")
    if not PLAIN_DECIMAL.fullmatch(value):
        return problems.add(path, "value", "数值应当是不带符号的普通小数，例如 12.5")
    return value


def money(value: Any, path: Path, problems: Problems) -> Any:
    """元 as a decimal text of at most two places → 分."""
    checked = decimal(value, path, problems)
    if checked is INVALID:
        return INVALID
    if len(checked.partition(".")[2]) > 2:
        return problems.add(path, "value", "金额最多两位小数")
    amount = fen(checked)
    if amount > FEN_LIMIT:
        return problems.add(path, "value", "金额超过一万亿元")
    return amount


def day(value: Any, path: Path, problems: Problems) -> Any:
    """A day such as 2026-05-17 → date."""
    if not isinstance(value, str):
        return unfit(value, path, problems, '日期应当写成文字，例如 "2026-05-17"')
    try:
        if DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    return problems.add(path, "value", "没有这个日期，应当写成 2026-05-17 的样子")


def moment(value: Any, path: Path, problems: Problems) -> Any:
    """A time with its offset → aware datetime in UTC."""
    if not isinstance(value, str):
        return unfit(value, path, problems, '时间应当写成文字，例如 "2026-05-17T09:00:00+08:00"')
    match = MOMENT.fullmatch(value)
    if match and not match[4]:
        return problems.add(path, "value", "时间缺少时区，末尾应当有 +08:00")
    try:
        if match:
            stated = datetime.fromisoformat(value).astimezone(UTC)
            stated.astimezone(OFFSET)  # what cannot be exported again is no moment of ours
            return stated
    except (ValueError, OverflowError):
        pass
    return problems.add(path, "value", "没有这个时间，应当写成 2026-05-17T09:00:00+08:00 的样子")


def flag(value: Any, path: Path, problems: Problems) -> Any:
    """True or false."""
    return (
        value
        if isinstance(value, bool)
        else unfit(value, path, problems, "这里应当是 true 或 false")
    )


def one_of(*choices: str) -> Shape:
    """One of a few words."""

    def check(value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, str):
            return unfit(value, path, problems, "这里应当是文字")
        if value not in choices:
            return problems.add(path, "value", "只能是：" + "、".join(choices))
        return value

    return check


def nullable(shape: Shape) -> Shape:
    """``shape``, or null."""

    def check(value: Any, path: Path, problems: Problems) -> Any:
        return None if value is None else shape(value, path, problems)

    return check


@dataclass(frozen=True, slots=True)
class Optional:
    """A member that may be left out; ``default()`` stands in its place."""

    shape: Shape
    default: Callable[[], Any] = lambda: None


def object_of(members: Mapping[str, Shape | Optional]) -> Shape:
    """An object with exactly these members; a failed member is absent from the result."""
    shapes = {name: (m.shape if isinstance(m, Optional) else m) for name, m in members.items()}
    defaults = {name: m.default for name, m in members.items() if isinstance(m, Optional)}

    def check(value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, dict):
            return unfit(value, path, problems, "这里应当是一个对象 {…}")
        _report_names(value, shapes, path, problems)
        result: dict[str, Any] = {}
        for name, shape in shapes.items():
            if name not in value:
                if name in defaults:
                    result[name] = defaults[name]()
                else:
                    problems.add((*path, name), "missing", f"缺少“{name}”")
                continue
            normalised = shape(value[name], (*path, name), problems)
            if normalised is not INVALID:
                result[name] = normalised
        return result

    return check


def _report_names(
    value: Mapping[str, Any], known: Container[str], path: Path, problems: Problems
) -> None:
    """Report members that stand twice or that nobody knows."""
    if isinstance(value, Repeated):
        for name in value.names:
            problems.add((*path, name), "duplicate", f"“{name}”写了两次")
    for name in value:
        if name not in known:
            problems.add((*path, name), "unknown_key", f"不认识的项目“{name}”")


def list_of(shape: Shape) -> Shape:
    """A list; a failed item leaves None in its place, so that positions stay what they are."""

    def check(value: Any, path: Path, problems: Problems) -> Any:
        if not isinstance(value, list):
            return unfit(value, path, problems, "这里应当是一个列表 […]")
        items = (shape(item, (*path, index), problems) for index, item in enumerate(value))
        return [None if item is INVALID else item for item in items]

    return check


def unfit(value: Any, path: Path, problems: Problems, sentence: str) -> Any:
    """Report a value of the wrong type; NaN and its kind are no JSON at all."""
    if isinstance(value, NotANumber):
        return problems.add(path, "syntax", f"JSON 里不能写 {value.text}")
    return problems.add(path, "type", sentence)


def optional_list(shape: Shape) -> Optional:
    """A list that may be left out: then it is empty."""
    return Optional(list_of(shape), list)
