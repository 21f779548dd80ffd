"""Handing in, reviewing and making final, and the overview of those below, as JSON."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from api.kit import large, paging
from api.kit.campaign_pages import catalogue_of, process_of
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from core import campaign_access, campaigns, reports
from core.campaign_access import View
from core.campaigns import Campaign
from core.recap import build
from core.recap.life import children, codes, deadlines, handing_in, versions
from core.recap.life.children import Child
from core.recap.life.differences import Difference, differs
from core.recap.life.handing_in import FREEZE, REVIEW, WRITE
from core.recap.life.versions import Standing
from core.recap.sections.comparison import compared

VIEW = {"permission": "recap.view"}
TAGS = ["recap"]
ADDRESS = "/api/v1/campaigns/{campaign:str}/recap"
Reason = Annotated[str, msgspec.Meta(max_length=handing_in.LONGEST_REASON)]


class VersionOut(msgspec.Struct):
    """A version of an office's recap; ``replaces`` and ``corrects`` are numbers of versions."""

    organisation: str
    number: int
    state: str
    code: str
    sha256: str
    replaces: int | None
    corrects: int | None
    unaccepted: str
    submitted_by: str
    submitted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    frozen_by: str | None
    frozen_at: datetime | None


class VersionWhole(VersionOut):
    """The same with what it says, and every figure that is another one by now.

    ``intact`` is whether the stored text still has the SHA-256 it was handed in with; where it has
    not, ``recap`` and ``differences`` are empty.
    """

    intact: bool
    correction: str
    recap: dict[str, Any]
    differences: list[Difference]


class SubmitIn(msgspec.Struct, forbid_unknown_fields=True):
    """Why over parts that nobody accepted; why anew after a final version."""

    unaccepted: Reason = ""
    correction: Reason = ""


class DecisionIn(msgspec.Struct, forbid_unknown_fields=True):
    """Accepted, or returned with a reason."""

    decision: Literal["accepted", "returned"]
    reason: Reason = ""


class DeadlineIn(msgspec.Struct, forbid_unknown_fields=True):
    """The last day."""

    due_on: date


class DeadlineOut(msgspec.Struct):
    """The last day, and whether nobody has set one."""

    due_on: date
    usual: bool


class ChildrenOut(msgspec.Struct):
    """The offices directly below: counts of all, a page of them."""

    deadline: DeadlineOut
    totals: dict[str, int]
    late: int
    items: list[Child]
    next: str | None


def _out(organisation: str, each: Standing) -> dict[str, Any]:
    shared = set(VersionOut.__struct_fields__) - {"organisation", "code"}
    told = {name: getattr(each, name) for name in shared}
    return {**told, "organisation": organisation, "code": codes.grouped(each.code)}


async def _place(
    request: Request[Any, Any, Any], campaign: str, permission: str, organisation: str
) -> tuple[Campaign, View]:
    found = await campaigns.find(campaign)
    actor = current_actor(request)
    return found, await campaign_access.view(actor, found, permission, organisation or None)


