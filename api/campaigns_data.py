"""Campaigns as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, patch, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api.campaign_list import cut, place_of
from api.kit import paging
from api.kit.campaign_pages import catalogue_of, process_of
from api.kit.guards import current_actor, require_in_campaign
from api.kit.idempotency import create_once
from api.kit.offices import office_id
from core import (
    campaign_changes,
    campaign_cloning,
    campaign_lists,
    campaign_participants,
    campaigns,
    database,
)
from core.campaign_changes import MANAGE
from core.campaign_lists import Wanted
from core.campaign_plans import Details, Plan
from core.campaigns import Campaign
from core.observances import Catalogue

VIEW = {"permission": "campaign.view"}
OPT = {"permission": MANAGE}
TAGS = ["campaigns"]
ADDRESS = "/api/v1/campaigns"
Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
State = Annotated[
    str, QueryParameter(name="state", description="draft、open、closing、closed、archived")
]


class CampaignOut(msgspec.Struct):
    """A campaign. ``changes`` grows with everything that is written in it."""

    key: str
    title: str
    organisation: str
    observance: str | None
    year: int
    edition: int | None
    theme: str
    starts_on: date
    ends_on: date
    state: str
    plugins: list[str]
    changes: int
    modified_at: datetime


class CampaignIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new campaign. Without an observance it has a title and days; else both may be left out."""

    organisation: Key
    year: int
    observance: str | None = None
    title: str = ""
    theme: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    plugins: list[str] | None = None
    key: Key | None = None


class CampaignChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change; what is left out stays."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    theme: str | msgspec.UnsetType = msgspec.UNSET
    starts_on: date | msgspec.UnsetType = msgspec.UNSET
    ends_on: date | msgspec.UnsetType = msgspec.UNSET
    plugins: list[str] | msgspec.UnsetType = msgspec.UNSET


class StateIn(msgspec.Struct, forbid_unknown_fields=True):
    """The state before or after the present one.

    Ended over recaps that are not accepted, a campaign needs a ``reason``.
    """

    state: str
    reason: str = ""


class CloneIn(msgspec.Struct, forbid_unknown_fields=True):
    """The year of the new campaign, and what is to differ from what is carried over."""

    year: int
    title: str = ""
    theme: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    key: Key | None = None


class CloneOut(msgspec.Struct):
    """``left_out`` offices of the source are closed or moved; ``failed`` names plugins."""

    key: str
    organisations: int
    left_out: int
    failed: list[str]


class Added(msgspec.Struct):
    """How many offices were taken in."""

    added: int


def out(campaign: Campaign, catalogue: Catalogue) -> CampaignOut:
    """A campaign as the API gives it."""
    return CampaignOut(
        campaign.key,
        campaign.title(catalogue),
        campaign.organisation,
        campaign.observance,
        campaign.year,
        campaign.edition(catalogue),
        campaign.theme,
        campaign.starts_on,
        campaign.ends_on,
        campaign.state,
        list(campaign.enabled),
        campaign.changes,
        campaign.modified_at,
    )


def _location(made: dict[str, Any]) -> str:
    return f"{ADDRESS}/{quote(made['key'], safe='')}"


@get(ADDRESS, opt=VIEW, tags=TAGS)
async def campaign_index(
    request: Request[Any, Any, Any],
    *,
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
    year: FromQuery[int | None] = None,
    in_state: State = "",
    organisation: FromQuery[str] = "",
    observance: FromQuery[str] = "",
) -> paging.Page[CampaignOut]:
    """List campaigns that an office of the actor's takes part in, the latest first."""
    wanted = Wanted(year, (in_state,) if in_state else (), organisation, observance)
    place = place_of(cursor)
    found = await campaign_lists.listed(current_actor(request), wanted, place, limit + 1)
    page, following = cut(found, limit)
    catalogue = await catalogue_of(request)
    return paging.Page([out(campaign, catalogue) for campaign in page], following)


