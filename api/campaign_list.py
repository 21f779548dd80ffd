"""The way in, and the list of campaigns."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from api.kit import filters, pages, paging
from api.kit.campaign_pages import STATE_KINDS, campaign_href, catalogue_of
from api.kit.guards import current_actor
from api.kit.problems import Problem
from api.kit.requests import actor_or_none
from core import campaign_changes, campaign_lists, moments
from core.campaign_lists import RUNNING, Wanted
from core.campaign_states import STATES
from core.campaigns import Campaign
from core.observances import Catalogue
from core.permissions import registry
from core.refusals import Fault

VIEW = {"permission": "campaign.view"}
# Listed besides those that are going on; archived ones only when they are asked for.
OVER = ("closed",)
# ``state`` is a word of the framework's own as a handler's parameter.
State = Annotated[str, QueryParameter(name="state")]


@get("/", opt={"public": True}, include_in_schema=False)
async def home(request: Request[Any, Any, Any]) -> Response[Any]:
    """Lead to the campaigns, or to signing in."""
    actor = actor_or_none(request)
    if actor is None:
        return Redirect("/sign-in", status_code=303)
    if actor.holds("campaign.view"):
        return Redirect("/campaigns", status_code=303)
    starts = registry().starts(actor)
    return Redirect(starts[0][1] if starts else "/about", status_code=303)


def place_of(cursor: str) -> tuple[date, int] | None:
    """Where a page of campaigns ended. Raises Problem 422."""
    place = paging.decode(cursor, (str, int))
    if place is None:
        return None
    try:
        return date.fromisoformat(place[0]), place[1]
    except ValueError as error:
        fault = Fault("/cursor", "value", "翻页的位置无效，请从第一页重新开始")
        raise Problem(422, errors=[fault]) from error


def cut(found: list[Campaign], limit: int) -> tuple[list[Campaign], str | None]:
    """A page of ``limit + 1`` campaigns, and the cursor of the next."""
    return paging.cut(found, limit, lambda c: (c.starts_on.isoformat(), c.id))


def line(campaign: Campaign, catalogue: Catalogue, today: date) -> dict[str, Any]:
    """A campaign as an item of the piece ``agenda``: its days, name, office and days to go."""
    notes = [campaign.organisation_name]
    if campaign.theme:
        notes.append(f"主题：{campaign.theme}")
    day = campaign.day(catalogue)
    if campaign.state in RUNNING and day is not None and day >= today:
        notes.append("今天就是" if day == today else f"还有 {(day - today).days} 天")
    return {
        "when": filters.period(campaign.starts_on, campaign.ends_on),
        "title": campaign.title(catalogue),
        "href": campaign_href(campaign.key),
        "note": " · ".join(notes),
        "state": STATES[campaign.state],
        "kind": STATE_KINDS.get(campaign.state, ""),
    }


def nearest_first(campaigns: list[Campaign], today: date) -> list[Campaign]:
    """What is going on or to come by its first day, then what is past it, the latest first."""
    current = [campaign for campaign in campaigns if campaign.ends_on >= today]
    past = [campaign for campaign in campaigns if campaign.ends_on < today]
    return [
        *sorted(current, key=lambda c: (c.starts_on, c.id)),
        *sorted(past, key=lambda c: (c.ends_on, c.id), reverse=True),
    ]


@get("/campaigns", opt=VIEW, include_in_schema=False)
async def campaign_list(
    request: Request[Any, Any, Any],
    year: FromQuery[str] = "",
    in_state: State = "",
    organisation: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """Those that are going on, then those that are over; or what the filter asks for."""
    actor, catalogue = current_actor(request), await catalogue_of(request)
    chosen = {"year": year, "state": in_state, "organisation": organisation}
    narrowed = {name: value for name, value in chosen.items() if value}
    wanted = Wanted(
        year=int(year) if len(year) == 4 and year.isdecimal() else None,
        states=(in_state,) if in_state in STATES else () if narrowed else OVER,
        office=organisation,
    )
    limit = paging.USUAL_PAGE
    found = await campaign_lists.listed(actor, wanted, place_of(cursor), limit + 1)
    page, following = cut(found, limit)
    running: list[Campaign] = []
    if not narrowed and not cursor:
        running = await campaign_lists.listed(actor, Wanted(states=RUNNING))
    today, onward = moments.today(), urlencode({**narrowed, "cursor": following or ""})
    return pages.render(
        request,
        "api/campaigns.html",
        running=[line(campaign, catalogue, today) for campaign in nearest_first(running, today)],
        listed=[line(campaign, catalogue, today) for campaign in page],
        narrowed=bool(narrowed),
        chosen=chosen,
        choices=await campaign_lists.choices(actor),
        states=[{"value": key, "label": label} for key, label in STATES.items()],
        may_manage=actor.holds(campaign_changes.MANAGE),
        may_import=actor.holds("bundle.import"),
        first_href=f"/campaigns?{urlencode(narrowed)}" if cursor else "",
        next_href=f"/campaigns?{onward}" if following else "",
    )


ROUTES = [home, campaign_list]
