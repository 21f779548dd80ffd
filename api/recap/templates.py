"""How the parts of a recap are worded at an office: which template applies, and changing it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.figure_views import office_options
from api.kit import forms, pages
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.filters import moment
from api.recap.links import recap_links
from core import own_metrics, reports, wording
from core.campaign_access import View
from core.recap.model import said
from core.recap.templating import changes as template_changes
from core.recap.templating.faults import LONGEST, refused
from core.recap.templating.language import VARIANTS
from core.recap.templating.parts import WORDS, RecapTemplate, vocabulary
from core.recap.templating.previews import Preview, preview
from core.recap.templating.texts import Effective, effective, offered
from core.refusals import Refusal
from core.reports import Report

CHANGE = {"permission": template_changes.CHANGE}
REST = "/recap/templates"
DELIVERED = "软件自带"
COLUMNS = (
    {"key": "title", "label": "部分"},
    {"key": "whose", "label": "用的模板"},
    {"key": "changed", "label": "修改"},
)


def template_href(page: CampaignPage, part: str, organisation: str, rest: str = "") -> str:
    """The page of a part's template at an office."""
    query = urlencode({"organisation": organisation})
    return f"{page.href}{REST}/{quote(part, safe='')}{rest}?{query}"


def whose(found: Effective, organisation: str) -> str:
    """Whose template it is, as people say it."""
    if found.organisation is None:
        return DELIVERED
    return "本单位" if found.organisation == organisation else found.organisation_name


def shown_parts(page: CampaignPage) -> dict[str, RecapTemplate]:
    """The templates of core's parts and of the plugins that the campaign uses."""
    wanted = {"overview", "other", *page.campaign.enabled, *page.plugins.foundations}
    found = offered(page.plugins)
    return {part: each for part, each in found.items() if part.partition(".")[0] in wanted}


@get("/campaigns/{campaign:str}/recap/templates", opt=CHANGE, include_in_schema=False)
async def templates_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show which template applies to each part."""
    page = await campaign_context(request, campaign, template_changes.CHANGE)
    view = await page.view(template_changes.CHANGE, organisation)
    office = view.scope.organisation
    found = await effective(view.scope.organisation_id, page.plugins)
    rows = [
        {
            "title": {"text": template.title, "href": template_href(page, part, office)},
            "whose": whose(found[part], office),
            "changed": _changed(found[part]),
        }
        for part, template in shown_parts(page).items()
    ]
    return page.render(
        request,
        "api/recap_templates.html",
        view=view,
        links=recap_links(page, office, REST),
        action=page.href + REST,
        offices=office_options(view),
        columns=COLUMNS,
        rows=rows,
    )


def _changed(found: Effective) -> str:
    if found.changed_at is None:
        return ""
    return f"{found.changed_by}，{moment(found.changed_at, year=True)}"


@get("/campaigns/{campaign:str}/recap/templates/{part:str}", opt=CHANGE, include_in_schema=False)
async def template_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    part: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Show a part's template as it applies, what it makes of the figures, and what it may name."""
    page = await campaign_context(request, campaign, template_changes.CHANGE)
    view = await page.view(template_changes.CHANGE, organisation)
    template_changes.find(part, page.plugins)
    found = (await effective(view.scope.organisation_id, page.plugins))[part]
    return await _edit(request, page, view, found)


@post("/campaigns/{campaign:str}/recap/templates/{part:str}", opt=CHANGE, include_in_schema=False)
async def template_save(
    request: Request[Any, Any, Any], campaign: FromPath[str], part: FromPath[str]
) -> Response[Any]:
    """Save the office's own template, or show what it would say."""
    page = await campaign_context(request, campaign, template_changes.CHANGE)
    form = await forms.read(request)
    view = await page.view(template_changes.CHANGE, form.value("organisation"))
    template = template_changes.find(part, page.plugins)
    text = template_changes.cleaned(form.value("text"))
    form.values["text"] = text
    if form.value("act") != "preview":
        known = await own_metrics.known(page.campaign, page.plugins)
        try:
            await template_changes.save(
                page.actor, view.scope.organisation_id, part, text, known, page.plugins
            )
        except Refusal:
            pass  # the page finds the same faults again, and shows each
        else:
            done = f"已保存。{view.name}的“{template.title}”从现在起按这个模板写。"
            back = template_href(page, part, view.scope.organisation)
            return pages.see_other(request, back, done)
    found = (await effective(view.scope.organisation_id, page.plugins))[part]
    return await _edit(request, page, view, found, form)


