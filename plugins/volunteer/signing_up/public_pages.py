"""Pages for everybody: what is on offer, a shift, and signing up for it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import pages, paging, requests
from api.kit.guards import current_actor
from api.kit.problems import NotFound
from core import moments
from core.refusals import Conflict
from events.accessibility import labels
from plugins.volunteer.authority import SELF
from plugins.volunteer.signing_up import joining, offers, profiles
from plugins.volunteer.signing_up.engagements import Engagement, signed_up
from plugins.volunteer.signing_up.offers import NOT_OFFERED, Offer
from plugins.volunteer.signing_up.profiles import Profile

HOME = "/volunteer"
SHIFT = "/volunteer/shifts/{campaign:str}/{key:str}"
REGISTER, SIGN_IN = "/volunteer/register", "/volunteer/sign-in"
OPEN: dict[str, Any] = {
    "opt": {"public": True, "limit": "page"},
    "include_in_schema": False,
}
OWN: dict[str, Any] = {"opt": {"permission": SELF}, "include_in_schema": False}
A_PAGE = 30
LEFT = {
    "left": ("已经退出。", "good"),
    "left_waiting": ("已经退出候补。", "good"),
    "not_there": ("您没有报名这个班次。", "warn"),
}
NOT_REGISTERED = "请先登记成为志愿者。"


async def somebody(request: Request[Any, Any, Any]) -> Profile | None:
    """Who asks, as a volunteer; None for strangers and for the accounts of offices."""
    actor = requests.actor_or_none(request)
    return await profiles.mine(actor) if actor is not None else None


async def _engaged(profile: Profile | None) -> dict[int, Engagement]:
    """What somebody has signed up for or waits for, by the shift's id."""
    listed = await signed_up(profile.id) if profile else []
    return {each.shift_id: each for each in listed}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def last_seen(cursor: str) -> list[Any] | None:
    """The start and id of the last shift of the page before. Raises Problem 422."""
    place = paging.decode(cursor, (str, int))
    if place is None:
        return None
    try:
        start = datetime.fromisoformat(place[0])
    except ValueError:
        raise paging.unreadable() from None
    if start.tzinfo is None:
        raise paging.unreadable()
    return [start, place[1]]


@get(HOME, **OPEN)
async def offers_page(
    request: Request[Any, Any, Any], cursor: paging.CursorText = ""
) -> Response[Any]:
    """Show shifts on offer, the next first."""
    now, query = moments.now(), request.query_params
    choices = await offers.offices(now)
    office, on = query.get("organisation", ""), _day(query.get("on", ""))
    if office not in {choice["value"] for choice in choices}:
        office = ""
    found = await offers.shifts_on_offer(
        now, office=office, on=on, after=last_seen(cursor), limit=A_PAGE + 1
    )
    listed, following = paging.cut(
        found, A_PAGE, lambda each: [each.starts_at.isoformat(), each.id]
    )
    profile = await somebody(request)
    asked = {"organisation": office, "on": on.isoformat() if on else ""}
    narrowed = "&".join(f"{name}={quote(value)}" for name, value in asked.items() if value)
    first = f"{HOME}?{narrowed}" if narrowed else HOME
    more = f"{first}{'&' if narrowed else '?'}cursor={quote(following or '')}"
    return pages.render(
        request,
        "volunteer/signing_up/offers.html",
        offers=listed,
        engaged=await _engaged(profile),
        profile=profile,
        offices=choices,
        chosen=asked,
        narrowed=bool(narrowed),
        first_href=first if cursor else "",
        next_href=more if following else "",
    )


@get(SHIFT, **OPEN)
async def offer_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show a shift: what to do, where, risks, insurance, places; and how to sign up."""
    offer, profile = await offers.find(campaign, key), await somebody(request)
    engaged = (await _engaged(profile)).get(offer.id)
    if offer.published_at is None and engaged is None:
        raise NotFound(f"{NOT_OFFERED}。")
    return pages.render(
        request,
        "volunteer/signing_up/offer.html",
        offer=offer,
        terms=_terms(offer),
        places=_places(offer),
        engaged=engaged,
        profile=profile,
        closed=offer.closed_because(moments.now()),
        following=quote(offer.href, safe=""),
    )


def _places(offer: Offer) -> str:
    """How many are wanted and how many may still come, in a sentence."""
    waiting = f"，{offer.waiting}人在候补" if offer.waiting else ""
    left = f"还剩{offer.left}个名额" if offer.left else "名额已满"
    return f"需要{offer.capacity}人，{left}{waiting}"


def _terms(offer: Offer) -> list[dict[str, str]]:
    listed = {
        "地点": offer.where,
        "负责单位": offer.office,
        "所属活动": offer.activity or "",
        "现场的无障碍条件": "、".join(labels(offer.accessibility)),
        "要做的无障碍服务": "、".join(offer.tasks),
        "需要的技能": "、".join(offer.skills) or "没有特别的要求",
        "可能的风险": offer.risks,
        "保险": offer.insurance,
        "名额": _places(offer),
    }
    return [{"term": term, "text": text} for term, text in listed.items() if text]


@post(f"{SHIFT}/join", **OWN)
async def offer_join(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Sign up, or wait for a place."""
    return await _act(request, campaign, key, leaving=False)


@post(f"{SHIFT}/leave", **OWN)
async def offer_leave(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Give the place back, or stop waiting."""
    return await _act(request, campaign, key, leaving=True)


async def _act(
    request: Request[Any, Any, Any], campaign: str, key: str, *, leaving: bool
) -> Response[Any]:
    address = offers.public_shift(campaign, key)
    actor = current_actor(request)
    profile = await profiles.mine(actor)
    if profile is None:
        following = f"{REGISTER}?next={quote(address, safe='')}"
        return pages.see_other(request, following, NOT_REGISTERED, "warn")
    try:
        if leaving:
            message, kind = LEFT[await joining.leave(actor, profile, campaign, key)]
        else:
            await joining.join(actor, profile, campaign, key)
            message, kind = "", "good"  # the page itself says whether he has a place or waits
    except Conflict as conflict:
        message, kind = f"{conflict}。", "bad"
    return pages.see_other(request, address, message, kind)


PUBLIC: list[Any] = [offers_page, offer_page, offer_join, offer_leave]
