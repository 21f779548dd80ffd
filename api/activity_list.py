"""The page of a campaign's activities: as a list, by day, by week and by month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api import activity_views as views
from api.activity_views import Choice, Item, Period
from api.kit import paging
from api.kit.campaign_offices import campaign_offices
from api.kit.campaign_pages import CampaignPage, campaign_context, campaign_href
from core import campaign_access, campaign_states, installation, moments
from core.refusals import Missing
from core.shapes import KEY
from core.spreadsheets.columns import Column, Content
from core.spreadsheets.contents import UnreadableCellError
from core.spreadsheets.values import parse
from events import accessibility, activities, calendar, kinds
from events.activities import Activity, Wanted

VIEW = {"permission": "activity.view"}
LIMIT = 50
DAY = Column("on", "日期", "day")


def chosen_day(text: str) -> date | None:
    """The day that an address names; None for none and for what is no day."""
    try:
        found = parse(DAY, Content(text)) if text.strip() else None
    except UnreadableCellError:
        return None
    return views.within_years(found) if isinstance(found, date) else None


def _usual_day(page: CampaignPage) -> date:
    """The day around which a view opens: today during the campaign, else the observance's."""
    campaign, today = page.campaign, moments.today()
    if campaign.starts_on <= today <= campaign.ends_on:
        return today
    return views.within_years(campaign.day(page.catalogue) or campaign.starts_on)


async def office_in_reach(page: CampaignPage, organisation: str) -> int | None:
    """The id of an office whose activities the reader may see; None for none.

    Raises Missing for one out of reach.
    """
    if not organisation:
        return None
    if not KEY.fullmatch(organisation):
        raise Missing("没有这个机构")
    return (await page.view("activity.view", organisation)).scope.organisation_id


async def _wanted(page: CampaignPage, choice: Choice) -> Wanted:
    """The narrowing that was chosen. Raises Missing for an office out of reach."""
    office = await office_in_reach(page, choice.organisation)
    return Wanted(office_id=office, kind=choice.kind, service=choice.service)


async def _beside(page: CampaignPage, choice: Choice) -> tuple[list[Item], tuple[str, ...]]:
    """What stands in the calendar besides activities, and the plugins that failed."""
    if choice.narrowed:
        return [], ()
    here = await installation.identifier()
    observance = calendar.observance_entry(page.campaign, page.catalogue, here)
    found = [views.of_entry(observance, "observance")] if observance else []
    try:
        seen = await campaign_access.view(
            page.actor, page.campaign, "activity.view", choice.organisation or None
        )
    except Missing:
        return found, ()
    entries, failures = await calendar.plugin_entries(
        seen.scope, page.plugins, page.campaign.enabled
    )
    return [*found, *map(views.of_entry, entries)], failures


def under_activities(page: CampaignPage) -> CampaignPage:
    """The page with the tab of activities as the current one, wherever its own address lies."""
    href = campaign_href(page.campaign.key, "/activities")
    return replace(page, tabs=[replace(tab, current=tab.href == href) for tab in page.tabs])


