"""Pages of one activity: looking at it, planning it, publishing, finishing and cancelling it."""

from __future__ import annotations

from typing import Any, get_args

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api import activity_forms
from api.activity_list import chosen_day, under_activities
from api.feeds import MEDIA_TYPE, calendar_headers, site_address
from api.kit import forms, pages
from api.kit.campaign_offices import campaign_offices
from api.kit.campaign_pages import CampaignPage, campaign_context, campaign_href
from core import campaign_states, installation, permissions
from core.moments import now
from core.refusals import Missing, Refusal
from events import accessibility, activities, calendar, feeds, kinds, planning
from events.activities import STATES, Activity
from events.planning import Act

VIEW = {"permission": "activity.view"}
MANAGE = {"permission": planning.MANAGE}
DONE: dict[str, str] = {
    "publish": "已发布，订阅了日历的人会看到它。",
    "finish": "已标记为完成。",
    "cancel": "已取消。订阅了日历的人会看到“已取消”，三十天后不再显示。",
    "reopen": "已恢复为“已发布”。",
}


async def _page_and_activity(
    request: Request[Any, Any, Any], campaign: str, key: str, permission: str
) -> tuple[CampaignPage, Activity]:
    page = await campaign_context(request, campaign, permission)
    return page, await activities.find(page.actor, page.campaign.id, key, permission)


@get("/campaigns/{campaign:str}/activities/{key:str}", opt=VIEW, include_in_schema=False)
async def activity_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show one activity, or give it as a calendar file where the address ends with ``.ics``."""
    try:
        page, activity = await _page_and_activity(request, campaign, key, "activity.view")
    except Missing:
        if not key.endswith(".ics"):
            raise
        bare = key.removesuffix(".ics")
        page, activity = await _page_and_activity(request, campaign, bare, "activity.view")
        return await _download(request, page, activity)
    manages = await permissions.may(page.actor, planning.MANAGE, activity.organisation_id)
    known = kinds.kind_labels(page.plugins)
    changes = page.campaign.state in ("draft", "open", "closing")
    unmet = accessibility.unmet(activity.accessibility_asked, activity.accessibility)
    return page.render(
        request,
        "api/activity.html",
        activity=activity,
        href=calendar.activity_path(page.campaign.key, activity.key),
        kind=kinds.kind_label(activity.kind, known),
        state=STATES[activity.state],
        offered=accessibility.labels(activity.accessibility),
        asked=accessibility.labels(activity.accessibility_asked),
        unmet=accessibility.labels(unmet),
        begun=activity.starts_at <= now(),
        may_change=manages and changes,
        may_delete=manages and campaign_states.allows(page.campaign, "plan"),
    )


async def _download(
    request: Request[Any, Any, Any], page: CampaignPage, activity: Activity
) -> Response[Any]:
    """One activity as a file for a calendar."""
    entry = calendar.activity_entry(
        activity,
        page.campaign,
        kinds.kind_labels(page.plugins),
        await installation.identifier(),
        site_address(request),
    )
    data = feeds.render_single(entry)
    headers = {"ETag": feeds.etag(data), "Cache-Control": "private, no-cache"}
    name = f"{page.campaign.key}-{activity.key}"
    return Response(
        data, media_type=MEDIA_TYPE, headers={**headers, **calendar_headers(name, "attachment")}
    )


async def _form_page(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    form: forms.Form,
    activity: Activity | None = None,
    status: int = 200,
) -> Response[Any]:
    offered = _kinds(page, activity)
    href = campaign_href(page.campaign.key, "/activities")
    return under_activities(page).render(
        request,
        "api/activity_form.html",
        status=status,
        form=form,
        activity=activity,
        kinds=[{"value": kind, "label": label} for kind, label in offered.items()],
        offices=await campaign_offices(page.actor, page.campaign, planning.MANAGE),
        services=activity_forms.SERVICE_OPTIONS,
        back=calendar.activity_path(page.campaign.key, activity.key) if activity else href,
    )


def _kinds(page: CampaignPage, activity: Activity | None) -> dict[str, str]:
    """The kinds to choose from; the one an activity has is among them whatever it is."""
    offered = kinds.kind_labels(page.plugins, page.campaign.enabled)
    if activity is not None and activity.kind not in offered:
        offered[activity.kind] = kinds.kind_label(activity.kind, kinds.kind_labels(page.plugins))
    return offered


@get("/campaigns/{campaign:str}/new-activity", opt=MANAGE, include_in_schema=False)
async def activity_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], on: FromQuery[str] = ""
) -> Response[Any]:
    """Show the form of a new activity."""
    page = await campaign_context(request, campaign, planning.MANAGE)
    campaign_states.require(page.campaign, "plan")
    office = (await page.view(planning.MANAGE)).scope.organisation
    return await _form_page(request, page, activity_forms.blank(office, chosen_day(on)))


@post("/campaigns/{campaign:str}/new-activity", opt=MANAGE, include_in_schema=False)
async def activity_create(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Any]:
    """Add it, as a draft or published, or show the form again with all that is wrong."""
    page = await campaign_context(request, campaign, planning.MANAGE)
    form = await forms.read(request)
    draft = not form.flag("publish")
    plan = activity_forms.read(form, _kinds(page, None))
    if plan is None:
        return await _form_page(request, page, form, status=422)
    try:
        key = await planning.add(page.actor, page.campaign, plan, now=now(), draft=draft)
    except Refusal as refusal:
        form.absorb(refusal)
        return await _form_page(request, page, form, status=422)
    said = "已存为草稿，发布以后别人才看得到。" if draft else f"已发布“{plan.title}”。"
    return pages.see_other(request, calendar.activity_path(page.campaign.key, key), said)


@get("/campaigns/{campaign:str}/activities/{key:str}/edit", opt=MANAGE, include_in_schema=False)
async def activity_edit_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show the form of an activity."""
    page, activity = await _page_and_activity(request, campaign, key, planning.MANAGE)
    return await _form_page(request, page, activity_forms.of_activity(activity), activity)


