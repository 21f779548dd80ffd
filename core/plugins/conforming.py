"""Whether a value is what an annotation says, all the way down: for what other people's code gives.

Only what hooks are declared with is known: plain types, dataclasses, unions, lists, tuples of one
kind, sets, mappings, literals. A number that no database holds, and a text that no page can carry,
conform to nothing.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

Check = Callable[[Any], "str | None"]
"""What is wrong with a value, in Chinese and beginning with where, or None."""

LARGEST = 2**63 - 1
SHOWN = 40


def fault_in(value: Any, annotation: Any) -> str | None:
    """The first thing in ``value`` that is not as annotated, or None."""
    return _check_for(annotation)(value)


def hints_of(annotated: Any) -> dict[str, Any]:
    """What a class or a function is annotated with, resolved."""
    return get_type_hints(annotated, localns=_imported_for_annotations(annotated.__module__))


@lru_cache(maxsize=64)
def _imported_for_annotations(module: str) -> dict[str, Any]:
    """The names that a module imports under ``if TYPE_CHECKING``, which it does not hold itself."""
    found: dict[str, Any] = {}
    for node in ast.parse(inspect.getsource(import_module(module))).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), module, "exec"), found)  # noqa: S102 — our own
    return found


def _short(value: Any) -> str:
    """A value by its type alone: what is in it may be anybody's data."""
    return type(value).__name__[:SHOWN]


@lru_cache(maxsize=512)
def _check_for(annotation: Any) -> Check:
    origin, given = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return _one_of(given)
    if origin in MAKERS:
        return MAKERS[origin]([_check_for(each) for each in given if each is not Ellipsis])
    if annotation in (None, type(None)):
        return _nothing
    if annotation is Any or not isinstance(annotation, type):
        return _anything
    protocol = getattr(annotation, "_is_protocol", False)
    make = _protocol if protocol else _dataclass if is_dataclass(annotation) else _plain
    return make(annotation)


def _anything(_: Any) -> str | None:
    return None


def _nothing(value: Any) -> str | None:
    return None if value is None else f"应当是空的，却是 {_short(value)}"


def _one_of(wanted: tuple[Any, ...]) -> Check:
    def check(value: Any) -> str | None:
        if any(value is each or (type(value) is str and value == each) for each in wanted):
            return None
        return f"应当是 {'、'.join(map(str, wanted))} 之一"

    return check


def _any_of(checks: Sequence[Check]) -> Check:
    def check(value: Any) -> str | None:
        found = [fault for each in checks if (fault := each(value)) is not None]
        return None if len(found) < len(checks) else found[0]

    return check


def _within(place: str, found: str) -> str:
    return f"{place}{'' if found.startswith(('.', '[')) else ' '}{found}"


def _several(*kinds: type) -> Callable[[Sequence[Check]], Check]:
    def make(checks: Sequence[Check]) -> Check:
        def check(value: Any) -> str | None:
            if not isinstance(value, kinds):
                return f"应当是列表，却是 {_short(value)}"
            for index, each in enumerate(cast("Iterable[Any]", value)):
                if (found := checks[0](each)) is not None:
                    return _within(f"[{index}]", found)
            return None

        return check

    return make


def _mapping(checks: Sequence[Check]) -> Check:
    check_key, check_value = checks

    def check(value: Any) -> str | None:
        if not isinstance(value, Mapping):
            return f"应当是字典，却是 {_short(value)}"
        for index, (key, each) in enumerate(value.items()):
            if (found := check_key(key) or check_value(each)) is not None:
                return _within(f"[{index}]", found)
        return None

    return check


def _plain(kind: type) -> Check:
    def check(value: Any) -> str | None:
        # True is a number to Python, and a moment is a day: not here.
        mixed = (kind is int and isinstance(value, bool)) or (
            kind is date and isinstance(value, datetime)
        )
        if not isinstance(value, kind) or mixed:
            return f"应当是 {kind.__name__}，却是 {_short(value)}"
        return _bounded(value)

    return check


def _bounded(value: Any) -> str | None:
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        return "数太大了"
    if isinstance(value, Decimal) and not value.is_finite():
        return "不是一个数"
    if isinstance(value, float) and not -1e300 < value < 1e300:
        return "不是一个数"
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return "含有不成字的编码"
    return None


def _protocol(kind: Any) -> Check:
    """Of what is known by its members alone: that they are there, and its methods are callable."""
    methods = [each for each in vars(kind) if not each.startswith("_")]

    def check(value: Any) -> str | None:
        for name in (*kind.__annotations__, *methods):
            if not hasattr(value, name) or (name in methods and not callable(getattr(value, name))):
                return f"应当是 {kind.__name__}，却没有 {name}"
        return None

    return check


def _dataclass(kind: Any) -> Check:
    checks: list[tuple[str, Check]] = []

    def check(value: Any) -> str | None:
        if not isinstance(value, kind):
            return f"应当是 {kind.__name__}，却是 {_short(value)}"
        if not checks:  # not before the first value: a class may hold itself
            hints = hints_of(kind)
            checks.extend((each.name, _check_for(hints[each.name])) for each in fields(kind))
        for name, check_field in checks:
            if (found := check_field(getattr(value, name, None))) is not None:
                return _within(f".{name}", found)
        return None

    return check


MAKERS: dict[Any, Callable[[Sequence[Check]], Check]] = {
    Union: _any_of,
    types.UnionType: _any_of,
    list: _several(list, tuple),
    Sequence: _several(list, tuple),
    tuple: _several(tuple),
    frozenset: _several(frozenset, set),
    dict: _mapping,
    Mapping: _mapping,
}
