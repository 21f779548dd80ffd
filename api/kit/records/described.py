"""A resource in the OpenAPI document: the item that it takes, and what its list is narrowed by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

from api.kit.records import filters
from api.kit.records.fields import Field
from api.kit.records.resource import Resource

# What a member is by its field's kind; text otherwise.
KINDS: dict[str, dict[str, Any]] = {
    "number": {"type": OpenAPIType.INTEGER, "minimum": 0},
    "flag": {"type": OpenAPIType.BOOLEAN},
    "day": {"type": OpenAPIType.STRING, "format": OpenAPIFormat.DATE},
    "moment": {"type": OpenAPIType.STRING, "format": OpenAPIFormat.DATE_TIME},
    "money": {"type": OpenAPIType.STRING, "pattern": r"^\d+(\.\d{1,2})?$"},
    "words": {"type": OpenAPIType.ARRAY, "items": Schema(type=OpenAPIType.STRING)},
}


def field_schema(one: Field) -> Schema:
    """A member of the item, as a bundle writes it. What a field reads itself may be anything."""
    about = f"{one.label}。{one.hint}" if one.hint else one.label
    if one.read is not None:
        return Schema(description=about)
    if one.kind == "choice":
        return Schema(type=OpenAPIType.STRING, enum=list(one.choices), description=about)
    kind = KINDS.get(one.kind, {"type": OpenAPIType.STRING})
    return Schema(**kind, description=about)


def item_schema(resource: Resource, *, partial: bool) -> Schema:
    """The item; with ``partial`` every member may be left out."""
    members = [one for one in resource.fields if not one.derived]
    required = [one.name for one in members if one.required]
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={one.name: field_schema(one) for one in members},
        required=None if partial else required or None,
        additional_properties=False,
    )


def taking_item(resource: Resource, *, partial: bool = False) -> type[Operation]:
    """The operation of a handler that takes the item as its body."""
    schema = item_schema(resource, partial=partial)

    @dataclass
    class TakingItem(Operation):
        def __post_init__(self) -> None:
            content = {"application/json": OpenAPIMediaType(schema=schema)}
            self.request_body = RequestBody(content=content, required=True)

    return TakingItem


def narrowed(resource: Resource) -> type[Operation]:
    """The operation of a list that its fields narrow."""
    asked = [_parameter(resource, name) for name in filters.names(resource)]

    @dataclass
    class Narrowed(Operation):
        def __post_init__(self) -> None:
            self.parameters = [*(self.parameters or []), *asked]

    return Narrowed


def _parameter(resource: Resource, name: str) -> Parameter:
    one = resource.by_name.get(name)
    if one is not None:
        schema = field_schema(one) if one.kind == "choice" else Schema(type=OpenAPIType.STRING)
        return Parameter(name=name, param_in="query", schema=schema, description=one.label)
    first = name.endswith(filters.FROM)
    label = resource.by_name[name.removesuffix(filters.FROM if first else filters.UNTIL)].label
    schema = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE)
    word = "从这一天起" if first else "到这一天为止"
    return Parameter(name=name, param_in="query", schema=schema, description=f"{label}：{word}")