@post(ADDRESS, opt=OPT, tags=TAGS)
async def campaign_add(
    request: Request[Any, Any, Any], data: JSONBody[CampaignIn]
) -> Response[CampaignOut]:
    """Set up a campaign as a draft."""
    actor, process = current_actor(request), process_of(request)
    catalogue = await catalogue_of(request)
    plan = Plan(
        year=data.year,
        observance=data.observance,
        title=data.title,
        theme=data.theme,
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        plugins=None if data.plugins is None else tuple(data.plugins),
        key=data.key or "",
    )

    async def work() -> CampaignOut:
        office = await office_id(actor, MANAGE, data.organisation)
        key = await campaign_changes.create(
            actor, plan, catalogue, process.plugins, organisation_id=office
        )
        return out(await campaigns.find(key), catalogue)

    return await create_once(request, work, location=_location)


@get(ADDRESS + "/{campaign:str}", opt=VIEW, tags=TAGS)
async def campaign_item(request: Request[Any, Any, Any], campaign: FromPath[str]) -> CampaignOut:
    """Give one campaign."""
    found = await campaigns.find(campaign)
    await require_in_campaign(current_actor(request), "campaign.view", found.id)
    return out(found, await catalogue_of(request))


def _or(value: Any, present: Any) -> Any:
    return present if value is msgspec.UNSET else value


@patch(ADDRESS + "/{campaign:str}", opt=OPT, tags=TAGS)
async def campaign_change(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[CampaignChange]
) -> CampaignOut:
    """Change title, theme, days and plugins, all or none."""
    actor, plugins = current_actor(request), process_of(request).plugins
    async with database.transaction():
        found = await campaign_changes.managed(actor, campaign)
        details = Details(
            _or(data.title, found.own_title or ""),
            _or(data.theme, found.theme),
            _or(data.starts_on, found.starts_on),
            _or(data.ends_on, found.ends_on),
        )
        await campaign_changes.change_details(actor, campaign, details)
        if not isinstance(data.plugins, msgspec.UnsetType):
            await campaign_changes.change_plugins(actor, campaign, data.plugins, plugins)
        changed = await campaigns.find(campaign)
    return out(changed, await catalogue_of(request))


@put(ADDRESS + "/{campaign:str}/state", opt=OPT, tags=TAGS)
async def campaign_state(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[StateIn]
) -> CampaignOut:
    """Take the campaign a step on or back."""
    await campaign_changes.change_state(current_actor(request), campaign, data.state, data.reason)
    return out(await campaigns.find(campaign), await catalogue_of(request))


@post(ADDRESS + "/{campaign:str}/clone", opt=OPT, tags=TAGS)
async def campaign_clone(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[CloneIn]
) -> Response[CloneOut]:
    """Make the campaign of another year: plan comes along, records do not."""
    actor, plugins = current_actor(request), process_of(request).plugins
    catalogue = await catalogue_of(request)
    plan = Plan(
        year=data.year,
        title=data.title,
        theme=data.theme,
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        key=data.key or "",
    )

    async def work() -> CloneOut:
        made = await campaign_cloning.clone(actor, campaign, plan, catalogue, plugins)
        return CloneOut(made.key, made.offices, made.left_out, list(made.failed))

    return await create_once(request, work, location=_location)


@post(ADDRESS + "/{campaign:str}/participants", opt=OPT, tags=TAGS, status_code=200)
async def campaign_participants_add(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Added]:
    """Take in the offices that were founded or opened again since."""
    actor = current_actor(request)

    async def work() -> Added:
        found = await campaign_changes.managed(actor, campaign)
        return Added(await campaign_participants.complete(actor, found))

    return await create_once(request, work, status=200)


ROUTES = [
    campaign_index,
    campaign_add,
    campaign_item,
    campaign_change,
    campaign_state,
    campaign_clone,
    campaign_participants_add,
]
