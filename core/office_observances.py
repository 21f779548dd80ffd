"""The days that offices keep besides the catalogue: 建会纪念日, a county's own 助残周.

What campaigns are called depends on them, so ``joined`` takes in those of every office; who is
shown them, and who may remove them, depends on the office.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core import audit, database
from core.observances import Catalogue, Observance
from core.permissions import Actor, may, scope_sql
from core.refusals import Conflict, Missing, Refusal

MANAGE = "observance.manage"
NAME_LIMIT = 50
log = logging.getLogger("tongxing.observances")


@dataclass(frozen=True, slots=True)
class OfficeObservance:
    """An observance with the office that keeps it; ``managed``: the reader may remove it."""

    observance: Observance
    organisation: str
    organisation_name: str
    managed: bool


def _read(key: str, rule: str) -> Observance | None:
    """The observance of a row; None, with a line in the log, when this version cannot read it."""
    try:
        return Observance.from_mapping(key, json.loads(rule))
    except ValueError:
        log.exception("office observance %s cannot be read", key)
        return None


async def joined(catalogue: Catalogue) -> Catalogue:
    """The catalogue with the days of all offices. One statement."""
    rows = await database.fetch("SELECT key, rule FROM office_observance ORDER BY key")
    own = (_read(row["key"], row["rule"]) for row in rows)
    # The catalogue may have got a day of the same key since: then it goes before.
    added = [item for item in own if item is not None and catalogue.get(item.key) is None]
    return catalogue.with_additional(added) if added else catalogue


async def listed(actor: Actor) -> list[OfficeObservance]:
    """The days kept by the actor's offices, by those above them and by those below. One statement.

    What the city keeps concerns the towns; what a town keeps is seen by the city.
    """
    inside, parameters = scope_sql(actor, "campaign.view")
    managed, managing = scope_sql(actor, MANAGE, "managed_offices")
    rows = await database.fetch(
        "SELECT b.key, b.rule, o.key AS organisation, o.name AS organisation_name,"
        f" CASE WHEN b.organisation IN ({managed}) THEN 1 ELSE 0 END AS managed"
        " FROM office_observance b JOIN organisation o ON o.id = b.organisation"
        " WHERE b.organisation IN (SELECT ancestor FROM organisation_closure"
        f" WHERE descendant IN ({inside})) ORDER BY b.key",
        **parameters,
        **managing,
    )
    found = []
    for row in rows:
        observance = _read(row["key"], row["rule"])
        if observance is not None:
            managed_here = bool(row["managed"])
            found.append(
                OfficeObservance(
                    observance, row["organisation"], row["organisation_name"], managed_here
                )
            )
    return found


async def add(
    actor: Actor,
    catalogue: Catalogue,
    rule: Mapping[str, Any],
    *,
    organisation_id: int,
    key: str = "",
) -> str:
    """Let an office keep a day; gives its key, made when none is given.

    ``rule`` is a mapping of the shape that observances.toml explains. Raises Refusal for one that
    cannot be read, Conflict for a key in use, Missing for an office where the actor may not.
    """
    key = key or f"day-{secrets.token_hex(4)}"
    observance = _checked(key, rule)
    async with database.transaction():
        if not await may(actor, MANAGE, organisation_id):
            raise Missing("没有这个机构")
        made = None
        if catalogue.get(key) is None:
            made = await database.fetch_value(
                "INSERT INTO office_observance (key, organisation, rule)"
                " VALUES (:key, :organisation, :rule) ON CONFLICT (key) DO NOTHING RETURNING id",
                key=key,
                organisation=organisation_id,
                rule=json.dumps(rule, ensure_ascii=False, sort_keys=True),
            )
        if made is None:
            raise Conflict.of("duplicate", f"编号“{key}”已经有节日在用", "key")
        await audit.record(
            actor,
            "observance.created",
            "observance",
            key,
            organisation=organisation_id,
            after={"name": observance.name, "rule": rule},
        )
    return key


def _checked(key: str, rule: Mapping[str, Any]) -> Observance:
    try:
        observance = Observance.from_mapping(key, rule)
    except ValueError as problem:
        raise Refusal.of("value", str(problem)) from None
    if len(observance.name) > NAME_LIMIT:
        raise Refusal.of("too_long", f"名称最多 {NAME_LIMIT} 个字", "name")
    return observance


async def remove(actor: Actor, key: str) -> None:
    """Give up a day. Raises Missing, and Conflict while a campaign is held for it."""
    async with database.transaction():
        row = await database.fetch_one("SELECT * FROM office_observance WHERE key = :key", key=key)
        if row is None or not await may(actor, MANAGE, row["organisation"]):
            raise Missing(f"没有编号为“{key}”的自定节日")
        if await database.fetch_value(
            "SELECT 1 FROM campaign WHERE observance = :key LIMIT 1", key=key
        ):
            raise Conflict.of("in_use", "已经有活动属于这个节日，不能删除")
        await database.execute("DELETE FROM office_observance WHERE key = :key", key=key)
        await audit.record(
            actor,
            "observance.deleted",
            "observance",
            key,
            organisation=row["organisation"],
            before={"rule": json.loads(row["rule"])},
        )
