"""The annex of a recap: what each figure means, and who reported which part of it."""

from __future__ import annotations

from collections.abc import Mapping

from core import database
from core.activities import titles
from core.metrics import Metric
from core.numbers import exact, fraction
from core.plugins import Plugins
from core.recap.model import Annex, AnnexEntry, ReportedPart
from core.reports import Report
from core.scopes import Scope


async def annex(report: Report, plugins: Plugins) -> Annex:
    """An entry for every figure of the report's office."""
    parts = await reported_parts(report.scope, plugins)
    figures = report.figures
    entries = [
        AnnexEntry(
            figure=figure,
            organisation_name=figures.names[figure.organisation],
            definition=definition_of(figures.metrics[figure.metric], figures.metrics),
            reported=tuple(parts.get(figure.metric, ())),
        )
        for figure in figures.own.values()
    ]
    return Annex(tuple(entries))


def definition_of(metric: Metric, metrics: Mapping[str, Metric]) -> str:
    """The 口径 of a metric; a ratio is explained by its parts."""
    if metric.definition:
        return metric.definition
    above, below = metrics.get(metric.numerator or ""), metrics.get(metric.denominator or "")
    if above and below:
        return f"{above.label}除以{below.label}"
    return {
        "sum": "各单位填报数之和，填报了合计的以合计为准",
        "distinct": "去重后的数目，填报了合计的以合计为准",
        "last": "各单位最近一次填报数之和",
        "max": "各单位填报数中的最大值",
        "none": "本单位最近一次填报数，不汇总",
    }.get(metric.aggregation, "")


async def reported_parts(scope: Scope, plugins: Plugins) -> dict[str, list[ReportedPart]]:
    """Every reported figure below the scope's office, by metric: two statements."""
    rows = await database.fetch(
        "SELECT r.metric, r.value, r.basis, r.approximate, r.source, r.activity, p.name"
        " FROM reported_figure r JOIN campaign_participant p"
        " ON p.campaign = r.campaign AND p.organisation = r.organisation"
        " JOIN campaign_closure c ON c.campaign = r.campaign AND c.descendant = r.organisation"
        " WHERE r.campaign = :campaign AND c.ancestor = :root ORDER BY c.depth, r.id",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    named = await titles(scope.campaign_id, plugins)
    parts: dict[str, list[ReportedPart]] = {}
    for row in rows:
        parts.setdefault(row["metric"], []).append(
            ReportedPart(
                value=exact(fraction(row["value"])),
                source=row["source"],
                basis=row["basis"],
                approximate=bool(row["approximate"]),
                organisation=row["name"],
                activity=named.get(row["activity"], row["activity"]),
            )
        )
    return parts
