"""A campaign's own metrics: pages to define them, and JSON that lists all metrics there are."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.params import FromPath, JSONBody

from api.kit import forms, pages
from api.kit.campaign_pages import CampaignPage, campaign_context, process_of
from api.kit.guards import current_actor, require
from api.kit.idempotency import create_once
from api.reported_views import metric_options
from core import campaign_access, campaigns, own_metrics
from core.campaign_states import allows
from core.campaigns import Campaign
from core.metrics import Metric
from core.own_metrics import AGGREGATION_LABELS, MANAGE, Definition
from core.plugins import Plugins
from core.recap.sections.explanations import definition_of
from core.refusals import Missing, Refusal

OPT, VIEW = {"permission": MANAGE}, {"permission": "figure.view"}
TAGS = ["metrics"]
AGGREGATION_OPTIONS = [{"value": k, "label": label} for k, label in AGGREGATION_LABELS.items()]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class MetricOut(msgspec.Struct):
    """A metric; ``plugin`` is null for one of the campaign's own."""

    key: str
    label: str
    unit: str
    aggregation: str
    definition: str
    numerator: str | None
    denominator: str | None
    plugin: str | None


class MetricIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a metric is; only a ratio has a numerator and a denominator."""

    label: Text
    unit: Text
    aggregation: str
    numerator: str | None = None
    denominator: str | None = None


class NewMetric(MetricIn, forbid_unknown_fields=True):
    """A metric to be defined; a ``key`` is made when none is given."""

    key: str = ""


async def _led(request: Request[Any, Any, Any], key: str) -> CampaignPage:
    page = await campaign_context(request, key, MANAGE)
    await require(page.actor, MANAGE, page.campaign.organisation_id)
    return page


def _href(page: CampaignPage, key: str = "") -> str:
    return f"{page.href}/metrics" + (f"/{quote(key, safe='')}" if key else "")


async def _own(page: CampaignPage) -> tuple[dict[str, Metric], list[Metric]]:
    """Every metric by key, and those of the campaign's own."""
    known = await own_metrics.known(page.campaign, page.plugins)
    return known, [metric for metric in known.values() if metric.plugin is None]


