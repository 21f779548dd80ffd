"""The arithmetic of figures over the tree of offices: the one implementation of bundle.md.

``compute`` reads what plugins measured and what people reported, and states every figure of every
office below one office, in a number of statements that does not depend on how much there is.
Nothing is rounded on the way up; rounding happens where a value is stated.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from core import campaigns, database
from core import metrics as definitions
from core.findings import Finding
from core.kept import Kept
from core.measures import Amount
from core.metrics import Metric
from core.numbers import fraction, plain
from core.plugins import Outcome, Plugins
from core.scopes import Scope
from core.stated_figures import Figure, OfficeFigures, stated, stated_amount
from core.tree_arithmetic import Reported, Tree, Value, evaluate, ratio_value

__all__ = ["Figure", "Figures", "Office", "compute", "read"]
# Figures that a process keeps: three cities of 2,000 offices, some 250 bytes each.
MOST_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Office:
    """An office as the campaign knows it; ``parent`` is None for the one that was asked about."""

    name: str
    level: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures below an office. ``failed`` names plugins whose records could not be counted.

    ``offices`` holds every office of the subtree by key, with or without figures.
    """

    root: str
    by_organisation: Mapping[str, Mapping[str, Figure]]
    findings: Sequence[Finding]
    failed: Sequence[str]
    metrics: Mapping[str, Metric]
    names: Mapping[str, str]
    offices: Mapping[str, Office] = field(default_factory=dict)
    made: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    """What was written of these figures, by form; it is kept and forgotten with them."""

    @property
    def own(self) -> Mapping[str, Figure]:
        """The figures of the office asked about, by metric, in the order of the definitions."""
        return self.by_organisation.get(self.root, {})