async def _edit(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    view: View,
    found: Effective,
    form: forms.Form | None = None,
) -> Response[Any]:
    """The page of a part; ``form`` is what somebody typed and did not save."""
    office, template = view.scope.organisation, offered(page.plugins)[found.part]
    report = await reports.read(page.campaign, office, page.plugins, page.catalogue)
    known = vocabulary(report.figures.metrics, template)
    text = known.shown(found.text) if form is None else form.value("text")
    faults = template_changes.faults(text, template, report.figures.metrics)
    serious = refused(faults)
    wrong = [] if form is None else serious
    made = await preview(report, page.plugins, page.catalogue, found.part, text)
    return page.render(
        request,
        "api/recap_template.html",
        status=422 if wrong else 200,
        view=view,
        title=template.title,
        whose=whose(found, office),
        own=found.organisation == office,
        changed=_changed(found),
        text=text,
        longest=LONGEST,
        faults=[{"name": "text", "text": each.sentence} for each in wrong],
        broken=[each.sentence for each in serious if not wrong],
        warnings=[each.sentence for each in faults if each.warning],
        tried=form is not None and not wrong,
        paragraphs=[said(each.inlines) for each in made.paragraphs] if not wrong else [],
        unsaid=[metric.label for metric in made.unsaid] if not wrong else [],
        failed=made.failed,
        figures=_figure_rows(page, report, template),
        words=_word_rows(template, made),
        variants=[{"name": name, "meaning": meaning} for name, meaning in VARIANTS.items()],
        action=f"{page.href}{REST}/{quote(found.part, safe='')}",
        reset_href=template_href(page, found.part, office, "/reset"),
        back=f"{page.href}{REST}?{urlencode({'organisation': office})}",
        links=recap_links(page, office, ""),
    )


def _figure_rows(
    page: CampaignPage, report: Report, template: RecapTemplate
) -> dict[str, list[dict[str, Any]]]:
    """What may be named and what it says now: figures of the part and the campaign, then others."""
    known = vocabulary(report.figures.metrics, template)
    near = {None, template.part.partition(".")[0]}
    rows: dict[str, list[dict[str, Any]]] = {"near": [], "far": []}
    for metric in own_metrics.offered(report.figures.metrics, page.campaign.enabled):
        figure = report.figures.own.get(metric.key)
        name = known.label_of(metric)
        now = {"text": "还没有"}
        if figure is not None:
            now = {"text": wording.stated(figure), "note": wording.completion_note(figure)}
        label = "" if name == metric.label else metric.label
        rows["near" if metric.plugin in near else "far"].append(
            {"name": {"text": f"{{{name}}}", "note": label}, "now": now}
        )
    return rows


def _word_rows(template: RecapTemplate, made: Preview) -> list[dict[str, Any]]:
    rows = []
    for name, meaning in {**template.words, **WORDS}.items():
        words = made.words.get(name, "")
        now = words if isinstance(words, str) else said(words)
        rows.append({"name": {"text": f"{{{name}}}", "note": meaning}, "now": now or "没有"})
    return rows


@get(
    "/campaigns/{campaign:str}/recap/templates/{part:str}/reset",
    opt=CHANGE,
    include_in_schema=False,
)
async def template_reset_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    part: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Ask before the office's own template goes."""
    page = await campaign_context(request, campaign, template_changes.CHANGE)
    view = await page.view(template_changes.CHANGE, organisation)
    template = template_changes.find(part, page.plugins)
    office = view.scope.organisation
    found = (await effective(view.scope.organisation_id, page.plugins))[part]
    if found.organisation != office:
        return pages.see_other(
            request, template_href(page, part, office), "本单位没有自己的模板，不用恢复。"
        )
    return page.render(
        request,
        "api/recap_template_reset.html",
        view=view,
        title=template.title,
        action=f"{page.href}{REST}/{quote(part, safe='')}/reset",
        back=template_href(page, part, office),
    )


@post(
    "/campaigns/{campaign:str}/recap/templates/{part:str}/reset",
    opt=CHANGE,
    include_in_schema=False,
)
async def template_reset(
    request: Request[Any, Any, Any], campaign: FromPath[str], part: FromPath[str]
) -> Response[Any]:
    """Take the office's own template away."""
    page = await campaign_context(request, campaign, template_changes.CHANGE)
    form = await forms.read(request)
    view = await page.view(template_changes.CHANGE, form.value("organisation"))
    removed = await template_changes.remove(
        page.actor, view.scope.organisation_id, part, page.plugins
    )
    done = "已恢复默认。" if removed else "本单位没有自己的模板，不用恢复。"
    return pages.see_other(request, template_href(page, part, view.scope.organisation), done)


ROUTES = [
    templates_page,
    template_page,
    template_save,
    template_reset_page,
    template_reset,
]
