"""The page on which people subscribe to a campaign's calendar, and feeds as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody
from markupsafe import Markup

from api.activity_list import under_activities
from api.feeds import site_address
from api.kit import forms, pages
from api.kit.campaign_offices import campaign_offices
from api.kit.campaign_pages import CampaignPage, campaign_context, campaign_href
from api.kit.idempotency import create_once
from core.moments import now
from core.qr import qr_svg
from core.refusals import Missing, Refusal
from events import feed_tokens
from events.feed_tokens import Feed

MANAGE = {"permission": feed_tokens.MANAGE}
TAGS = ["feeds"]
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def _address(request: Request[Any, Any, Any], token: str) -> dict[str, Any]:
    """A feed's address as programmes and phones take it, with a code for each.

    An iPhone subscribes by ``webcal:``; by ``https:`` it would only copy what there is today.
    """
    site = site_address(request)
    parts = urlsplit(site)
    address = f"{site}{feed_tokens.path(token)}"
    subscribe = f"webcal://{parts.netloc}{parts.path}{feed_tokens.path(token)}"
    return {
        "address": address,
        "subscribe": subscribe,
        "address_code": Markup(qr_svg(address, title="日历地址的二维码")),  # noqa: S704 — own SVG
        "subscribe_code": Markup(qr_svg(subscribe, title="苹果手机订阅的二维码")),  # noqa: S704
        "local": parts.hostname in THIS_MACHINE,
    }


async def _page(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    form: forms.Form,
    *,
    made: dict[str, Any] | None = None,
    status: int = 200,
) -> Response[Any]:
    return under_activities(page).render(
        request,
        "api/subscribe.html",
        status=status,
        form=form,
        made=made,
        feeds=await feed_tokens.listed(page.actor, page.campaign),
        offices=await campaign_offices(page.actor, page.campaign, feed_tokens.MANAGE),
    )


@get("/campaigns/{campaign:str}/subscribe", opt=MANAGE, include_in_schema=False)
async def subscribe_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Explain subscribing, and list the addresses that stand."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)
    office = (await page.view(feed_tokens.MANAGE)).scope.organisation
    return await _page(request, page, forms.filled([("organisation", office)]))


@post("/campaigns/{campaign:str}/subscribe", opt=MANAGE, include_in_schema=False)
async def subscribe(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Make an address and show it, in this one answer: it can be read nowhere afterwards."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)
    form = await forms.read(request)
    organisation = form.key("organisation", required=True)
    label = form.text("label", longest=feed_tokens.LABEL_LONGEST)
    if not form.ok or organisation is None:
        return await _page(request, page, form, status=422)
    try:
        token = await feed_tokens.create(page.actor, page.campaign, organisation, label, now=now())
    except Missing:
        form.fail("organisation", forms.NOT_OFFERED)
    except Refusal as refusal:
        form.absorb(refusal)
    else:
        fresh = forms.filled([("organisation", organisation)])
        return await _page(request, page, fresh, made=_address(request, token))
    return await _page(request, page, form, status=422)


@post("/campaigns/{campaign:str}/subscribe/{feed:int}/rotate", opt=MANAGE, include_in_schema=False)
async def subscription_rotate(
    request: Request[Any, Any, Any], campaign: FromPath[str], feed: FromPath[int]
) -> Response[Any]:
    """Give a feed another address and show it."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)
    token = await feed_tokens.rotate(page.actor, page.campaign, feed, now=now())
    office = (await page.view(feed_tokens.MANAGE)).scope.organisation
    form = forms.filled([("organisation", office)])
    return await _page(request, page, form, made=_address(request, token))


@post("/campaigns/{campaign:str}/subscribe/{feed:int}/revoke", opt=MANAGE, include_in_schema=False)
async def subscription_revoke(
    request: Request[Any, Any, Any], campaign: FromPath[str], feed: FromPath[int]
) -> Response[Any]:
    """End a feed."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)
    await feed_tokens.revoke(page.actor, page.campaign, feed, now=now())
    href = campaign_href(page.campaign.key, "/subscribe")
    return pages.see_other(request, href, "已停用，用这个地址订阅的日历不再更新。")


class FeedOut(msgspec.Struct):
    """A feed without its secret."""

    id: int
    organisation: str
    label: str
    created_at: datetime


class FeedIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new feed, of the office and those below it."""

    organisation: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    label: Annotated[str, msgspec.Meta(max_length=feed_tokens.LABEL_LONGEST)] = ""


class FeedMade(msgspec.Struct):
    """A feed's path; null when the request is a repeat."""

    path: str | None


def _out(feed: Feed) -> FeedOut:
    return FeedOut(feed.id, feed.organisation, feed.label, feed.created_at)


@get("/api/v1/campaigns/{campaign:str}/feeds", opt=MANAGE, tags=TAGS)
async def feed_index(request: Request[Any, Any, Any], campaign: FromPath[str]) -> list[FeedOut]:
    """List the feeds of the campaign that stand."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)
    return [_out(feed) for feed in await feed_tokens.listed(page.actor, page.campaign)]


@post("/api/v1/campaigns/{campaign:str}/feeds", opt=MANAGE, tags=TAGS)
async def feed_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[FeedIn]
) -> Response[FeedMade]:
    """Make a feed. Its path is in the first answer only, never in a repeat."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)

    async def work() -> FeedMade:
        token = await feed_tokens.create(
            page.actor, page.campaign, data.organisation, data.label, now=now()
        )
        return FeedMade(feed_tokens.path(token))

    return await create_once(request, work, secret=("path",))


@post(
    "/api/v1/campaigns/{campaign:str}/feeds/{feed:int}/rotate",
    opt=MANAGE,
    tags=TAGS,
    status_code=200,
)
async def feed_rotate(
    request: Request[Any, Any, Any], campaign: FromPath[str], feed: FromPath[int]
) -> Response[FeedMade]:
    """Give a feed another path; the old one ends at once."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)

    async def work() -> FeedMade:
        token = await feed_tokens.rotate(page.actor, page.campaign, feed, now=now())
        return FeedMade(feed_tokens.path(token))

    return await create_once(request, work, status=200, secret=("path",))


@delete("/api/v1/campaigns/{campaign:str}/feeds/{feed:int}", opt=MANAGE, tags=TAGS)
async def feed_remove(
    request: Request[Any, Any, Any], campaign: FromPath[str], feed: FromPath[int]
) -> None:
    """End a feed."""
    page = await campaign_context(request, campaign, feed_tokens.MANAGE)
    await feed_tokens.revoke(page.actor, page.campaign, feed, now=now())


ROUTES = [
    subscribe_page,
    subscribe,
    subscription_rotate,
    subscription_revoke,
    feed_index,
    feed_add,
    feed_rotate,
    feed_remove,
]
