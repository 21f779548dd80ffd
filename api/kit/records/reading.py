"""Reading records: statements made from a resource's declaration, a fixed number for each list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from api.kit.records.fields import Field, Row
from api.kit.records.resource import SEPARATOR, Resource, Work, reference_of
from core import database, privacy
from core.permissions import may_in_campaign, scope_sql
from core.refusals import Missing

LARGEST_EXPORT = 20_000
# Beyond this many a list says only that there are more: to count all would cost more than the page.
MOST_COUNTED = 10_000
NOT_FOUND = "没有这条记录，或者它不在您的范围之内"


@dataclass(slots=True)
class Where:
    """Conditions over the row ``t`` and its joins, with their parameters."""

    conditions: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def add(self, condition: str, **values: Any) -> None:
        """One more condition."""
        self.conditions.append(condition)
        self.values |= values


def office_sql(resource: Resource) -> str:
    """The id of the office that a record belongs to; "" when it is the whole campaign's."""
    owner = resource.owner_field
    if owner is None:
        return ""
    if owner.kind == "organisation":
        return f"t.{owner.stored_as}"
    return reference_of(owner).office.format(x=owner.alias)


def value_sql(one: Field) -> str:
    """The value of a field: of what points somewhere, the key."""
    if one.points:
        return f"{one.alias}.key"
    return one.select or f"t.{one.stored_as}"


def _columns(resource: Resource) -> list[str]:
    columns = [f"t.id AS id, {office_sql(resource) or 'NULL'} AS office"]
    for one in resource.fields:
        if one.kind == "name":
            columns.append(f"t.{one.name}_sealed AS {one.name}")
        elif one.kind == "organisation":
            label = f"COALESCE(p_{one.name}.name, {one.alias}.name)"
            columns.append(f"{one.alias}.key AS {one.name}, {label} AS {one.name}_label")
        elif one.kind == "reference":
            target = reference_of(one)
            label = f"{{x}}.{target.label}_sealed" if target.sealed else target.label
            columns.append(
                f"{one.alias}.key AS {one.name}, {label.format(x=one.alias)} AS {one.name}_label"
            )
        elif one.select or one.stored_as:
            # In quotes: a bundle's name may be a word of SQL, as "on" is.
            columns.append(f'{value_sql(one)} AS "{one.name}"')
    return columns


def _joins(resource: Resource) -> list[str]:
    joins = []
    for one in resource.fields:
        if one.kind == "organisation":
            joins.append(
                f"JOIN organisation {one.alias} ON {one.alias}.id = t.{one.stored_as}"
                f" LEFT JOIN campaign_participant p_{one.name} ON p_{one.name}.campaign ="
                f" t.campaign AND p_{one.name}.organisation = t.{one.stored_as}"
            )
        elif one.kind == "reference":
            table = reference_of(one).table
            pointing = one.select or f"t.{one.stored_as}"
            joins.append(f"LEFT JOIN {table} {one.alias} ON {one.alias}.id = {pointing}")
    return [*joins, resource.joins]


def statement(resource: Resource, columns: str = "") -> str:
    """``SELECT … FROM … WHERE`` the campaign's; conditions are appended with AND."""
    chosen = columns or ", ".join(_columns(resource))
    joins = " ".join(_joins(resource))
    return f"SELECT {chosen} FROM {resource.table} t {joins} WHERE t.campaign = :campaign"


def opened(resource: Resource, row: Row) -> Row:
    """A fetched row with its sealed names and its lists in clear."""
    for one in resource.fields:
        name = f"{one.name}_label" if one.points else one.name
        sealed = one.kind == "name" or bool(one.reference and one.reference.sealed)
        if sealed and row.get(name) is not None:
            row[name] = privacy.unseal(row[name])
        elif one.kind == "words" and isinstance(row.get(one.name), str):
            row[one.name] = json.loads(row[one.name])
        elif one.kind == "flag" and row.get(one.name) is not None:
            row[one.name] = bool(row[one.name])
    return row