class Shown:
    """What the template shows: groups of an agenda, or a month; ``more`` leads on."""

    def __init__(self, page: CampaignPage, choice: Choice) -> None:
        self.page, self.choice = page, choice
        self.href = campaign_href(page.campaign.key, "/activities")
        self.known = kinds.kind_labels(page.plugins)
        self.period: Period | None = None
        self.groups: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] = []
        self.failures: tuple[str, ...] = ()
        self.more, self.earlier = "", ""
        self.empty = True

    def address(self, **other: Any) -> str:
        """The address of this choice, with some of it changed."""
        return f"{self.href}?{urlencode(self.choice.query(**other))}"

    def items(self, found: list[Activity]) -> list[Item]:
        """Activities as items of a page."""
        return [views.of_activity(each, self.page.campaign.key, self.known) for each in found]

    async def read(self) -> None:
        """Fetch and arrange; the number of statements does not depend on how much there is."""
        wanted = await _wanted(self.page, self.choice)
        beside, self.failures = await _beside(self.page, self.choice)
        if self.choice.view == "agenda":
            await self._read_agenda(wanted, beside)
        else:
            await self._read_period(wanted, beside)

    async def _read_agenda(self, wanted: Wanted, beside: list[Item]) -> None:
        place = paging.decode(self.choice.cursor, (str, str))
        after = (cursor_moment(place[0]), str(place[1])) if place else None
        since = moments.from_local(self.choice.on) if self.choice.on else None
        asked = Wanted(wanted.office_id, wanted.kind, wanted.service, since=since, after=after)
        found = await activities.listed(self.page.actor, self.page.campaign.id, asked, LIMIT + 1)
        shown, following = paging.cut(
            found, LIMIT, lambda activity: (activity.starts_at.isoformat(), activity.key)
        )
        first = moments.day_of(after[0]) if after else self.choice.on
        last = moments.day_of(shown[-1].starts_at) if following else None
        others = [item for item in beside if _between(item, first, last, opened=after is None)]
        self.groups = views.agenda([*self.items(shown), *others])
        self.empty = not self.groups
        if following:
            self.more = self.address(cursor=following)
        if self.choice.on or after:
            self.earlier = self.address(on=None)

    async def _read_period(self, wanted: Wanted, beside: list[Item]) -> None:
        on = self.choice.on or _usual_day(self.page)
        self.period = views.period(self.choice.view, on)
        asked = Wanted(
            wanted.office_id,
            wanted.kind,
            wanted.service,
            since=self.period.since,
            until=self.period.until,
        )
        found = await activities.listed(self.page.actor, self.page.campaign.id, asked)
        items = [*self.items(found), *beside]
        if self.choice.view == "month":
            self.entries = views.month(items, self.period)
        else:
            self.groups = views.days(items, self.period)
        self.empty = not (self.groups or self.entries)


def cursor_moment(text: str) -> datetime:
    """A moment out of a cursor. Raises Problem for what nobody was given."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise paging.unreadable() from error
    if found.utcoffset() is None:
        raise paging.unreadable()
    return found


def _between(item: Item, first: date | None, last: date | None, *, opened: bool) -> bool:
    """Whether an item belongs to a page of the agenda; each belongs to one page only."""
    after_first = first is None or (item.last >= first if opened else item.first > first)
    return after_first and (last is None or item.first <= last)


@get("/campaigns/{campaign:str}/activities", opt=VIEW, include_in_schema=False)
async def activity_list(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    *,
    view: FromQuery[str] = "agenda",
    on: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    organisation: FromQuery[str] = "",
    service: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[Any]:
    """Show a campaign's activities."""
    page = await campaign_context(request, campaign, "activity.view")
    chosen_view = view if view in views.VIEWS else "agenda"
    choice = Choice(chosen_view, chosen_day(on), kind, organisation, service, cursor)
    shown = Shown(page, choice)
    await shown.read()
    offices = await campaign_offices(page.actor, page.campaign, "activity.view")
    plans = page.reach.may("activity.manage")
    return page.render(
        request,
        "api/activities.html",
        shown=shown,
        choice=choice,
        views=[
            {"label": label, "href": shown.address(view=name), "current": name == choice.view}
            for name, label in views.VIEWS.items()
        ],
        kinds=_options(shown.known, choice.kind),
        services=_options(accessibility.SERVICES, choice.service),
        offices=offices if len(offices) > 1 else [],
        today=moments.today(),
        may_add=plans and campaign_states.allows(page.campaign, "plan"),
        may_subscribe=page.reach.may("feed.manage"),
    )


def _options(labels: dict[str, str], chosen: str) -> list[dict[str, str]]:
    """Choices of a select field; what was chosen stands among them also when nobody knows it."""
    known = {**labels, **({chosen: chosen} if chosen and chosen not in labels else {})}
    return [{"value": value, "label": label} for value, label in known.items()]


ROUTES = [activity_list]
