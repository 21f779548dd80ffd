"""Pages for planning a campaign, and for making this year's from last year's."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import forms, pages
from api.kit.campaign_pages import (
    CampaignPage,
    campaign_context,
    campaign_href,
    catalogue_of,
    process_of,
)
from api.kit.guards import current_actor, require
from api.kit.offices import chosen_office, office_options
from core import campaign_changes, campaign_cloning, moments
from core.campaign_changes import MANAGE
from core.campaign_plans import Plan
from core.observance_rules import FIRST_YEAR, LAST_YEAR
from core.observances import Catalogue
from core.permissions import Actor
from core.plugins import Plugins
from core.refusals import Refusal

NEW = "/new-campaign"
OPT = {"permission": MANAGE}
WRONG_YEAR = f"请填写 {FIRST_YEAR} 到 {LAST_YEAR} 之间的年份，例如 2026"


def plugin_options(plugins: Plugins) -> list[dict[str, str]]:
    """The installed plugins for ``checkbox_group``."""
    infos = [plugins.infos[key] for key in plugins.keys]
    return [{"value": info.key, "label": info.title} for info in infos]


def _observance_options(catalogue: Catalogue, year: int | None) -> list[dict[str, str]]:
    """Observances by date of the year, each with its day."""
    shown = year if year is not None and FIRST_YEAR <= year <= LAST_YEAR else moments.today().year
    return [
        {"value": each.key, "label": f"{each.name}（{each.date.month}月{each.date.day}日）"}
        for each in catalogue.year(shown)
    ]


async def _new_page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200
) -> Response[Any]:
    plugins, catalogue = process_of(request).plugins, await catalogue_of(request)
    typed = form.value("year")
    year = int(typed) if typed.isdecimal() and len(typed) == 4 else None
    offices = await office_options(current_actor(request), MANAGE)
    chosen = plugins.keys if status == 200 else form.lists.get("plugins", [])
    return pages.render(
        request,
        "api/campaign_new.html",
        status=status,
        form=form,
        offices=offices,
        observances=_observance_options(catalogue, year),
        plugins=plugin_options(plugins),
        chosen=list(chosen),
    )


@get(NEW, opt=OPT, include_in_schema=False)
async def campaign_form(
    request: Request[Any, Any, Any], observance: FromQuery[str] = "", year: FromQuery[str] = ""
) -> Response[Any]:
    """Show the form, filled with the observance that somebody came from and its theme."""
    actor = current_actor(request)
    typed = year if year.isdecimal() and len(year) == 4 else str(moments.today().year)
    offices = await office_options(actor, MANAGE)
    office = offices[0]["value"] if offices else ""
    values = [("observance", observance), ("year", typed), ("organisation", office)]
    return await _new_page(request, forms.filled(values))


def _year(form: forms.Form) -> int | None:
    """The year of a form; a fault of the form when it is none."""
    year = form.count("year", required=True)
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        form.fail("year", WRONG_YEAR)
    return year


@post(NEW, opt=OPT, include_in_schema=False)
async def campaign_create(request: Request[Any, Any, Any]) -> Response[Any]:
    """Set the campaign up as a draft, or show the form again with all that is wrong."""
    actor, form = current_actor(request), await forms.read(request)
    process, catalogue = process_of(request), await catalogue_of(request)
    office = await chosen_office(form, actor, MANAGE)
    plan = Plan(
        year=_year(form) or 0,
        observance=form.text("observance") or None,
        title=form.text("title"),
        theme=form.text("theme") or None,
        starts_on=form.day("starts_on"),
        ends_on=form.day("ends_on"),
        plugins=form.chosen("plugins", process.plugins.keys),
    )
    key = None
    try:
        if form.ok and office is not None:
            key = await campaign_changes.create(
                actor, plan, catalogue, process.plugins, organisation_id=office
            )
    except Refusal as refusal:
        form.absorb(refusal)
    if key is None:
        return await _new_page(request, form, 422)
    message = "已建立活动，现在是“筹备中”。先安排日程、下达任务，准备好后转为“进行中”。"
    return pages.see_other(request, campaign_href(key), message)


async def led(request: Request[Any, Any, Any], key: str) -> CampaignPage:
    """A campaign's page for those who lead it. Raises NotFound for everybody else."""
    page = await campaign_context(request, key, MANAGE)
    await require(page.actor, MANAGE, page.campaign.organisation_id)
    return page


def _clone_page(
    request: Request[Any, Any, Any], page: CampaignPage, form: forms.Form, status: int = 200
) -> Response[Any]:
    return page.render(request, "api/campaign_clone.html", status=status, form=form)


@get("/campaigns/{campaign:str}/clone", opt=OPT, include_in_schema=False)
async def clone_form(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Ask for the year, and for the name of a campaign of no observance."""
    page = await led(request, campaign)
    source = page.campaign
    year = max(source.year + 1, moments.today().year)
    title = (source.own_title or "").replace(str(source.year), str(year))
    return _clone_page(request, page, forms.filled([("year", str(year)), ("title", title)]))


@post("/campaigns/{campaign:str}/clone", opt=OPT, include_in_schema=False)
async def clone(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Make the campaign of another year, and say what came along."""
    page, form = await led(request, campaign), await forms.read(request)
    year, title = _year(form), form.text("title")
    made = None
    try:
        if form.ok and year is not None:
            made = await _cloned(page.actor, page, Plan(year, title=title))
    except Refusal as refusal:
        form.absorb(refusal)
    if made is None:
        return _clone_page(request, page, form, 422)
    said = [
        f"已照着“{page.title}”建立新的活动，{made.offices} 个单位参加。日程都是草稿，请逐项核对。"
    ]
    if made.left_out:
        said.append(f"有 {made.left_out} 个单位已撤销或调走，没有带过来。")
    if made.failed:
        said.append(f"{'、'.join(made.failed)}的内容没能带过来，请手工补充。")
    kind = "warn" if made.failed or made.left_out else "good"
    return pages.see_other(request, campaign_href(made.key), "".join(said), kind)


async def _cloned(actor: Actor, page: CampaignPage, plan: Plan) -> campaign_cloning.Cloned:
    return await campaign_cloning.clone(
        actor, page.campaign.key, plan, page.catalogue, page.plugins
    )


ROUTES = [campaign_form, campaign_create, clone_form, clone]
