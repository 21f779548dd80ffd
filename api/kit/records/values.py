"""A value in its four forms: stored, exchanged (a bundle's), typed by people, shown to people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from api.kit import filters
from api.kit.records.fields import ABSENT, Field, Row
from api.kit.records.resource import Resource
from core import privacy
from core.moments import offset_text
from core.numbers import money_text
from core.spreadsheets.columns import NO, YES, Column, Kind

COLUMN_KINDS: dict[str, Kind] = {
    "key": "key",
    "number": "count",
    "money": "money",
    "day": "day",
    "moment": "moment",
    "choice": "choice",
    "flag": "flag",
}
LIST_MARKS = re.compile(r"[、，,;；\n]+")
LIST_MARK = "、"


def column(field: Field, *, required: bool | None = None) -> Column:
    """The field as a column of a spreadsheet, which forms are read by too."""
    return Column(
        field.name,
        field.label,
        COLUMN_KINDS.get(field.kind, "text"),
        required=field.required if required is None else required,
        choices={label: code for code, label in field.choices.items()},
        hint=field.hint,
        example=field.example,
        width=field.width,
    )


def given(field: Field, typed: Any) -> Any:
    """What people entered, as a bundle holds it; ABSENT when it does without.

    ``typed`` is as ``Column`` says, None for a blank. Raises ValueError with a sentence.
    """
    if typed is None:
        return field.blank
    if field.read is not None:
        return field.read(typed)
    if field.kind == "words":
        words = [word.strip() for word in LIST_MARKS.split(typed)]
        return list(dict.fromkeys(word for word in words if word))
    return _in_bundle(field, typed)


def _in_bundle(field: Field, value: Any) -> Any:
    """Money, days and moments as a bundle writes them."""
    if field.kind == "money":
        return money_text(value)
    if field.kind == "day":
        return value.isoformat()
    return offset_text(value) if field.kind == "moment" else value


def exchanged(field: Field, value: Any) -> Any:
    """A stored value as a bundle holds it."""
    if value is None:
        return None
    if field.exchanged is not None:
        return field.exchanged(value)
    return _in_bundle(field, value)


def item(resource: Resource, row: Row, *, masked: bool = False) -> dict[str, Any]:
    """A row as a bundle's item, with names masked where people other than its office read it."""
    result: dict[str, Any] = {}
    for field in resource.fields:
        if field.derived:
            continue
        value = exchanged(field, row.get(field.name))
        if field.kind == "name" and masked:
            value = name(field, row, masked=True)
        if value is not None or field.blank is not ABSENT:
            result[field.name] = value
    return result


def name(field: Field, row: Row, *, masked: bool) -> str:
    """The name in a sealed field, or of what a field points at."""
    text = str(row.get(f"{field.name}_label" if field.points else field.name) or "")
    sealed = field.kind == "name" or (field.reference is not None and field.reference.sealed)
    return privacy.mask_name(text) if sealed and masked and not field.open_when(row) else text


def shown(field: Field, row: Row, *, masked: bool = True) -> str:
    """A value for people to read; "" where there is none."""
    value = row.get(field.name)
    if value is None:
        return ""
    if field.show is not None:
        return field.show(value)
    if field.kind == "name" or field.points:
        return name(field, row, masked=masked)
    if field.kind == "choice":
        return field.choices.get(value, str(value))
    return _plain(field, value)


def _plain(field: Field, value: Any) -> str:
    """Values that need no row: numbers, days, flags, lists of words."""
    match field.kind:
        case "number":
            text = filters.number(value)
        case "money":
            text = filters.money_text(value, grouped=True)
        case "day":
            text = filters.day(value)
        case "moment":
            text = filters.moment(value, year=True)
        case "flag":
            text = YES if value else NO
        case "words":
            text = LIST_MARK.join(value)
        case _:
            text = str(value)
    return text


def typed(field: Field, row: Mapping[str, Any]) -> str:
    """A stored value as it stands in the field of a form. Sealed names never do."""
    value = row.get(field.name)
    if value is None or field.kind == "name":
        return ""
    if field.show is not None:
        return field.show(value)
    match field.kind:
        case "day":
            text = filters.iso_day(value)
        case "moment":
            text = filters.field_moment(value)
        case "money":
            text = money_text(value)
        case "flag":
            text = "true" if value else ""
        case "words":
            text = LIST_MARK.join(value)
        case _:
            text = str(value)
    return text


def cell(field: Field, row: Row, *, masked: bool) -> Any:
    """A value as ``core.spreadsheets.write`` takes it for ``column(field)``."""
    value = row.get(field.name)
    if value is None or field.kind in {"key", "number", "money", "day", "moment", "choice"}:
        return value
    return bool(value) if field.kind == "flag" else shown(field, row, masked=masked)


def stored(field: Field, value: Any) -> Any:
    """A normalised value as its column takes it; names and references apart."""
    if field.kind == "words":
        return json.dumps(sorted(value or []), ensure_ascii=False)
    return value
