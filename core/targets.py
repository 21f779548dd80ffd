"""Targets: what an office is to reach of a metric. They are set one by one and never added up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from core import audit, campaign_states, campaigns, database
from core.campaigns import Campaign
from core.permissions import Actor, scope_sql
from core.refusals import Conflict, Fault, Missing, Refusal
from core.scopes import Scope
from core.shapes import Problems, decimal, pointer

SET = "target.set"
BATCH = 500
Cell = tuple[str, str]
"""A metric's key and an office's key."""


@dataclass(frozen=True, slots=True)
class Row:
    """An office of the table of targets; ``values`` are its targets by metric."""

    organisation: str
    name: str
    values: Mapping[str, str]


async def table(scope: Scope) -> list[Row]:
    """The scope's office, then those directly below it by key, with their targets: two statements.

    Offices without any target are there too: the table is for filling.
    """
    place = {"campaign": scope.campaign_id, "office": scope.organisation_id}
    near = "(p.organisation = :office OR p.parent = :office)"
    offices = await database.fetch(
        "SELECT o.key, p.name, CASE WHEN o.id = :office THEN 0 ELSE 1 END AS depth"
        " FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign AND {near}",
        **place,
    )
    values: dict[str, dict[str, str]] = {office["key"]: {} for office in offices}
    for row in await database.fetch(
        "SELECT t.metric, o.key, t.value FROM target t"
        " JOIN organisation o ON o.id = t.organisation"
        " JOIN campaign_participant p ON p.campaign = t.campaign AND p.organisation = o.id"
        f" WHERE t.campaign = :campaign AND {near}",
        **place,
    ):
        values[row["key"]][row["metric"]] = row["value"]
    ordered = sorted(offices, key=lambda office: (office["depth"], office["key"]))
    return [Row(office["key"], office["name"], values[office["key"]]) for office in ordered]


async def stored(scope: Scope, metric: str = "") -> dict[Cell, str]:
    """Targets in the subtree of the scope's office, of one metric where it is named, by key."""
    narrowed = " AND t.metric = :metric" if metric else ""
    rows = await database.fetch(
        "SELECT t.metric, o.key, t.value FROM target t"
        " JOIN organisation o ON o.id = t.organisation"
        " JOIN campaign_closure c ON c.campaign = t.campaign AND c.descendant = t.organisation"
        f" WHERE t.campaign = :campaign AND c.ancestor = :office{narrowed}",
        campaign=scope.campaign_id,
        office=scope.organisation_id,
        **({"metric": metric} if metric else {}),
    )
    return {(r["metric"], r["key"]): r["value"] for r in sorted(rows, key=_by_place)}


async def set_many(
    actor: Actor,
    campaign: Campaign,
    values: Mapping[Cell, str | None],
    known: Collection[str],
    *,
    seen: Mapping[Cell, str | None] | None = None,
) -> int:
    """Set targets and, by None, remove them: all or none. Answers how many have changed.

    ``known`` are the campaign's metrics. ``seen`` is what stood there when the table was filled in:
    Conflict is raised where somebody else has set another target since. Raises Refusal with every
    fault, its pointer ``/<metric>/<office>``, and Missing for an office out of reach. The number of
    statements does not depend on how many targets there are, but for batches of names.
    """
    _check(values, known)
    async with database.transaction():
        campaign_states.require(campaign, "plan")
        await campaigns.touch(campaign.id)
        offices = await _offices(actor, campaign, sorted({office for _, office in values}))
        before = await _stored(campaign, sorted(offices.values()))
        now = {(metric, office): before.get((metric, offices[office])) for metric, office in values}
        _refuse_overwriting(now, seen or {})
        changed = {cell: value for cell, value in values.items() if value != now[cell]}
        if changed:
            await _write(campaign, offices, changed)
            await _record(actor, campaign, {cell: now[cell] for cell in changed}, changed)
    return len(changed)


def _by_place(row: Mapping[str, str]) -> Cell:
    return row["metric"], row["key"]


def _check(values: Mapping[Cell, str | None], known: Collection[str]) -> None:
    problems = Problems()
    for (metric, office), value in values.items():
        place = (metric, office)
        if metric not in known:
            problems.add(place, "unknown_reference", f"没有编号为“{metric}”的指标")
        if value is not None:
            decimal(value, place, problems)
    if problems.found:
        raise Refusal(*problems.found)


async def _offices(actor: Actor, campaign: Campaign, keys: Sequence[str]) -> dict[str, int]:
    """Ids of the offices by key. Raises Missing for one that is not there or out of reach."""
    inside, parameters = scope_sql(actor, SET)
    found: dict[str, int] = {}
    for start in range(0, len(keys), BATCH):
        for row in await database.fetch(
            "SELECT o.id, o.key FROM campaign_participant p"
            " JOIN organisation o ON o.id = p.organisation"
            f" WHERE p.campaign = :campaign AND o.id IN ({inside}) AND o.key IN (:keys)",
            campaign=campaign.id,
            keys=keys[start : start + BATCH],
            **parameters,
        ):
            found[row["key"]] = row["id"]
    for key in keys:
        if key not in found:
            raise Missing(f"活动“{campaign.key}”里没有编号为“{key}”的机构")
    return found


async def _stored(campaign: Campaign, offices: Sequence[int]) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(offices), BATCH):
        for row in await database.fetch(
            "SELECT metric, organisation, value FROM target"
            " WHERE campaign = :campaign AND organisation IN (:offices)",
            campaign=campaign.id,
            offices=offices[start : start + BATCH],
        ):
            found[row["metric"], row["organisation"]] = row["value"]
    return found


def _refuse_overwriting(now: Mapping[Cell, str | None], seen: Mapping[Cell, str | None]) -> None:
    faults = [
        Fault(
            pointer(cell), "changed_meanwhile", f"刚才有人把这里改成了{now[cell] or '空'}，请核对"
        )
        for cell, value in seen.items()
        if cell in now and now[cell] != value
    ]
    if faults:
        raise Conflict(*faults)


async def _write(
    campaign: Campaign, offices: Mapping[str, int], changed: Mapping[Cell, str | None]
) -> None:
    rows = [
        {
            "campaign": campaign.id,
            "metric": metric,
            "organisation": offices[office],
            "value": value,
        }
        for (metric, office), value in changed.items()
    ]
    await database.execute_many(
        "INSERT INTO target (campaign, metric, organisation, value)"
        " VALUES (:campaign, :metric, :organisation, :value)"
        " ON CONFLICT (campaign, metric, organisation) DO UPDATE SET value = excluded.value",
        [row for row in rows if row["value"] is not None],
    )
    await database.execute_many(
        "DELETE FROM target WHERE campaign = :campaign AND metric = :metric"
        " AND organisation = :organisation",
        [
            {name: value for name, value in row.items() if name != "value"}
            for row in rows
            if row["value"] is None
        ],
    )


async def _record(
    actor: Actor,
    campaign: Campaign,
    before: Mapping[Cell, str | None],
    after: Mapping[Cell, str | None],
) -> None:
    """One entry for the whole table, of the campaign's office."""
    await audit.record(
        actor,
        "target.set",
        "target",
        campaign.key,
        organisation=campaign.organisation_id,
        campaign=campaign.key,
        before={f"{metric} {office}": value for (metric, office), value in before.items()},
        after={f"{metric} {office}": value for (metric, office), value in after.items()},
    )
