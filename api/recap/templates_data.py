"""Templates of recaps as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from api.kit.campaign_pages import catalogue_of, process_of
from api.kit.guards import current_actor
from core import campaign_access, campaigns, organisations, own_metrics, reports
from core.campaigns import Campaign
from core.metrics import Metric, by_key
from core.plugins import Plugins
from core.recap.model import said
from core.recap.templating import changes as template_changes
from core.recap.templating.faults import LONGEST, refused
from core.recap.templating.previews import preview
from core.recap.templating.texts import Effective, effective, offered

CHANGE = {"permission": template_changes.CHANGE}
TAGS = ["recap templates"]
ADDRESS = "/api/v1/organisations/{key:str}/recap-templates"
TemplateText = Annotated[
    str, msgspec.Meta(min_length=1, max_length=LONGEST, description="一行是一段")
]


class TemplateOut(msgspec.Struct):
    """The template that applies to a part; ``organisation`` is null for the delivered one.

    ``words`` are what the part's template may name besides figures, each with what it means.
    """

    part: str
    title: str
    text: str
    organisation: str | None
    changed_by: str
    changed_at: datetime | None
    words: dict[str, str]


class TemplateIn(msgspec.Struct, forbid_unknown_fields=True):
    """A template; figures by key or by label. Labels of a campaign's own need the ``campaign``."""

    text: TemplateText
    campaign: str | None = None


class TrialIn(msgspec.Struct, forbid_unknown_fields=True):
    """A template to be tried on the office's figures in a campaign."""

    text: TemplateText
    campaign: str


class FaultOut(msgspec.Struct):
    """What is wrong at a place of a template; a warning keeps nobody from saving."""

    line: int
    column: int
    code: str
    message: str
    warning: bool


class TrialOut(msgspec.Struct):
    """What a template makes of the figures: nothing where a fault is more than a warning.

    ``unsaid`` are metrics that have a figure and are named, but not said.
    """

    paragraphs: list[str]
    unsaid: list[str]
    faults: list[FaultOut]


def template_out(found: Effective, plugins: Plugins) -> TemplateOut:
    """A template as the API gives it."""
    template = offered(plugins)[found.part]
    return TemplateOut(
        part=found.part,
        title=template.title,
        text=found.text,
        organisation=found.organisation,
        changed_by=found.changed_by,
        changed_at=found.changed_at,
        words=dict(template.words),
    )


async def _office(request: Request[Any, Any, Any], key: str) -> int:
    """The id of the office. Raises Missing unless its templates are the asker's to change."""
    found = await organisations.require(current_actor(request), key, template_changes.CHANGE)
    return int(found["id"])


async def _known(campaign: Campaign | None, plugins: Plugins) -> dict[str, Metric]:
    if campaign is None:
        return by_key(plugins.metrics())
    return await own_metrics.known(campaign, plugins)


async def _campaign(request: Request[Any, Any, Any], key: str | None) -> Campaign | None:
    """The campaign, where the asker takes part in it. Raises Missing."""
    if not key:
        return None
    found = await campaigns.find(key)
    await campaign_access.view(current_actor(request), found, template_changes.CHANGE)
    return found


@get(ADDRESS, opt=CHANGE, tags=TAGS)
async def template_index(
    request: Request[Any, Any, Any], key: FromPath[str], campaign: FromQuery[str] = ""
) -> list[TemplateOut]:
    """List the templates that apply at an office; ``campaign`` leaves out plugins it does not use.

    They are few: one a part of the recap.
    """
    plugins = process_of(request).plugins
    office, looked_at = await _office(request, key), await _campaign(request, campaign)
    found = await effective(office, plugins)
    wanted = set(looked_at.enabled) if looked_at else set(plugins.keys)
    used = {"overview", "other", *wanted, *plugins.foundations}
    return [
        template_out(each, plugins)
        for part, each in found.items()
        if part.partition(".")[0] in used
    ]


@put(f"{ADDRESS}/{{part:str}}", opt=CHANGE, tags=TAGS)
async def template_put(
    request: Request[Any, Any, Any],
    key: FromPath[str],
    part: FromPath[str],
    data: JSONBody[TemplateIn],
) -> TemplateOut:
    """Let an office, and those below it without their own, word a part so."""
    plugins = process_of(request).plugins
    office, looked_at = await _office(request, key), await _campaign(request, data.campaign)
    known = await _known(looked_at, plugins)
    actor = current_actor(request)
    await template_changes.save(actor, office, part, data.text, known, plugins)
    return template_out((await effective(office, plugins))[part], plugins)


@delete(f"{ADDRESS}/{{part:str}}", opt=CHANGE, tags=TAGS)
async def template_delete(
    request: Request[Any, Any, Any], key: FromPath[str], part: FromPath[str]
) -> None:
    """Take an office's own template away; nothing happens where it has none."""
    office = await _office(request, key)
    await template_changes.remove(current_actor(request), office, part, process_of(request).plugins)


@post(f"{ADDRESS}/{{part:str}}/preview", opt=CHANGE, tags=TAGS, status_code=200)
async def template_try(
    request: Request[Any, Any, Any],
    key: FromPath[str],
    part: FromPath[str],
    data: JSONBody[TrialIn],
) -> TrialOut:
    """Write a part by a template that is not stored."""
    plugins, catalogue = process_of(request).plugins, await catalogue_of(request)
    template = template_changes.find(part, plugins)
    await _office(request, key)
    looked_at = await campaigns.find(data.campaign)
    view = await campaign_access.view(
        current_actor(request), looked_at, template_changes.CHANGE, key
    )
    report = await reports.read(looked_at, view.scope.organisation, plugins, catalogue)
    text = template_changes.cleaned(data.text)
    faults = template_changes.faults(text, template, report.figures.metrics)
    listed = [FaultOut(f.line, f.column, f.code, f.message, f.warning) for f in faults]
    if refused(faults):
        return TrialOut([], [], listed)
    made = await preview(report, plugins, catalogue, part, text)
    paragraphs = [said(each.inlines) for each in made.paragraphs]
    return TrialOut(paragraphs, [metric.key for metric in made.unsaid], listed)


ROUTES = [template_index, template_put, template_delete, template_try]
