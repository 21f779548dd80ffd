"""Pages of the year's observances, and of the days that offices keep themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import filters, forms, pages
from api.kit.campaign_pages import campaign_href, catalogue_of
from api.kit.guards import current_actor
from api.kit.offices import chosen_office, office_options
from core import campaign_changes, campaign_lists, moments, office_observances
from core.campaign_lists import Wanted
from core.campaigns import Campaign
from core.observance_rules import FIRST_YEAR, LAST_YEAR, LIMITS, RULES
from core.observances import Catalogue, Observance
from core.office_observances import MANAGE, OfficeObservance
from core.refusals import Missing, Refusal

VIEW = {"permission": "campaign.view"}
MANAGING = {"permission": MANAGE}
OWN, NEW = "/observances", "/new-observance"
KINDS: dict[str, str] = {
    "fixed-day": "每年固定的月、日",
    "nth-weekday": "某月的第几个星期几",
    "last-weekday": "某月的最后一个星期几",
    "week": "某一天所在的那一周（星期一到星期日）",
    "lunar-day": "农历的月、日",
}
WEEKDAYS = [{"value": n, "label": f"星期{name}"} for n, name in enumerate("一二三四五六日", 1)]
NTHS = [{"value": n, "label": f"第{name}个"} for n, name in enumerate("一二三四", 1)]
WORDS = {"month": "月份", "day": "日期", "weekday": "星期几", "nth": "第几个"}


@get("/calendar", opt=VIEW, include_in_schema=False)
async def calendar(request: Request[Any, Any, Any], year: FromQuery[str] = "") -> Response[Any]:
    """A year's observances by month, each with its campaign or a way to plan one."""
    actor, today = current_actor(request), moments.today()
    shown = int(year) if year.isdecimal() and len(year) == 4 else today.year
    shown = min(max(shown, FIRST_YEAR), LAST_YEAR)
    catalogue = await _shown(request)
    held: dict[str, list[Campaign]] = {}
    for campaign in await campaign_lists.listed(actor, Wanted(year=shown)):
        held.setdefault(campaign.observance or "", []).append(campaign)
    plans = actor.holds(campaign_changes.MANAGE)
    past, coming = months(catalogue, shown, held, today, plans=plans)
    return pages.render(
        request,
        "api/calendar.html",
        year=shown,
        this_year=today.year,
        past=past,
        coming=coming,
        previous_href=f"/calendar?year={shown - 1}" if shown > FIRST_YEAR else "",
        next_href=f"/calendar?year={shown + 1}" if shown < LAST_YEAR else "",
        may_keep=actor.holds(MANAGE),
    )


async def _shown(request: Request[Any, Any, Any]) -> Catalogue:
    """The catalogue with the days of the offices that concern the reader."""
    catalogue = await catalogue_of(request)
    own = {item.observance.key for item in await office_observances.listed(current_actor(request))}
    built_in = {item.key for item in request.app.state["process"].catalogue}
    return Catalogue(item for item in catalogue if item.key in built_in or item.key in own)


def months(
    catalogue: Catalogue,
    year: int,
    held: Mapping[str, list[Campaign]],
    today: date,
    *,
    plans: bool,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Groups for the piece ``agenda_groups``, one a month: what is over, and what is to come.

    Months without any are left out.
    """
    past: dict[date, list[dict[str, Any]]] = {}
    coming: dict[date, list[dict[str, Any]]] = {}
    for each in catalogue.year(year):
        observance = catalogue.get(each.key)
        if observance is None:
            continue
        words = _item(observance, each.date, each.last_date, year)
        words["note"] = f"主题：{each.theme}" if each.theme else ""
        words["state"] = "节日" if observance.family == "festival" else ""
        campaigns = held.get(each.key, [])
        if campaigns:  # those of several offices stand in the list of campaigns
            words["href"] = campaign_href(campaigns[0].key)
            named = "、".join(campaign.organisation_name for campaign in campaigns)
            words["note"] = " · ".join(filter(None, [words["note"], f"{named}的活动"]))
        elif plans and each.last_date >= today:
            query = urlencode({"observance": each.key, "year": year})
            words["action"] = {"text": "策划这次活动", "href": f"/new-campaign?{query}"}
        groups = past if each.last_date < today else coming
        groups.setdefault(each.date.replace(day=1), []).append(words)
    return _grouped(past, year), _grouped(coming, year)


def _grouped(by_month: Mapping[date, list[dict[str, Any]]], year: int) -> list[dict[str, Any]]:
    """A day of the lunar year may fall in the January after: then the label says the year."""
    return [
        {
            "label": f"{'' if month.year == year else f'{month.year}年'}{month.month}月",
            "items": by_month[month],
        }
        for month in sorted(by_month)
    ]


def _item(observance: Observance, first: date, last: date, year: int) -> dict[str, Any]:
    when = f"{first.day}日 {filters.weekday(first)}"
    if last != first:
        end = f"{last.day}日" if last.month == first.month else filters.day(last, year=False)
        when = f"{first.day}日至{end}"
    title = observance.title(year) if observance.edition(year) is not None else observance.name
    return {"when": when, "datetime": first.isoformat(), "title": title}


@get(OWN, opt=MANAGING, include_in_schema=False)
async def own_list(request: Request[Any, Any, Any]) -> Response[Any]:
    """The days that the actor's offices keep."""
    found = await office_observances.listed(current_actor(request))
    year = moments.today().year
    rows = [_row(item, year) for item in found]
    return pages.render(request, "api/observances.html", rows=rows)


def _row(item: OfficeObservance, year: int) -> dict[str, Any]:
    observance = item.observance
    day = observance.date(year)
    return {
        "name": observance.name,
        "day": f"{filters.day(day)} {filters.weekday(day)}",
        "organisation": item.organisation_name,
        "href": f"{OWN}/{quote(observance.key, safe='')}/delete" if item.managed else "",
    }


async def _new_page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200
) -> Response[Any]:
    return pages.render(
        request,
        "api/observance_new.html",
        status=status,
        form=form,
        kinds=[{"value": kind, "label": label} for kind, label in KINDS.items()],
        months=[{"value": n, "label": f"{n}月"} for n in range(1, 13)],
        weekdays=WEEKDAYS,
        nths=NTHS,
        offices=await office_options(current_actor(request), MANAGE),
    )


