"""Narrowing a list by its fields, from the address of a page or of a programme's request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from api.kit.problems import Problem
from api.kit.records.fields import Field
from api.kit.records.reading import Where, value_sql
from api.kit.records.resource import Resource, reference_of
from core import privacy
from core.moments import from_local
from core.refusals import Fault
from core.spreadsheets.columns import Column, Content
from core.spreadsheets.contents import UnreadableCellError
from core.spreadsheets.values import parse

BELOW = (
    "IN (SELECT descendant FROM campaign_closure WHERE campaign = :campaign AND ancestor ="
    " (SELECT id FROM organisation WHERE key = :filter_{name}))"
)
FROM, UNTIL = "_from", "_until"
ESCAPED = str.maketrans({"!": "!!", "%": "!%", "_": "!_"})


@dataclass(slots=True)
class Narrowing:
    """What a list is narrowed by: the texts that were given, and the conditions they make."""

    given: dict[str, str] = field(default_factory=dict)
    where: Where = field(default_factory=Where)

    @property
    def narrowed(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.given)


def names(resource: Resource) -> list[str]:
    """The parameters that the resource's lists understand."""
    found: list[str] = []
    for one in resource.fields:
        if not one.filtered and one.name != resource.within:
            continue
        days = one.kind in {"day", "moment"}
        found += [one.name + FROM, one.name + UNTIL] if days else [one.name]
    return found


def read(resource: Resource, query: Mapping[str, str]) -> Narrowing:
    """The narrowing that an address asks for. Raises Problem 422 for a value that is none."""
    narrowing = Narrowing()
    for name in names(resource):
        text = query.get(name, "").strip()
        if text:
            narrowing.given[name] = text
            _narrow(resource, name, text, narrowing.where)
    return narrowing


def _narrow(resource: Resource, name: str, text: str, where: Where) -> None:
    one = resource.by_name.get(name)
    if one is None:
        _narrow_by_day(resource, name, text, where)
        return
    parameter = f"filter_{name}"
    match one.kind:
        case "organisation":
            where.add(f"t.{one.stored_as} {BELOW.format(name=name)}", **{parameter: text})
        case "name":
            index = privacy.index(text, "name")
            where.add(f"t.{one.name}_index = :{parameter}", **{parameter: index})
        case "reference":
            _narrow_by_reference(one, text, where)
        case "text":
            like = f"LOWER({value_sql(one)}) LIKE :{parameter} ESCAPE '!'"
            where.add(like, **{parameter: f"%{text.lower().translate(ESCAPED)}%"})
        case "flag":
            where.add(f"{value_sql(one)} = :{parameter}", **{parameter: text in {"true", "1"}})
        case _:
            where.add(f"{value_sql(one)} = :{parameter}", **{parameter: text})


def _narrow_by_reference(one: Field, text: str, where: Where) -> None:
    """By the key of what is pointed at, or by its name, spelt in full where it is sealed."""
    parameter, target = f"filter_{one.name}", reference_of(one)
    values: dict[str, Any] = {parameter: text}
    condition = f"{one.alias}.key = :{parameter}"
    if target.sealed:
        condition += f" OR {one.alias}.{target.label}_index = :{parameter}_index"
        values[f"{parameter}_index"] = privacy.index(text, "name")
    elif target.label:
        condition += f" OR {target.label.format(x=one.alias)} = :{parameter}_label"
        values[f"{parameter}_label"] = text
    where.add(f"({condition})", **values)


def _narrow_by_day(resource: Resource, name: str, text: str, where: Where) -> None:
    first = name.endswith(FROM)
    one = resource.by_name[name.removesuffix(FROM if first else UNTIL)]
    try:
        day = parse(Column(name, one.label, "day"), Content(text))
    except UnreadableCellError as error:
        raise Problem(422, errors=[Fault(f"/{name}", "value", str(error))]) from None
    value: Any = day
    if one.kind == "moment":
        value = from_local(day if first else day + timedelta(days=1))
    comparison = ">=" if first else "<" if one.kind == "moment" else "<="
    where.add(f"{value_sql(one)} {comparison} :filter_{name}", **{f"filter_{name}": value})
