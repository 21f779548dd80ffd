"""Targets: one table to fill for an office and all directly below it, and the same as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from api.figure_views import office_options
from api.kit import forms, pages, paging
from api.kit.campaign_pages import CampaignPage, campaign_context, process_of
from api.kit.guards import current_actor
from api.reported_views import metric_options
from core import campaign_access, campaigns, own_metrics, targets
from core.campaign_access import View
from core.campaign_states import allows
from core.metrics import Metric
from core.numbers import EXACT, plain
from core.refusals import Fault, Missing, Refusal
from core.targets import Cell, Row

SET, VIEW = {"permission": targets.SET}, {"permission": "figure.view"}
TAGS = ["targets"]
MOST_METRICS = 8
HUNDRED = Decimal(100)


class TargetOut(msgspec.Struct):
    """What an office is to reach of a metric."""

    metric: str
    organisation: str
    value: str


class TargetIn(msgspec.Struct, forbid_unknown_fields=True):
    """A target to be set; null removes it."""

    metric: str
    organisation: str
    value: Annotated[str, msgspec.Meta(max_length=500)] | None


class TargetsSet(msgspec.Struct):
    """How many targets have changed."""

    changed: int


def cell_name(metric: str, organisation: str) -> str:
    """The name of a cell's field; no key holds a ``|``."""
    return f"{metric}|{organisation}"


def seen_name(metric: str, organisation: str) -> str:
    """The name of the hidden field that says what stood in a cell."""
    return f"seen|{metric}|{organisation}"


def is_percent(metric: Metric) -> bool:
    """Whether a quotient is kept and people type it a hundredfold."""
    return metric.aggregation == "ratio" and metric.unit == "%"


def typed(metric: Metric, stored: str | None) -> str:
    """A target as people type it."""
    if stored is None or not is_percent(metric):
        return stored or ""
    return plain(EXACT.multiply(Decimal(stored), HUNDRED))


def kept(metric: Metric, value: Decimal | None) -> str | None:
    """What people typed, as it is kept."""
    if value is None:
        return None
    return plain(EXACT.divide(value, HUNDRED) if is_percent(metric) else value)


def chosen_metrics(
    wanted: Sequence[str], offered: Mapping[str, Metric], rows: Sequence[Row]
) -> list[Metric]:
    """The columns of the table: those asked for, else those that have a target already."""
    present = {metric for row in rows for metric in row.values}
    keys = [key for key in offered if key in (set(wanted) or present)]
    return [offered[key] for key in keys[:MOST_METRICS]]


async def _offered(page: CampaignPage) -> dict[str, Metric]:
    known = await own_metrics.known(page.campaign, page.plugins)
    return {each.key: each for each in own_metrics.offered(known, page.campaign.enabled)}