@get(f"{ADDRESS}/versions", opt=VIEW, tags=TAGS)
async def version_index(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> list[VersionOut]:
    """List the versions of an office's recap, the newest first."""
    _, view = await _place(request, campaign, "recap.view", organisation)
    scope = view.scope
    found = await versions.listed(scope.campaign_id, scope.organisation_id)
    return [VersionOut(**_out(scope.organisation, each)) for each in found]


@post(f"{ADDRESS}/versions", opt={"permission": WRITE, **large.ANSWER}, tags=TAGS)
async def version_add(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    data: JSONBody[SubmitIn],
    organisation: FromQuery[str] = "",
) -> Response[VersionOut]:
    """Hand in an office's recap as it is now."""
    actor, catalogue = current_actor(request), await catalogue_of(request)
    plugins = process_of(request).plugins
    looked_at, view = await _place(request, campaign, WRITE, organisation)
    scope = view.scope

    async def work() -> VersionOut:
        report = await reports.read(looked_at, scope.organisation, plugins, catalogue)
        last = await compared(report, plugins, catalogue)
        document = await build.document_beside(report, plugins, catalogue, last)
        number = await handing_in.submit(
            actor, report, document, catalogue,
            last=last, unaccepted=data.unaccepted, correction=data.correction,
        )  # fmt: skip
        made = await versions.find(scope.campaign_id, scope.organisation_id, number)
        return VersionOut(**_out(scope.organisation, made))

    base = f"/api/v1/campaigns/{quote(campaign, safe='')}/recap/versions/"
    query = urlencode({"organisation": scope.organisation})
    return await create_once(request, work, location=lambda made: f"{base}{made['number']}?{query}")


@get(f"{ADDRESS}/versions/{{number:int}}", opt=VIEW, tags=TAGS)
async def version_item(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    organisation: FromQuery[str] = "",
) -> VersionWhole:
    """Give a version with its figures, and what has changed since."""
    looked_at, view = await _place(request, campaign, "recap.view", organisation)
    scope = view.scope
    version = await versions.find(scope.campaign_id, scope.organisation_id, number)
    told = _out(scope.organisation, version)
    if not version.is_whole:
        return VersionWhole(**told, intact=False, correction="", recap={}, differences=[])
    report = await reports.read(
        looked_at, scope.organisation, process_of(request).plugins, await catalogue_of(request)
    )
    since = [] if report.failed else await asyncio.to_thread(differs, version, report)
    return VersionWhole(
        **told,
        intact=True,
        correction=version.correction,
        recap=version.recap(),
        differences=since,
    )


@get(f"{ADDRESS}/versions/{{number:int}}/content", opt=VIEW, tags=TAGS)
async def version_content(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Give the stored text as it is, byte by byte: its SHA-256 is the version's."""
    _, view = await _place(request, campaign, "recap.view", organisation)
    scope = view.scope
    version = await versions.find(scope.campaign_id, scope.organisation_id, number)
    return Response(version.content.encode(), media_type="application/json")


@post(
    f"{ADDRESS}/versions/{{number:int}}/decision",
    opt={"permission": REVIEW},
    tags=TAGS,
    status_code=200,
)
async def version_decision(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    data: JSONBody[DecisionIn],
    organisation: FromQuery[str] = "",
) -> VersionOut:
    """Accept a version, or return it with a reason; it is for the office above."""
    looked_at, view = await _place(request, campaign, REVIEW, organisation)
    place = view.scope.campaign_id, view.scope.organisation_id, number
    version = await versions.find(*place)
    await handing_in.decide(current_actor(request), looked_at, version, data.decision, data.reason)
    return VersionOut(**_out(view.scope.organisation, await versions.find(*place)))


@post(
    f"{ADDRESS}/versions/{{number:int}}/freeze",
    opt={"permission": FREEZE},
    tags=TAGS,
    status_code=200,
)
async def version_final(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    organisation: FromQuery[str] = "",
) -> VersionOut:
    """Make an accepted version final."""
    looked_at, view = await _place(request, campaign, FREEZE, organisation)
    scope = view.scope
    await handing_in.freeze(current_actor(request), looked_at, scope.organisation_id, number)
    made = await versions.find(scope.campaign_id, scope.organisation_id, number)
    return VersionOut(**_out(scope.organisation, made))


@get(f"{ADDRESS}/children", opt=VIEW, tags=TAGS)
async def child_index(
    request: Request[Any, Any, Any],
    *,
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    standing: FromQuery[str] = "",
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> ChildrenOut:
    """List the offices directly below with their newest versions, by key."""
    actor, place = current_actor(request), paging.decode(cursor, (str,))
    looked_at, view = await _place(request, campaign, "recap.view", organisation)
    deadline = await deadlines.of(looked_at)
    found = await children.listed(
        actor, view.scope, deadline,
        standing=standing, after=place[0] if place else "", limit=limit + 1,
    )  # fmt: skip
    page, following = paging.cut(found, limit, lambda each: (each.key,))
    totals = await children.totals(actor, view.scope, deadline)
    out = DeadlineOut(deadline.due_on, deadline.usual)
    return ChildrenOut(out, dict(totals.by_standing), totals.late, page, following)


@put(f"{ADDRESS}/deadline", opt={"permission": deadlines.SET}, tags=TAGS)
async def deadline_put(
    request: Request[Any, Any, Any], campaign: FromPath[str], data: JSONBody[DeadlineIn]
) -> DeadlineOut:
    """Set the day by which the campaign's offices hand in."""
    looked_at, _ = await _place(request, campaign, deadlines.SET, "")
    await deadlines.put(current_actor(request), looked_at, data.due_on)
    deadline = await deadlines.of(looked_at)
    return DeadlineOut(deadline.due_on, deadline.usual)


ROUTES = [
    version_index,
    version_add,
    version_item,
    version_content,
    version_decision,
    version_final,
    child_index,
    deadline_put,
]