@get("/campaigns/{campaign:str}/metrics", opt=OPT, include_in_schema=False)
async def metric_list(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """The campaign's own metrics, and the form for one more."""
    return await _list_page(request, await _led(request, campaign), forms.Form())


async def _list_page(
    request: Request[Any, Any, Any], page: CampaignPage, form: forms.Form
) -> Response[Any]:
    known, own = await _own(page)
    rows = [
        {
            "label": {"text": metric.label, "href": _href(page, metric.key)},
            "unit": metric.unit,
            "definition": definition_of(metric, known),
        }
        for metric in own
    ]
    return page.render(
        request,
        "api/metrics.html",
        status=200 if form.ok else 422,
        rows=rows,
        **_form_words(page, form, known),
    )


def _form_words(page: CampaignPage, form: forms.Form, known: dict[str, Metric]) -> dict[str, Any]:
    parts = own_metrics.offered(known, page.campaign.enabled, ratios=False)
    return {
        "form": form,
        "aggregations": AGGREGATION_OPTIONS,
        "parts": metric_options(parts),
        "editable": allows(page.campaign, "plan"),
    }


@post("/campaigns/{campaign:str}/metrics", opt=OPT, include_in_schema=False)
async def metric_create(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Define one more metric, or show the form again with all that is wrong."""
    page, form = await _led(request, campaign), await forms.read(request)
    definition = _definition(form)
    try:
        if form.ok:
            await own_metrics.add(page.actor, page.campaign, page.plugins, "", definition)
    except Refusal as refusal:
        form.absorb(refusal)
    if not form.ok:
        return await _list_page(request, page, form)
    return pages.see_other(
        request, _href(page), f"已增加指标“{definition.label}”，现在可以填报它的数据了。"
    )


@get("/campaigns/{campaign:str}/metrics/{key:str}", opt=OPT, include_in_schema=False)
async def metric_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """One metric: the form to define it anew, and the button to remove it."""
    page = await _led(request, campaign)
    return await _metric_page(request, page, key, None)


async def _metric_page(
    request: Request[Any, Any, Any], page: CampaignPage, key: str, form: forms.Form | None
) -> Response[Any]:
    known, own = await _own(page)
    metric = next((each for each in own if each.key == key), None)
    if metric is None:
        raise Missing(f"没有编号为“{key}”的指标")
    names = ("label", "unit", "aggregation", "numerator", "denominator")
    filled = forms.filled([(name, getattr(metric, name) or "") for name in names])
    return page.render(
        request,
        "api/metric.html",
        status=200 if form is None or form.ok else 422,
        metric=metric,
        href=_href(page, key),
        **_form_words(page, form or filled, known),
    )


@post("/campaigns/{campaign:str}/metrics/{key:str}", opt=OPT, include_in_schema=False)
async def metric_save(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Define a metric anew."""
    page, form = await _led(request, campaign), await forms.read(request)
    definition = _definition(form)
    try:
        if form.ok:
            await own_metrics.change(page.actor, page.campaign, page.plugins, key, definition)
    except Refusal as refusal:
        form.absorb(refusal)
    if not form.ok:
        return await _metric_page(request, page, key, form)
    return pages.see_other(request, _href(page), f"已修改指标“{definition.label}”。")


@post("/campaigns/{campaign:str}/metrics/{key:str}/delete", opt=OPT, include_in_schema=False)
async def metric_delete(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Remove a metric that nothing uses; otherwise say what does."""
    page = await _led(request, campaign)
    try:
        await own_metrics.remove(page.actor, page.campaign, key)
    except Refusal as refusal:
        return pages.see_other(request, _href(page, key), str(refusal), "bad")
    return pages.see_other(request, _href(page), "已删除这项指标。")


def _definition(form: forms.Form) -> Definition:
    """What a form states. Parts are read of a ratio alone: others have none."""
    aggregation = form.choice("aggregation", AGGREGATION_LABELS, required=True) or ""
    ratio = aggregation == "ratio"
    return Definition(
        form.text("label", required=True),
        form.text("unit", required=True, longest=20),
        aggregation,
        form.key("numerator", required=True) if ratio else None,
        form.key("denominator", required=True) if ratio else None,
    )


def metric_out(metric: Metric, known: dict[str, Metric]) -> MetricOut:
    """A metric as the API gives it."""
    return MetricOut(
        metric.key,
        metric.label,
        metric.unit,
        metric.aggregation,
        definition_of(metric, known),
        metric.numerator,
        metric.denominator,
        metric.plugin,
    )


async def _item(campaign: Campaign, plugins: Plugins, key: str) -> MetricOut:
    known = await own_metrics.known(campaign, plugins)
    return metric_out(known[key], known)


@get("/api/v1/campaigns/{campaign:str}/metrics", opt=VIEW, tags=TAGS)
async def metric_index(request: Request[Any, Any, Any], campaign: FromPath[str]) -> list[MetricOut]:
    """List every metric that the campaign can have figures of."""
    looked_at, plugins = await campaigns.find(campaign), process_of(request).plugins
    await campaign_access.view(current_actor(request), looked_at, "figure.view")
    known = await own_metrics.known(looked_at, plugins)
    offered = own_metrics.offered(known, looked_at.enabled)
    return [metric_out(metric, known) for metric in offered]


@post("/api/v1/campaigns/{campaign:str}/metrics", opt=OPT, tags=TAGS)
async def metric_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[NewMetric]
) -> Response[MetricOut]:
    """Define one more metric."""
    actor, plugins = current_actor(request), process_of(request).plugins
    looked_at = await campaigns.find(campaign)
    given = msgspec.structs.asdict(data)
    key = given.pop("key")

    async def work() -> MetricOut:
        made = await own_metrics.add(actor, looked_at, plugins, key, Definition(**given))
        return await _item(looked_at, plugins, made)

    return await create_once(request, work)


@put("/api/v1/campaigns/{campaign:str}/metrics/{key:str}", opt=OPT, tags=TAGS)
async def metric_change(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    data: JSONBody[MetricIn],
) -> MetricOut:
    """Define a metric anew."""
    plugins, looked_at = process_of(request).plugins, await campaigns.find(campaign)
    definition = Definition(**msgspec.structs.asdict(data))
    await own_metrics.change(current_actor(request), looked_at, plugins, key, definition)
    return await _item(looked_at, plugins, key)


@delete("/api/v1/campaigns/{campaign:str}/metrics/{key:str}", opt=OPT, tags=TAGS)
async def metric_remove(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> None:
    """Remove a metric that nothing uses."""
    await own_metrics.remove(current_actor(request), await campaigns.find(campaign), key)


ROUTES = [
    metric_list,
    metric_create,
    metric_form,
    metric_save,
    metric_delete,
    metric_index,
    metric_add,
    metric_change,
    metric_remove,
]
