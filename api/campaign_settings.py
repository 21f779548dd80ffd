"""Pages for those who lead a campaign: its details, state, plugins and offices."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.campaigns import OPT, led, plugin_options
from api.kit import forms, pages
from api.kit.campaign_pages import CampaignPage
from api.kit.filters import iso_day
from core import campaign_changes, campaign_participants, campaign_states, campaigns, database
from core.campaign_plans import Details
from core.campaign_states import MEANINGS, STATES
from core.recap.life import children
from core.refusals import Refusal

# From this state to that one, as a button says it.
STEPS: dict[tuple[str, str], str] = {
    ("draft", "open"): "开始活动",
    ("open", "closing"): "转入收尾",
    ("closing", "closed"): "结束活动",
    ("closed", "archived"): "归档",
    ("open", "draft"): "退回筹备",
    ("closing", "open"): "退回进行中",
    ("closed", "closing"): "重新打开，补充核对",
    ("archived", "closed"): "取消归档",
}
# Asked of who takes the whole campaign away with its names.
EXPORT = ("bundle.export", "personal.unmask")


def _steps(state: str) -> list[dict[str, str]]:
    """The step on, then the step back, each with what the state it leads to is for."""
    steps = []
    for target in (campaign_states.following(state), campaign_states.preceding(state)):
        if target is not None:
            words = {"label": STATES[target], "meaning": MEANINGS[target]}
            steps.append({"state": target, "text": STEPS[state, target], **words})
    return steps


async def _unsettled(page: CampaignPage) -> str:
    """Which recaps stand in the way of ending the campaign without a reason; "" for none."""
    if page.campaign.state != "closing":
        return ""
    count, first = await children.unsettled(await campaigns.scope(page.campaign))
    return children.unsettled_words(count, first) if count else ""


async def _page(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    form: forms.Form | None = None,
    status: int = 200,
) -> Response[Any]:
    campaign = page.campaign
    values = [
        ("title", campaign.own_title or ""),
        ("theme", campaign.theme),
        ("starts_on", iso_day(campaign.starts_on)),
        ("ends_on", iso_day(campaign.ends_on)),
    ]
    gone = [name for name in campaign.enabled if name not in page.plugins.infos]
    return page.render(
        request,
        "api/campaign_settings.html",
        status=status,
        form=form or forms.filled(values),
        editable=campaign_states.allows(campaign, "details"),
        meaning=MEANINGS[campaign.state],
        steps=_steps(campaign.state),
        unsettled=await _unsettled(page),
        plugins=plugin_options(page.plugins),
        gone=gone,
        may_export=all(page.reach.may_lead(permission) for permission in EXPORT),
        offices=await database.fetch_value(
            "SELECT COUNT(*) FROM campaign_participant WHERE campaign = :id", id=campaign.id
        ),
    )


@get("/campaigns/{campaign:str}/settings", opt=OPT, include_in_schema=False)
async def settings_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show what can be set."""
    return await _page(request, await led(request, campaign))


@post("/campaigns/{campaign:str}/settings", opt=OPT, include_in_schema=False)
async def details_change(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Change title, theme and days."""
    page, form = await led(request, campaign), await forms.read(request)
    title, theme = form.text("title"), form.text("theme")
    starts_on, ends_on = form.day("starts_on", required=True), form.day("ends_on", required=True)
    if form.ok and starts_on is not None and ends_on is not None:
        details = Details(title, theme, starts_on, ends_on)
        try:
            await campaign_changes.change_details(page.actor, campaign, details)
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _page(request, page, form, 422)
    return pages.see_other(request, f"{page.href}/settings", "已保存。")


@post("/campaigns/{campaign:str}/state", opt=OPT, include_in_schema=False)
async def state_change(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Take the campaign a step on or back."""
    page, form = await led(request, campaign), await forms.read(request)
    state, reason = form.value("state"), form.value("reason")
    try:
        await campaign_changes.change_state(page.actor, campaign, state, reason)
    except Refusal as refusal:
        return pages.see_other(request, f"{page.href}/settings", f"{refusal}。", "bad")
    said = f"活动已转为“{STATES[state]}”：{MEANINGS[state]}"
    return pages.see_other(request, f"{page.href}/settings", said)


@post("/campaigns/{campaign:str}/plugins", opt=OPT, include_in_schema=False)
async def plugins_change(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Choose the plugins; what one that goes has on record stays."""
    page, form = await led(request, campaign), await forms.read(request)
    chosen = form.chosen("plugins", page.plugins.keys)
    try:
        if form.ok:
            await campaign_changes.change_plugins(page.actor, campaign, chosen, page.plugins)
    except Refusal as refusal:
        form.fail("plugins", str(refusal))
    if not form.ok:
        said = "；".join(form.errors.values())
        return pages.see_other(request, f"{page.href}/settings", f"{said}。", "bad")
    return pages.see_other(request, f"{page.href}/settings", "已保存要用到的功能。")


@post("/campaigns/{campaign:str}/participants", opt=OPT, include_in_schema=False)
async def participants_complete(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Any]:
    """Take in the offices that were founded since."""
    page = await led(request, campaign)
    try:
        added = await campaign_participants.complete(page.actor, page.campaign)
    except Refusal as refusal:
        return pages.see_other(request, f"{page.href}/settings", f"{refusal}。", "bad")
    said = f"新加入了 {added} 个单位。" if added else "没有要补充的单位。"
    return pages.see_other(request, f"{page.href}/settings", said)


ROUTES = [settings_page, details_change, state_change, plugins_change, participants_complete]