@get(NEW, opt=MANAGING, include_in_schema=False)
async def own_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the form for a new one."""
    return await _new_page(request, forms.filled([("kind", "fixed-day")]))


def rule_of(form: forms.Form) -> dict[str, Any] | None:
    """The rule that a form describes; its faults are noted in the form."""
    kind = form.choice("kind", KINDS, required=True)
    if kind is None:
        return None
    numbers: dict[str, int] = {}
    for name in _numbers_of(kind):
        number = form.count(name, required=True)
        low, high = LIMITS[name]
        if number is not None and low <= number <= high:
            numbers[name] = number
        else:
            form.fail(name, f"{WORDS[name]}要在 {low} 到 {high} 之间")
    if not form.ok:
        return None
    try:
        RULES[kind](**numbers)
    except ValueError as problem:
        form.fail("day", str(problem))
        return None
    return {"kind": kind, **numbers}


def _numbers_of(kind: str) -> Iterable[str]:
    """Which of month, day, weekday and nth a kind of rule is made of."""
    return (name for name in LIMITS if name in RULES[kind].__dataclass_fields__)


@post(NEW, opt=MANAGING, include_in_schema=False)
async def own_create(request: Request[Any, Any, Any]) -> Response[Any]:
    """Keep the day, or show the form again with all that is wrong."""
    actor, form = current_actor(request), await forms.read(request)
    name = form.text("name", required=True, longest=office_observances.NAME_LIMIT)
    office = await chosen_office(form, actor, MANAGE)
    first = form.count("first_year")
    if first is not None and not FIRST_YEAR <= first <= LAST_YEAR:
        form.fail("first_year", f"年份要在 {FIRST_YEAR} 到 {LAST_YEAR} 之间")
    rule = rule_of(form)
    if form.ok and rule is not None and office is not None:
        mapping: dict[str, Any] = {"name": name, "rule": rule}
        if first is not None:
            mapping["base"] = first - 1
        try:
            await office_observances.add(
                actor, await catalogue_of(request), mapping, organisation_id=office
            )
        except Refusal as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _new_page(request, form, 422)
    return pages.see_other(request, OWN, f"已增加“{name}”，全年日历里可以看到。")


@get(OWN + "/{key:str}/delete", opt=MANAGING, include_in_schema=False)
async def own_delete_form(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Ask before a day is given up."""
    found = await office_observances.listed(current_actor(request))
    named = [i.observance.name for i in found if i.observance.key == key and i.managed]
    if not named:
        raise Missing(f"没有编号为“{key}”的自定节日")
    return pages.render(request, "api/observance_delete.html", key=key, name=named[0])


@post(OWN + "/{key:str}/delete", opt=MANAGING, include_in_schema=False)
async def own_delete(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Give a day up, unless a campaign is held for it."""
    try:
        await office_observances.remove(current_actor(request), key)
    except Refusal as refusal:
        return pages.see_other(request, OWN, f"{refusal}。", "bad")
    return pages.see_other(request, OWN, "已删除。")


ROUTES = [calendar, own_list, own_form, own_create, own_delete_form, own_delete]