@dataclass(slots=True)
class _Ground:
    """What the database says before anything is added up."""

    tree: Tree
    keys: dict[int, str]
    offices: dict[str, Office]
    metrics: dict[str, Metric]
    reported: dict[str, list[Reported]]
    targets: dict[int, dict[str, str]]
    own: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    in_activity: dict[tuple[str, str], dict[int, int]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    failed: list[str] = field(default_factory=list)


IN_SUBTREE = (
    "IN (SELECT descendant FROM campaign_closure WHERE campaign = :campaign AND ancestor = :root)"
)


async def _tree(scope: Scope) -> tuple[Tree, dict[int, str], dict[str, Office]]:
    rows = await database.fetch(
        "SELECT o.id, o.key, p.name, p.level, p.parent FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        f" WHERE p.campaign = :campaign AND p.organisation {IN_SUBTREE}",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    parents = {row["id"]: row["parent"] for row in rows}
    tree = Tree.build(scope.organisation_id, parents)
    keys: dict[int, str] = {row["id"]: row["key"] for row in rows}
    offices = {
        row["key"]: Office(row["name"], row["level"], keys.get(row["parent"])) for row in rows
    }
    return tree, keys, offices


async def _ground(scope: Scope, plugins: Plugins) -> _Ground:
    tree, keys, offices = await _tree(scope)
    own_metrics = await definitions.of_campaign(scope.campaign_id)
    place = {"campaign": scope.campaign_id, "root": scope.organisation_id}
    reported: dict[str, list[Reported]] = defaultdict(list)
    for row in await database.fetch(
        "SELECT key, metric, organisation, activity, value, basis, approximate FROM reported_figure"
        f" WHERE campaign = :campaign AND organisation {IN_SUBTREE}",
        **place,
    ):
        reported[row["metric"]].append(
            Reported(
                key=row["key"],
                organisation=row["organisation"],
                activity=row["activity"],
                value=fraction(row["value"]),
                total=row["basis"] == "total",
                approximate=bool(row["approximate"]),
            )
        )
    targets: dict[int, dict[str, str]] = defaultdict(dict)
    for row in await database.fetch(
        "SELECT metric, organisation, value FROM target"
        f" WHERE campaign = :campaign AND organisation {IN_SUBTREE}",
        **place,
    ):
        targets[row["organisation"]][row["metric"]] = row["value"]
    metrics = definitions.by_key([*plugins.metrics(), *own_metrics])
    return _Ground(tree, keys, offices, metrics, reported, targets)


def _gather(ground: _Ground, amounts: Iterable[Amount]) -> None:
    for amount in amounts:
        if amount.activity is None:
            into = ground.own[amount.metric]
        else:
            into = ground.in_activity[amount.metric, amount.activity]
        into[amount.organisation] = into.get(amount.organisation, 0) + amount.amount


async def _measure(ground: _Ground, scope: Scope, plugins: Plugins, enabled: Sequence[str]) -> None:
    """Ask the plugins; a second time by activity only where totals of activities are reported."""
    here = replace(scope, tree=ground.tree)
    scopes = [here]
    if any(r.total and r.activity for rows in ground.reported.values() for r in rows):
        scopes.append(replace(here, by_activity=True))
    for asked in scopes:
        for outcome in await plugins.ask_together("measure", enabled, scope=asked):
            if outcome.failed:
                _forget(ground, outcome)
                continue
            amounts = outcome.value or []
            if asked.by_activity:
                amounts = [amount for amount in amounts if amount.activity is not None]
            _gather(ground, amounts)


def _forget(ground: _Ground, outcome: Outcome) -> None:
    """Leave out all that a failing plugin counted, for half of it would be told as the whole."""
    if outcome.title not in ground.failed:
        ground.failed.append(outcome.title)
    for key, metric in ground.metrics.items():
        if metric.plugin == outcome.plugin:
            ground.own.pop(key, None)


def _below_parts(ground: _Ground, metric: Metric, organisation: int, value: Value) -> Finding:
    total = f"{plain(stated(metric, value).decimal())}{metric.unit}"
    parts = stated_amount(metric, value.part_amount, value.unit)
    key = ground.keys[organisation]
    return Finding(
        code="total_below_parts",
        metric=metric.key,
        organisation=key,
        message=(
            f"{ground.offices[key].name}的“{metric.label}”填报合计为{total}，"
            f"少于明细与下级相加的{plain(parts.decimal())}{metric.unit}，请核对"
        ),
    )


def _values(ground: _Ground) -> dict[str, dict[int, Value]]:
    """Values by metric and office: first all that stand by themselves, then the ratios of them."""
    values: dict[str, dict[int, Value]] = {}
    for key, metric in ground.metrics.items():
        if metric.aggregation == "ratio":
            continue
        rows, amounts = ground.reported.get(key, []), ground.own.get(key, {})
        if rows or amounts:
            activities = {
                activity: found
                for (measured, activity), found in ground.in_activity.items()
                if measured == key
            }
            values[key] = evaluate(metric, ground.tree, amounts, activities, rows)
    for key, metric in ground.metrics.items():
        if metric.numerator and metric.denominator:
            values[key] = ratio_value(
                values.get(metric.numerator, {}), values.get(metric.denominator, {})
            )
    return values


def _weight(figures: Figures) -> int:
    return len(figures.offices) + sum(map(len, figures.by_organisation.values()))


_kept: Kept[Figures] = Kept("figures", MOST_KEPT, _weight)


async def read(scope: Scope, plugins: Plugins, enabled: Sequence[str]) -> Figures:
    """What ``compute`` gives; computed only when the campaign has changed since the last time."""
    return await _kept.get(
        (scope, tuple(sorted(enabled))),
        partial(campaigns.revision, scope.campaign_id),
        partial(compute, scope, plugins, enabled),
        lambda figures: not figures.failed,
    )


async def compute(scope: Scope, plugins: Plugins, enabled: Sequence[str]) -> Figures:
    """All figures of the scope's office and every office below it."""
    ground = await _ground(scope, plugins)
    await _measure(ground, scope, plugins, enabled)
    # Of a large tree this takes some tenths of a second: not on the loop.
    values = await asyncio.to_thread(_values, ground)
    return Figures(
        root=scope.organisation,
        by_organisation=_by_organisation(ground, values),
        findings=_findings(ground, values),
        failed=ground.failed,
        metrics=ground.metrics,
        names={key: office.name for key, office in ground.offices.items()},
        offices=ground.offices,
    )


def _by_organisation(
    ground: _Ground, values: Mapping[str, Mapping[int, Value]]
) -> dict[str, OfficeFigures]:
    """The figures of each office that has any, by its key, in the order of the definitions."""
    found: dict[int, OfficeFigures] = {}
    for metric, by_office in values.items():
        for office, value in by_office.items():
            figures = found.get(office)
            if figures is None:
                targets = ground.targets.get(office, {})
                figures = OfficeFigures(ground.keys[office], ground.metrics, targets)
                found[office] = figures
            figures.add(metric, value)
    return {ground.keys[office]: figures for office, figures in found.items()}


def _findings(ground: _Ground, values: Mapping[str, Mapping[int, Value]]) -> list[Finding]:
    """Where a total is less than its parts, by office and metric."""
    found = [
        _below_parts(ground, ground.metrics[metric], office, value)
        for metric, by_office in values.items()
        for office, value in by_office.items()
        if value.from_total and value.part_amount > value.amount
    ]
    return sorted(found, key=lambda finding: (finding.organisation, finding.metric or ""))