def scope(resource: Resource, work: Work, permission: str, where: Where) -> None:
    """Only what belongs to offices where the actor holds the permission."""
    office = office_sql(resource)
    owner = resource.owner_field
    whole = work.campaign.organisation_id in work.actor.offices(permission)
    if whole and owner is not None and owner.kind == "organisation":
        # No index serves this: who sees the whole campaign has it read in the order of the list,
        # where office by office all of it would be fetched and sorted for one page.
        office += " + 0"
    if office:
        sql, values = scope_sql(
            work.actor, permission, f"scope_{permission.rsplit('.', maxsplit=1)[-1]}"
        )
        where.add(f"{office} IN ({sql})", **values)


async def fetch(
    work: Work, resource: Resource, where: Where, *, order: str = "t.id", limit: int | None = None
) -> list[Row]:
    """Rows of the campaign that fit; two statements at most, besides those of the rules."""
    sql = statement(resource) + "".join(f" AND {each}" for each in where.conditions)
    sql += f" ORDER BY {order}"
    values = {**where.values, "campaign": work.campaign.id}
    if limit is not None:
        sql += " LIMIT :limit"
        values["limit"] = limit
    rows = [opened(resource, row) for row in await database.fetch(sql, **values)]
    if rows:
        await resource.rules.complete(work.campaign.id, rows)
    return rows


async def count(work: Work, resource: Resource, where: Where) -> int:
    """How many rows fit; MOST_COUNTED + 1 for any more than MOST_COUNTED."""
    fitting = statement(resource, "1 AS one") + "".join(f" AND {e}" for e in where.conditions)
    sql = f"SELECT COUNT(*) FROM ({fitting} LIMIT :most) counted"
    values = {**where.values, "campaign": work.campaign.id, "most": MOST_COUNTED + 1}
    return int(await database.fetch_value(sql, **values))


def order_of(resource: Resource) -> tuple[str, str, str]:
    """``ORDER BY``, and the comparison and the columns that lead to the next page."""
    descending = resource.sort.startswith("-")
    name = resource.sort.lstrip("-")
    direction = " DESC" if descending else ""
    columns = [f"t.{resource.by_name[name].stored_as}", "t.id"] if name else ["t.id"]
    return (
        ", ".join(f"{each}{direction}" for each in columns),
        "<" if descending else ">",
        f"({', '.join(columns)})" if name else "t.id",
    )


async def listing(
    work: Work,
    resource: Resource,
    where: Where | None = None,
    *,
    after: Sequence[Any] | None = None,
    limit: int | None = None,
) -> list[Row]:
    """What the actor may see, in the resource's order, those after the place ``after``."""
    asked = Where(list(where.conditions), dict(where.values)) if where else Where()
    scope(resource, work, resource.view, asked)
    order, comparison, columns = order_of(resource)
    if after is not None:
        if len(after) == 2:
            asked.add(
                f"{columns} {comparison} (:after_sort, :after_id)",
                after_sort=after[0],
                after_id=after[1],
            )
        else:
            asked.add(f"{columns} {comparison} :after_id", after_id=after[0])
    return await fetch(work, resource, asked, order=order, limit=limit)


def identified(resource: Resource, address_key: str) -> Where:
    """The condition that a record has this identity. Raises Missing for a text that is none."""
    # A leading separator keeps a record's address apart from 新增 and 导入.
    parts = address_key.removeprefix(SEPARATOR).split(SEPARATOR)
    if len(parts) != len(resource.identity):
        raise Missing(NOT_FOUND)
    where = Where()
    for index, (name, part) in enumerate(zip(resource.identity, parts, strict=True)):
        where.add(f"{value_sql(resource.by_name[name])} = :identity_{index}")
        where.values[f"identity_{index}"] = _typed(resource.by_name[name], part)
    return where


def _typed(one: Field, part: str) -> Any:
    """A part of an identity as its column compares."""
    if one.kind != "number":
        return part
    if not part.isascii() or not part.isdigit() or len(part) > 15:
        raise Missing(NOT_FOUND)
    return int(part)


async def find(
    work: Work, resource: Resource, address_key: str, permission: str | None = None
) -> Row:
    """A record, if the actor holds the permission (``view`` by default) at its office.

    Raises Missing: what an actor may not see does not exist for him.
    """
    where = identified(resource, address_key)
    wanted = permission or resource.view
    scope(resource, work, wanted, where)
    rows = await fetch(work, resource, where, limit=1)
    if not rows or not (
        office_sql(resource) or await may_in_campaign(work.actor, wanted, work.campaign.id)
    ):
        raise Missing(NOT_FOUND)
    return rows[0]