@post("/campaigns/{campaign:str}/activities/{key:str}/edit", opt=MANAGE, include_in_schema=False)
async def activity_edit(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Change it, or show the form again with all that is wrong."""
    page, activity = await _page_and_activity(request, campaign, key, planning.MANAGE)
    form = await forms.read(request)
    plan = activity_forms.read(form, _kinds(page, activity))
    if plan is None:
        return await _form_page(request, page, form, activity, 422)
    seen = activity_forms.seen(form)
    try:
        await planning.edit(page.actor, page.campaign, key, plan, now=now(), seen=seen)
    except Refusal as refusal:
        form.absorb(refusal)
        return await _form_page(request, page, form, activity, 422)
    return pages.see_other(request, calendar.activity_path(page.campaign.key, key), "已保存。")


@post("/campaigns/{campaign:str}/activities/{key:str}/state", opt=MANAGE, include_in_schema=False)
async def activity_state(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Publish, finish, cancel or reopen it."""
    page, activity = await _page_and_activity(request, campaign, key, planning.MANAGE)
    act: Act | None = (await forms.read(request)).choice("act", get_args(Act))  # type: ignore[assignment]
    href = calendar.activity_path(page.campaign.key, activity.key)
    if act is None:
        return pages.see_other(request, href)
    try:
        await planning.change_state(page.actor, page.campaign, key, act, now=now())
    except Refusal as refusal:
        return pages.see_other(request, href, f"{refusal}。", "bad")
    return pages.see_other(request, href, DONE[act])


@get("/campaigns/{campaign:str}/activities/{key:str}/cancel", opt=MANAGE, include_in_schema=False)
async def activity_cancel_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask before it is cancelled."""
    page, activity = await _page_and_activity(request, campaign, key, planning.MANAGE)
    return _confirm_page(request, page, activity, "cancel")


@get("/campaigns/{campaign:str}/activities/{key:str}/delete", opt=MANAGE, include_in_schema=False)
async def activity_delete_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask before a draft is removed."""
    page, activity = await _page_and_activity(request, campaign, key, planning.MANAGE)
    return _confirm_page(request, page, activity, "delete")


def _confirm_page(
    request: Request[Any, Any, Any], page: CampaignPage, activity: Activity, act: str
) -> Response[Any]:
    return page.render(
        request,
        "api/activity_confirm.html",
        activity=activity,
        act=act,
        href=calendar.activity_path(page.campaign.key, activity.key),
    )


@post("/campaigns/{campaign:str}/activities/{key:str}/delete", opt=MANAGE, include_in_schema=False)
async def activity_delete(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Remove a draft."""
    page, activity = await _page_and_activity(request, campaign, key, planning.MANAGE)
    try:
        await planning.delete(page.actor, page.campaign, key)
    except Refusal as refusal:
        href = calendar.activity_path(page.campaign.key, key)
        return pages.see_other(request, href, f"{refusal}。", "bad")
    href = campaign_href(page.campaign.key, "/activities")
    return pages.see_other(request, href, f"已删除草稿“{activity.name}”。")


ROUTES = [
    activity_page,
    activity_form,
    activity_create,
    activity_edit_form,
    activity_edit,
    activity_state,
    activity_cancel_form,
    activity_delete_form,
    activity_delete,
]
