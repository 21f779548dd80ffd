"""A resource's form: what it offers, and what came back of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.kit.forms import Form
from api.kit.records import values
from api.kit.records.fields import ABSENT, Field, Row
from api.kit.records.resource import Resource
from api.kit.records.targets import options
from api.kit.records.visits import Visit

LONGEST_CHOICE = 500
KEEP_NAME = "现在是“{}”；不改就空着"


def entered(resource: Resource, preset: Mapping[str, str], stored: Row | None) -> list[Field]:
    """The fields that people fill in: identity is fixed once a record exists."""
    fixed = set(preset) | (set(resource.identity) if stored is not None else set())
    return [
        one for one in resource.fields if one.entered and not one.derived and one.name not in fixed
    ]


async def inputs(visit: Visit, form: Form, stored: Row | None = None) -> list[dict[str, Any]]:
    """The fields as the template ``api/records/form.html`` draws them."""
    drawn = []
    for one in entered(visit.resource, visit.preset, stored):
        kind: str = one.kind
        offered: list[dict[str, str]] = []
        if one.points:
            kind, offered = await _choices(visit, one)
        elif one.kind == "choice":
            offered = [{"value": code, "label": label} for code, label in one.choices.items()]
        hint, required = one.hint, one.required
        if one.kind == "name" and stored is not None:
            hint = KEEP_NAME.format(values.shown(one, stored))
            required = False
        if one.required and len(offered) == 1:
            form.values.setdefault(one.name, "")
            form.values[one.name] = form.values[one.name] or offered[0]["value"]
        drawn.append(
            {
                "name": one.name,
                "kind": kind,
                "label": one.label,
                "hint": hint,
                "required": required,
                "unit": one.unit,
                "lines": one.lines,
                "options": offered,
                "value": form.values.get(one.name, ""),
                "error": form.errors.get(one.name, ""),
            }
        )
    return drawn


def summary(visit: Visit, form: Form) -> list[dict[str, str]]:
    """The faults as the piece ``error_summary`` takes them, each with its field's label."""
    labels = {one.name: f"{one.label}：" for one in visit.resource.fields}
    return [
        {"name": name if name in labels else "", "text": labels.get(name, "") + text}
        for name, text in form.errors.items()
    ]


async def _choices(visit: Visit, one: Field) -> tuple[str, list[dict[str, str]]]:
    """What to choose from, or a field to type a name into where there would be too much."""
    if one.reference is not None and one.reference.typed:
        return "typed", []
    offered = await options(visit.work, visit.resource, one)
    if len(offered) > LONGEST_CHOICE:
        return "typed", []
    return "select", offered


def fixed(visit: Visit, stored: Row | None) -> list[dict[str, str]]:
    """What a form states and does not ask: what records belong to, and what never changes."""
    if stored is None:
        within = visit.resource.by_name.get(visit.resource.within)
        return [{"term": within.label, "text": visit.within}] if within and visit.preset else []
    known = entered(visit.resource, visit.preset, stored)
    return [
        {"term": one.label, "text": values.shown(one, stored)}
        for one in visit.resource.fields
        if one.name in visit.resource.identity and one not in known
    ]


def blank(visit: Visit) -> Form:
    """A form for a new record."""
    form = Form()
    for one in entered(visit.resource, visit.preset, None):
        form.values[one.name] = one.default
    return form


def filled(visit: Visit, stored: Row) -> Form:
    """A form that holds a record."""
    found = entered(visit.resource, visit.preset, stored)
    return Form(values={one.name: values.typed(one, stored) for one in found})


def given(visit: Visit, form: Form, stored: Row | None = None) -> dict[str, Any]:
    """What a form gives as a bundle's item; its faults are noted in the form.

    ABSENT stands for what was emptied of a record that exists.
    """
    found: dict[str, Any] = dict(visit.preset)
    for one in entered(visit.resource, visit.preset, stored):
        form.values.setdefault(one.name, "")
        if one.kind == "flag":
            found[one.name] = form.flag(one.name)
            continue
        kept = one.kind == "name" and stored is not None
        required = one.required and not kept
        typed = form.take(values.column(one, required=required))
        if one.name in form.errors or (kept and typed is None):
            continue
        try:
            value = values.given(one, typed)
        except ValueError as error:
            form.fail(one.name, str(error))
            continue
        # What was emptied is taken out of a record that exists.
        if value is not ABSENT or stored is not None:
            found[one.name] = value
    return found
