"""The recap as JSON: the form that programmes read, defined by bundle.md."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Raw
from msgspec.json import encode

from core.figures import Figure, Figures
from core.findings import Finding
from core.metrics import Metric
from core.numbers import plain
from core.observances import Catalogue
from core.recap.sections.comparison import Comparison
from core.recap.sections.comparison_section import comparison_as_json
from core.reports import Report
from core.stated_figures import OfficeFigures


def figure_as_json(figure: Figure) -> dict[str, Any]:
    """One figure; numbers are plain decimal strings."""
    return {
        "metric": figure.metric,
        "label": figure.label,
        "unit": figure.unit,
        "aggregation": figure.aggregation,
        "value": plain(figure.value),
        "itemised": _plain(figure.itemised),
        "evidence": _plain(figure.evidence),
        "target": _plain(figure.target),
        "completion": _plain(figure.completion),
        "approximate": figure.approximate,
    }


def encoded_offices(figures: Figures) -> dict[str, Raw]:
    """The members ``by_organisation`` and ``organisations`` of ``report_as_json``, encoded.

    Of a large tree they are some megabytes; they are kept as long as their figures are.
    """
    if not figures.made:
        # Office by office: all of it at once, as Python has it, takes several times the memory.
        offices = b",".join(
            encode(key) + b":" + encode(_office_as_json(of_office))
            for key, of_office in sorted(figures.by_organisation.items())
        )
        figures.made.update(
            by_organisation=b"{" + offices + b"}", organisations=encode(_organisations(figures))
        )
    return {name: Raw(made) for name, made in figures.made.items()}


def _office_as_json(figures: Mapping[str, Figure]) -> list[dict[str, Any]]:
    """All figures of an office, without making each of them first."""
    if not isinstance(figures, OfficeFigures):
        return [figure_as_json(figure) for figure in figures.values()]
    return [
        {
            "metric": metric.key,
            "label": metric.label,
            "unit": metric.unit,
            "aggregation": metric.aggregation,
            **told.texts(),
            "approximate": approximate,
        }
        for metric, told, approximate in figures.told()
    ]


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "code": finding.code,
        "metric": finding.metric,
        "organisation": finding.organisation,
        "message": finding.message,
    }


def report_as_json(
    report: Report, catalogue: Catalogue, last: Comparison | None = None
) -> dict[str, Any]:
    """The whole recap of a report, beside the last edition's figures where they are given."""
    figures = report.figures
    return {
        **_head(report, catalogue, last),
        "by_organisation": {
            key: _office_as_json(of_office)
            for key, of_office in sorted(figures.by_organisation.items())
        },
        "organisations": _organisations(figures),
    }


async def report_to_send(
    report: Report, catalogue: Catalogue, last: Comparison | None = None
) -> dict[str, Any]:
    """The same to be encoded at once: what is large in it is encoded already."""
    offices = await asyncio.to_thread(encoded_offices, report.figures)
    return {**_head(report, catalogue, last), **offices}


def _head(report: Report, catalogue: Catalogue, last: Comparison | None) -> dict[str, Any]:
    campaign = report.campaign
    day = campaign.day(catalogue)
    figures = report.figures
    return {
        "campaign": {
            "key": campaign.key,
            "title": report.title,
            "edition": campaign.edition(catalogue),
            "date": day.isoformat() if day else None,
            "theme": campaign.theme,
            "starts_on": campaign.starts_on.isoformat(),
            "ends_on": campaign.ends_on.isoformat(),
        },
        "organisation": figures.root,
        "figures": [figure_as_json(figure) for figure in figures.own.values()],
        "findings": [finding_as_json(finding) for finding in report.findings],
        "failed_plugins": list(report.failed),
        "plugins": _plugins(report),
        "comparison": comparison_as_json(last),
    }


def _plugins(report: Report) -> list[dict[str, Any]]:
    """The campaign's plugins with all that they count, whether there is a figure of it or not."""
    metrics = report.figures.metrics.values()
    return [
        {
            "key": key,
            "title": title,
            "metrics": [metric_as_json(metric) for metric in metrics if metric.plugin == key],
        }
        for key, title in report.plugin_titles.items()
    ]


def metric_as_json(metric: Metric) -> dict[str, Any]:
    """What is counted."""
    return {
        "metric": metric.key,
        "label": metric.label,
        "unit": metric.unit,
        "aggregation": metric.aggregation,
        "definition": metric.definition,
    }


def _organisations(figures: Figures) -> list[dict[str, Any]]:
    """Every office of the subtree, each before those below it, those of one parent by key."""
    below: dict[str | None, list[str]] = {}
    for key, office in figures.offices.items():
        if key != figures.root:
            below.setdefault(office.parent, []).append(key)
    ordered: list[str] = []
    waiting = [figures.root]
    while waiting:
        ordered.append(waiting.pop())
        waiting += sorted(below.get(ordered[-1], ()), reverse=True)
    return [
        {
            "key": key,
            "name": figures.offices[key].name,
            "parent": figures.offices[key].parent if key != figures.root else None,
            "level": figures.offices[key].level,
        }
        for key in ordered
    ]


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
