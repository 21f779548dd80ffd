"""Offices as forms and addresses name them: by key, within what the actor may reach."""

from __future__ import annotations

from typing import Any

from api.kit.forms import Form
from core import database
from core.permissions import Actor, scope_sql
from core.refusals import Refusal

INDENT = "\u3000"
SENTENCE = "没有这个机构，或者它不在您的范围之内"


async def office_options(actor: Actor, permission: str) -> list[dict[str, str]]:
    """Open offices where the actor holds the permission, in tree order, as ``select_field`` takes.

    Each is ``{value: key, label: name}``, with the name indented below its superior's.
    """
    scope, parameters = scope_sql(actor, permission)
    rows = await database.fetch(
        "SELECT id, key, name, parent FROM organisation"
        f" WHERE closed_on IS NULL AND id IN ({scope})",
        **parameters,
    )
    known = {row["id"]: row for row in rows}
    placed = sorted((_path(row, known), row) for row in rows)
    return [
        {"value": row["key"], "label": INDENT * (len(path) - 1) + row["name"]}
        for path, row in placed
    ]


def _path(row: dict[str, Any], known: dict[int, dict[str, Any]]) -> tuple[str, ...]:
    """Keys from the topmost office that is known down to this one."""
    above = known.get(row["parent"])
    return (*_path(above, known), row["key"]) if above else (row["key"],)


async def office_id(actor: Actor, permission: str, key: str, member: str = "organisation") -> int:
    """The id of the office with that key. Raises Refusal on ``member`` when out of reach."""
    scope, parameters = scope_sql(actor, permission)
    found = await database.fetch_value(
        f"SELECT id FROM organisation WHERE key = :key AND id IN ({scope})",
        key=key,
        **parameters,
    )
    if found is None:
        raise Refusal.of("unknown_reference", SENTENCE, member)
    return int(found)


async def chosen_office(
    form: Form, actor: Actor, permission: str, name: str = "organisation"
) -> int | None:
    """The id of the office that a form's field names; a fault of the form when it cannot be had."""
    key = form.key(name, required=True)
    if key is None:
        return None
    try:
        return await office_id(actor, permission, key, name)
    except Refusal as refusal:
        form.absorb(refusal)
        return None
