"""Activities as JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from api.activity_list import cursor_moment, office_in_reach
from api.kit import paging
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.idempotency import create_once
from core.moments import now, offset_text
from core.refusals import Refusal
from events import activities, planning
from events.activities import Activity, Wanted
from events.plan import Plan
from events.planning import Act

VIEW = {"permission": "activity.view"}
MANAGE = {"permission": planning.MANAGE}
TAGS = ["activities"]
BASE = "/api/v1/campaigns/{campaign:str}/activities"
ITEM = BASE + "/{key:str}"
Moment = Annotated[datetime, msgspec.Meta(tz=True, description="带时区，例如 +08:00")]
Since = Annotated[
    datetime | None, QueryParameter(description="只要这个时刻及以后还没有结束的，带时区")
]
Until = Annotated[datetime | None, QueryParameter(description="只要这个时刻以前开始的，带时区")]
# ``state`` as the name of a parameter is Litestar's own.
State = Annotated[
    Literal["", "draft", "published", "done", "cancelled"],
    QueryParameter(name="state", description="只要这个状态的"),
]


class ActivityOut(msgspec.Struct):
    """An activity; moments carry ``+08:00``."""

    key: str
    title: str
    kind: str
    organisation: str
    starts_at: str
    ends_at: str
    place: str
    address: str
    hosts: str
    capacity: int | None
    person_in_charge: str
    accessibility: list[str]
    accessibility_asked: list[str]
    notes: str
    state: str
    sequence: int
    modified_at: str
    cancelled_at: str | None


class ActivityIn(msgspec.Struct, forbid_unknown_fields=True):
    """A new activity. Without a key it gets one; ``state`` is draft or published."""

    title: str
    kind: str
    organisation: str
    starts_at: Moment
    ends_at: Moment
    key: str = ""
    place: str = ""
    address: str = ""
    hosts: str = ""
    capacity: int | None = None
    person_in_charge: str = ""
    accessibility: list[str] = []
    accessibility_asked: list[str] = []
    notes: str = ""
    state: Literal["draft", "published"] = "published"


class ActivityChange(msgspec.Struct, forbid_unknown_fields=True):
    """New values of some members; the others stay."""

    title: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    organisation: str | UnsetType = UNSET
    starts_at: Moment | UnsetType = UNSET
    ends_at: Moment | UnsetType = UNSET
    place: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    hosts: str | UnsetType = UNSET
    capacity: int | UnsetType | None = UNSET
    person_in_charge: str | UnsetType = UNSET
    accessibility: list[str] | UnsetType = UNSET
    accessibility_asked: list[str] | UnsetType = UNSET
    notes: str | UnsetType = UNSET


class StateChange(msgspec.Struct, forbid_unknown_fields=True):
    """What is done to it: publish, finish, cancel, or reopen what was finished or cancelled."""

    act: Act


def activity_out(activity: Activity) -> ActivityOut:
    """An activity as the API gives it."""
    values: dict[str, Any] = {}
    for name in ActivityOut.__struct_fields__:
        value = getattr(activity, name)
        if isinstance(value, datetime):
            value = offset_text(value)
        values[name] = list(value) if isinstance(value, tuple) else value
    return ActivityOut(**values)


def _given(data: msgspec.Struct) -> dict[str, Any]:
    """The members of a plan that a body gives."""
    given = msgspec.structs.asdict(data)
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if name in Plan.__slots__ and value is not UNSET
    }


def _aware(name: str, moment: datetime | None) -> datetime | None:
    """A moment of the address in UTC. Raises Refusal for one without an offset."""
    try:
        if moment is None or moment.utcoffset() is not None:
            return moment and moment.astimezone(UTC)
    except OverflowError:
        raise Refusal.of("value", "没有这个时间", name) from None
    raise Refusal.of("value", "时间要带时区，例如 +08:00", name)


async def _found(page: CampaignPage, key: str, permission: str) -> Activity:
    return await activities.find(page.actor, page.campaign.id, key, permission)


@get(BASE, opt=VIEW, tags=TAGS)
async def activity_index(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    *,
    organisation: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    service: FromQuery[str] = "",
    in_state: State = "",
    since: Since = None,
    until: Until = None,
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[ActivityOut]:
    """List a campaign's activities by start; ``organisation`` means it and all below it."""
    page = await campaign_context(request, campaign, "activity.view")
    place = paging.decode(cursor, (str, str))
    wanted = Wanted(
        office_id=await office_in_reach(page, organisation),
        kind=kind,
        service=service,
        states=(in_state,) if in_state else (),
        since=_aware("since", since),
        until=_aware("until", until),
        after=(cursor_moment(place[0]), place[1]) if place else None,
    )
    found = await activities.listed(page.actor, page.campaign.id, wanted, limit + 1)
    shown, following = paging.cut(found, limit, lambda each: (each.starts_at.isoformat(), each.key))
    return paging.Page([activity_out(each) for each in shown], following)


@post(BASE, opt=MANAGE, tags=TAGS)
async def activity_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[ActivityIn]
) -> Response[ActivityOut]:
    """Add an activity."""
    page = await campaign_context(request, campaign, planning.MANAGE)

    async def work() -> ActivityOut:
        key = await planning.add(
            page.actor,
            page.campaign,
            Plan(**_given(data)),
            now=now(),
            key=data.key,
            draft=data.state == "draft",
        )
        return activity_out(await _found(page, key, planning.MANAGE))

    base = f"/api/v1/campaigns/{quote(page.campaign.key, safe='')}/activities/"
    return await create_once(
        request, work, location=lambda made: base + quote(made["key"], safe="")
    )


@get(ITEM, opt=VIEW, tags=TAGS)
async def activity_item(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> ActivityOut:
    """Give one activity."""
    page = await campaign_context(request, campaign, "activity.view")
    return activity_out(await _found(page, key, "activity.view"))


@patch(ITEM, opt=MANAGE, tags=TAGS)
async def activity_change(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    data: JSONBody[ActivityChange],
) -> ActivityOut:
    """Change some members of an activity."""
    page = await campaign_context(request, campaign, planning.MANAGE)
    plan = replace(Plan.of(await _found(page, key, planning.MANAGE)), **_given(data))
    return activity_out(await planning.edit(page.actor, page.campaign, key, plan, now=now()))


@post(ITEM + "/state", opt=MANAGE, tags=TAGS, status_code=200)
async def activity_act(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    data: JSONBody[StateChange],
) -> ActivityOut:
    """Publish, finish, cancel or reopen an activity."""
    page = await campaign_context(request, campaign, planning.MANAGE)
    return activity_out(
        await planning.change_state(page.actor, page.campaign, key, data.act, now=now())
    )


@delete(ITEM, opt=MANAGE, tags=TAGS)
async def activity_remove(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> None:
    """Remove a draft to which nothing belongs."""
    page = await campaign_context(request, campaign, planning.MANAGE)
    await planning.delete(page.actor, page.campaign, key)


ROUTES = [
    activity_index,
    activity_add,
    activity_item,
    activity_change,
    activity_act,
    activity_remove,
]
