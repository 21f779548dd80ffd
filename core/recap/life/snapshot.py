"""A document as JSON and back, without loss, and the fingerprint of what it says.

Blocks and the parts of a line carry their kind as ``type``; everything else is read by the types
that the model declares. Members that a later model adds take their default in older snapshots.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from core.documents import canonical
from core.figures import Figure
from core.numbers import plain
from core.recap import model
from core.recap.model import Document, Notice, Section

KINDS: dict[str, type] = {
    "text": model.Text,
    "figure": model.FigureSpan,
    "paragraph": model.Paragraph,
    "table": model.Table,
    "ledger": model.Ledger,
    "chart": model.Chart,
    "photo": model.Photo,
    "items": model.Items,
    "notice": model.Notice,
}
# What the model imports for its annotations alone.
_ANNOTATED = {"Figure": Figure, "date": date, "datetime": datetime, "Decimal": Decimal}
_NAMES = {kind: name for name, kind in KINDS.items()}
# The section that tells the author what to look at; it is no part of what is handed in.
FINDINGS = "findings"
# What differs between two prints of the same content.
_PASSING = ("generated_at", "date", "verification")


def to_json(document: Document) -> dict[str, Any]:
    """The document in plain JSON values; numbers become plain decimal texts."""
    told: dict[str, Any] = _told(document)
    return told


def from_json(told: Mapping[str, Any]) -> Document:
    """The document that ``to_json`` was given. Raises ValueError for anything else."""
    try:
        document: Document = _read(Document, told)
    except (KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"no snapshot of a document: {error!r}") from error
    return document


def without_findings(document: Document) -> Document:
    """The document as it is handed in: without what was for its author's eyes."""
    kept = tuple(section for section in document.sections if section.key != FINDINGS)
    return replace(document, sections=kept)


def failures(document: Document) -> list[str]:
    """What the document says of parts that could not be made."""
    notices = _notices(document.sections)
    return [model.said(each.inlines) for each in notices if each.kind == "failure"]


def _notices(sections: Iterable[Section]) -> Iterator[Notice]:
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, Notice))
        yield from _notices(section.sections)


def fingerprint(document: Document) -> str:
    """SHA-256, in hexadecimal, of what the document says, whenever it was made."""
    told = to_json(without_findings(document))
    for name in _PASSING:
        del told[name]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def _told(value: Any) -> Any:
    if is_dataclass(value):
        told = {each.name: _told(getattr(value, each.name)) for each in fields(value)}
        kind = _NAMES.get(type(value))
        return {"type": kind, **told} if kind else told
    if isinstance(value, tuple):
        return [_told(each) for each in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _read(expected: Any, told: Any) -> Any:
    """A JSON value as the type that the model declares for its place."""
    origin = get_origin(expected)
    if origin in (Union, UnionType):
        return _read_one_of(get_args(expected), told)
    if origin is tuple:
        return _read_row(get_args(expected), told)
    if is_dataclass(expected):
        return _read_members(expected, told)
    return _read_plain(expected, told)


def _read_plain(expected: Any, told: Any) -> Any:
    if expected is Decimal:
        return Decimal(told)
    if expected in (date, datetime):
        return expected.fromisoformat(told)
    literal = get_origin(expected) is Literal
    if told in get_args(expected) if literal else isinstance(told, expected):
        return told
    raise ValueError(f"{told!r} is no {expected}")


def _read_row(members: tuple[Any, ...], told: Any) -> tuple[Any, ...]:
    if members[-1] is Ellipsis:
        return tuple(_read(members[0], each) for each in told)
    return tuple(_read(each, part) for each, part in zip(members, told, strict=True))


def _read_one_of(choices: tuple[Any, ...], told: Any) -> Any:
    if told is None and NoneType in choices:
        return None
    rest = [each for each in choices if each is not NoneType]
    return _read(rest[0] if len(rest) == 1 else KINDS[told["type"]], told)


def _read_members(expected: Any, told: Mapping[str, Any]) -> Any:
    given = {}
    for name, (declared, required) in _members(expected).items():
        if name in told or required:
            given[name] = _read(declared, told[name])
    return expected(**given)


@cache
def _members(kind: type) -> dict[str, tuple[Any, bool]]:
    """Each member of a class: its type, and whether it must be given."""
    hints = get_type_hints(kind, localns=_ANNOTATED)
    return {each.name: (hints[each.name], each.default is MISSING) for each in fields(kind)}