@get("/campaigns/{campaign:str}/targets", opt=SET, include_in_schema=False)
async def target_table(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show the table of targets, with the metrics that were chosen."""
    page = await campaign_context(request, campaign, targets.SET)
    view = await page.view(targets.SET, organisation)
    wanted = request.query_params.getall("metric", [])
    return await _table_page(request, page, view, wanted, forms.Form())


@post("/campaigns/{campaign:str}/targets", opt=SET, include_in_schema=False)
async def target_save(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Set what was typed, all of it or nothing."""
    page, form = await campaign_context(request, campaign, targets.SET), await forms.read(request)
    view = await page.view(targets.SET, form.value("organisation"))
    offered, wanted = await _offered(page), form.lists.get("metric", [])
    columns = [offered[key] for key in wanted if key in offered]
    rows = await targets.table(view.scope)
    values, seen = _typed_cells(form, columns, rows)
    changed = 0
    try:
        if form.ok:
            changed = await targets.set_many(page.actor, page.campaign, values, offered, seen=seen)
    except Refusal as refusal:
        for fault in refusal.faults:
            form.fail(_field_of(fault), fault.message)
    except Missing as missing:
        form.fail("", str(missing))
    if not form.ok:
        return await _table_page(request, page, view, wanted, form)
    query = urlencode(
        [("organisation", view.scope.organisation), *(("metric", each.key) for each in columns)]
    )
    done = f"已保存，改动了{changed}处。" if changed else "没有改动。"
    return pages.see_other(request, f"{page.href}/targets?{query}", done)


def _typed_cells(
    form: forms.Form, columns: Sequence[Metric], rows: Sequence[Row]
) -> tuple[dict[Cell, str | None], dict[Cell, str | None]]:
    """The cells that were changed, and what stood in them when the table was shown."""
    values: dict[Cell, str | None] = {}
    seen: dict[Cell, str | None] = {}
    for row in rows:
        for metric in columns:
            name = cell_name(metric.key, row.organisation)
            before = form.value(seen_name(metric.key, row.organisation)) or None
            if form.values.get(name, "").strip() == typed(metric, before):
                continue
            value = kept(metric, form.decimal(name))
            if name not in form.errors:
                values[metric.key, row.organisation] = value
                seen[metric.key, row.organisation] = before
    return values, seen


def _field_of(fault: Fault) -> str:
    """The cell that a fault of ``targets.set_many`` is about."""
    return fault.pointer.lstrip("/").replace("/", "|") if fault.pointer.count("/") > 1 else ""


async def _table_page(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    view: View,
    wanted: Sequence[str],
    form: forms.Form,
) -> Response[Any]:
    offered, rows = await _offered(page), await targets.table(view.scope)
    columns = chosen_metrics(wanted, offered, rows)
    return page.render(
        request,
        "api/targets.html",
        status=200 if form.ok else 422,
        view=view,
        form=form,
        columns=columns,
        rows=[_shown(form, row, columns) for row in rows],
        offices=office_options(view),
        metrics=metric_options(offered.values()),
        most=MOST_METRICS,
        editable=allows(page.campaign, "plan"),
    )


def _shown(form: forms.Form, row: Row, columns: Sequence[Metric]) -> dict[str, Any]:
    """A row of the table; what was typed stays, beside what is stored now."""
    cells = []
    for metric in columns:
        name, stored = cell_name(metric.key, row.organisation), row.values.get(metric.key)
        text = form.values.get(name, typed(metric, stored))
        cells.append(
            {
                "name": name,
                "label": f"{row.name}，{metric.label}",
                "value": text,
                "seen_name": seen_name(metric.key, row.organisation),
                "seen": stored or "",
                "error": form.errors.get(name, ""),
            }
        )
    return {"name": row.name, "key": row.organisation, "cells": cells}


@get("/api/v1/campaigns/{campaign:str}/targets", opt=VIEW, tags=TAGS)
async def target_index(
    request: Request[Any, Any, Any],
    *,
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    metric: FromQuery[str] = "",
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[TargetOut]:
    """List the targets of an office and everything below it, by metric and office."""
    place = paging.decode(cursor, (str, str))
    looked_at = await campaigns.find(campaign)
    actor = current_actor(request)
    view = await campaign_access.view(actor, looked_at, "figure.view", organisation or None)
    found = await targets.stored(view.scope, metric)
    rest = [(*cell, value) for cell, value in found.items() if not place or [*cell] > place]
    page, following = paging.cut(rest, limit, lambda each: each[:2])
    return paging.Page([TargetOut(*each) for each in page], following)


@put("/api/v1/campaigns/{campaign:str}/targets", opt=SET, tags=TAGS)
async def target_set(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[list[TargetIn]]
) -> TargetsSet:
    """Set targets, all of them or none; of a ratio the quotient is given (0.9 for 90%)."""
    actor, looked_at = current_actor(request), await campaigns.find(campaign)
    await campaign_access.view(actor, looked_at, targets.SET)
    known = await own_metrics.known(looked_at, process_of(request).plugins)
    values = {(each.metric, each.organisation): each.value for each in data}
    if len(values) < len(data):
        raise Refusal.of("duplicate", "同一个指标和机构写了两次")
    return TargetsSet(await targets.set_many(actor, looked_at, values, known))


ROUTES = [target_table, target_save, target_index, target_set]
