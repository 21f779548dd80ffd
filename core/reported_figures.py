"""Reported figures: what somebody states of a metric, with its source.

The rules are those of a bundle: no figure of a ratio, one total a metric, office and activity.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from core import audit, campaign_states, campaigns, database, reported_keys
from core.bundle_envelope import REPORTED
from core.campaigns import Campaign
from core.metrics import Metric
from core.permissions import Actor, may, scope_sql
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import Problems

VIEW, REPORT = "figure.view", "figure.report"
BASIS_LABELS: dict[str, str] = {"total": "合计", "additional": "另加"}


@dataclass(frozen=True, slots=True)
class Statement:
    """What is reported. ``value`` is a plain decimal; ``activity`` a key, None for none.

    ``basis``: ``total`` states the whole of the office and everything below it, ``additional``
    counts on top of what is itemised.
    """

    metric: str
    organisation: str
    value: str
    basis: str
    source: str
    activity: str | None = None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class References:
    """What statements may refer to: the campaign's metrics by key, the keys of its activities."""

    metrics: Mapping[str, Metric]
    activities: Collection[str]


@dataclass(frozen=True, slots=True)
class ReportedFigure:
    """A statement as it is stored, with its office's id and its name in the campaign."""

    id: int
    key: str
    organisation_id: int
    organisation_name: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which are asked for; what is empty does not narrow. ``office_id`` means its subtree."""

    metric: str = ""
    office_id: int | None = None
    basis: str = ""


SELECT = (
    "SELECT r.id, r.key, r.metric, r.organisation AS organisation_id, o.key AS organisation,"
    " p.name AS organisation_name, r.activity, r.value, r.basis,"
    " r.approximate, r.source FROM reported_figure r"
    " JOIN organisation o ON o.id = r.organisation"
    " JOIN campaign_participant p ON p.campaign = r.campaign AND p.organisation = r.organisation"
    " WHERE r.campaign = :campaign"
)
BELOW = (
    " AND r.organisation IN (SELECT descendant FROM campaign_closure"
    " WHERE campaign = :campaign AND ancestor = :office)"
)


def _read(row: Mapping[str, Any]) -> ReportedFigure:
    return ReportedFigure(
        row["id"],
        row["key"],
        row["organisation_id"],
        row["organisation_name"],
        Statement(
            row["metric"],
            row["organisation"],
            row["value"],
            row["basis"],
            row["source"],
            row["activity"],
            bool(row["approximate"]),
        ),
    )


async def listed(
    actor: Actor, campaign: Campaign, wanted: Wanted = Wanted(), after: int = 0, limit: int = 50
) -> list[ReportedFigure]:
    """Those that the actor may see, the latest first; ``after`` is the id of the last one known."""
    inside, parameters = scope_sql(actor, VIEW)
    sql, values = f"{SELECT} AND r.organisation IN ({inside})", dict(parameters)
    for column in ("metric", "basis"):
        if value := getattr(wanted, column):
            sql, values[column] = f"{sql} AND r.{column} = :{column}", value
    if wanted.office_id is not None:
        sql, values["office"] = sql + BELOW, wanted.office_id
    if after:
        sql, values["after"] = f"{sql} AND r.id < :after", after
    rows = await database.fetch(
        f"{sql} ORDER BY r.id DESC LIMIT :limit", campaign=campaign.id, limit=limit, **values
    )
    return [_read(row) for row in rows]


async def find(
    actor: Actor, campaign: Campaign, key: str, permission: str = VIEW
) -> ReportedFigure:
    """The one of that key, if the actor holds the permission at its office. Raises Missing."""
    row = await database.fetch_one(f"{SELECT} AND r.key = :key", campaign=campaign.id, key=key)
    if row is None or not await may(actor, permission, row["organisation_id"]):
        raise Missing(f"没有编号为“{key}”的填报数据")
    return _read(row)


async def changeable(actor: Actor, found: Iterable[ReportedFigure]) -> set[str]:
    """Keys of those that the actor may change, by whose they are. One statement."""
    offices = {each.key: each.organisation_id for each in found}
    inside, parameters = scope_sql(actor, REPORT)
    rows = await database.fetch(
        f"SELECT id FROM organisation WHERE id IN (:offices) AND id IN ({inside})",
        offices=sorted(set(offices.values())),
        **parameters,
    )
    reached = {row["id"] for row in rows}
    return {key for key, office in offices.items() if office in reached}


async def add(
    actor: Actor,
    campaign: Campaign,
    references: References,
    statement: Statement,
    key: str = "",
) -> str:
    """Report a figure; gives its key, which is made when none is given.

    Raises Refusal with every fault, Conflict for a key or a total that is there already, Missing
    for an office out of reach.
    """
    check(statement, references, key)
    async with database.transaction():
        office = await _begin(actor, campaign, statement)
        row = _columns(statement, campaign, office)
        made = await reported_keys.insert(row, key)
        if made is None:
            raise Conflict.of("duplicate", f"编号“{key}”已经有填报数据在用", "key")
        await _record(actor, campaign, "figure.reported", made, office, after=asdict(statement))
    return made


async def change(
    actor: Actor,
    campaign: Campaign,
    references: References,
    key: str,
    statement: Statement,
) -> None:
    """State a reported figure anew; both states stand in the log."""
    check(statement, references, key)
    async with database.transaction():
        before = await find(actor, campaign, key, REPORT)
        office = await _begin(actor, campaign, statement, key)
        row = _columns(statement, campaign, office)
        assignments = ", ".join(f"{column} = :{column}" for column in row)
        await database.execute(
            f"UPDATE reported_figure SET {assignments} WHERE id = :id", **row, id=before.id
        )
        states = {"before": asdict(before.statement), "after": asdict(statement)}
        await _record(actor, campaign, "figure.changed", key, office, **states)


async def remove(actor: Actor, campaign: Campaign, key: str) -> None:
    """Take a reported figure back; the log keeps what it said."""
    async with database.transaction():
        found = await find(actor, campaign, key, REPORT)
        campaign_states.require(campaign, "figures")
        await campaigns.touch(campaign.id)
        await database.execute("DELETE FROM reported_figure WHERE id = :id", id=found.id)
        before = asdict(found.statement)
        office = found.organisation_id
        await _record(actor, campaign, "figure.removed", key, office, before=before)


def check(statement: Statement, references: References, key: str = "") -> None:
    """What a statement shows by itself. Raises Refusal with every fault, by member."""
    problems = Problems()
    REPORTED({"key": key or "f", **asdict(statement)}, (), problems)
    faults = list(problems.found)
    metric = references.metrics.get(statement.metric)
    if metric is None:
        faults.append(Fault("/metric", "unknown_reference", "没有这项指标"))
    elif metric.aggregation == "ratio":
        faults.append(Fault("/metric", "value", "比率由分子分母算出，不能填报"))
    if statement.activity is not None and statement.activity not in references.activities:
        faults.append(Fault("/activity", "unknown_reference", "没有这项日程安排"))
    if not statement.source.strip():
        faults.append(Fault("/source", "missing", "请写明数据从哪里来"))
    if faults:
        raise Refusal(*faults)


async def _begin(actor: Actor, campaign: Campaign, statement: Statement, key: str = "") -> int:
    """Check what the database has to say to a statement; gives the id of its office.

    The campaign's row is written first: whoever else reports in it waits, so that what is looked
    up here still holds when the figure is written.
    """
    campaign_states.require(campaign, "figures")
    await campaigns.touch(campaign.id)
    office = await database.fetch_value(
        "SELECT o.id FROM campaign_participant p JOIN organisation o ON o.id = p.organisation"
        " WHERE p.campaign = :campaign AND o.key = :key",
        campaign=campaign.id,
        key=statement.organisation,
    )
    if office is None or not await may(actor, REPORT, office):
        raise Missing(f"活动“{campaign.key}”里没有编号为“{statement.organisation}”的机构")
    if statement.basis == "total":
        await _refuse_second_total(campaign, statement, office, key)
    return int(office)


async def _refuse_second_total(
    campaign: Campaign, statement: Statement, office: int, key: str
) -> None:
    other = await database.fetch_one(
        "SELECT key, value FROM reported_figure WHERE campaign = :campaign AND metric = :metric"
        " AND organisation = :office AND COALESCE(activity, '') = :activity AND basis = 'total'"
        " AND key <> :key",
        campaign=campaign.id,
        metric=statement.metric,
        office=office,
        activity=statement.activity or "",
        key=key,
    )
    if other is not None:
        raise Conflict.of(
            "duplicate_total",
            f"这个单位已经填报过这项合计（{other['value']}），请修改那一条，不要再填一条",
            "basis",
        )


def _columns(statement: Statement, campaign: Campaign, office: int) -> dict[str, Any]:
    return {**asdict(statement), "campaign": campaign.id, "organisation": office}


async def _record(
    actor: Actor,
    campaign: Campaign,
    action: str,
    key: str,
    office: int,
    **states: Mapping[str, Any],
) -> None:
    await audit.record(
        actor,
        action,
        "reported_figure",
        key,
        organisation=office,
        campaign=campaign.key,
        **states,
    )
