"""The page that notes who came to a fair: a list typed or pasted, and names to tick."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages, paging
from api.kit.records import find, listing
from api.kit.records.fields import Row
from api.kit.records.filters import BELOW
from api.kit.records.reading import Where
from api.kit.records.targets import options
from api.kit.records.values import shown
from api.kit.records.visits import Visit, visit
from api.kit.records.writing import require
from core.refusals import Refusal
from plugins.job_fair import doing
from plugins.job_fair.fair_pages import FAIR
from plugins.job_fair.fair_records import ATTENDANCES
from plugins.job_fair.naming import Named, named, names_in
from plugins.job_fair.records import EDIT, FAIRS, SEEKERS

EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}
ON_A_PAGE = 100
NOBODY = "请写上名字，或者在名单里勾选"


async def _not_yet(
    here: Visit, fair: Row, office: str, cursor: str
) -> tuple[list[dict[str, str]], str | None]:
    """Seekers who are not noted, to be ticked, and the cursor of the next ones."""
    where = Where(
        [
            (
                "NOT EXISTS (SELECT 1 FROM job_fair_attendance a"
                " WHERE a.fair = :fair_id AND a.seeker = t.id)"
            )
        ],
        {"fair_id": fair["id"]},
    )
    if office:
        where.add(f"t.organisation {BELOW.format(name='office')}", filter_office=office)
    after = paging.decode(cursor, (int,))
    rows = await listing(here.work, SEEKERS, where, after=after, limit=ON_A_PAGE + 1)
    page, following = paging.cut(rows, ON_A_PAGE, lambda row: [row["id"]])
    name = SEEKERS.by_name["name"]
    offered = [
        {
            "value": row["key"],
            "label": f"{shown(name, row)}（{row['organisation_label']}，{row['key']}）",
        }
        for row in page
    ]
    return offered, following


async def _page(
    request: Request[Any, Any, Any], here: Visit, fair: Row, form: forms.Form
) -> Response[Any]:
    office = request.query_params.get("office", "")
    cursor = request.query_params.get("cursor", "")
    offered, following = await _not_yet(here, fair, office, cursor)
    href = f"{here.record(fair)}/attend"
    asked = {"office": office} if office else {}
    narrowed = f"?{urlencode(asked)}" if asked else ""
    return here.page.render(
        request,
        "job_fair/attend.html",
        status=200 if form.ok else 422,
        visit=here,
        fair=fair,
        back=here.record(fair),
        href=href,
        action=href + narrowed,
        form=form,
        offices=await options(here.work, SEEKERS, SEEKERS.by_name["organisation"]),
        office=office,
        offered=offered,
        ticked=form.lists.get("seeker", []),
        first_href=f"{href}{narrowed}" if cursor else "",
        next_href=f"{href}?{urlencode({**asked, 'cursor': following})}" if following else "",
    )


@get(f"{FAIR}/attend", **EDITING)
async def attend_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask who came."""
    here = await visit(request, campaign, FAIRS)
    require(here.work, ATTENDANCES)
    fair = await find(here.work, FAIRS, key, EDIT)
    return await _page(request, here, fair, forms.Form())


async def _people(here: Visit, form: forms.Form) -> Named:
    """Whom the form names and ticks; its faults are noted in the form."""
    typed = names_in(form.values.get("names", ""))
    people = await named(here.work, typed, form.key("organisation"))
    if people.faults:
        form.fail("names", "；".join(people.faults))
    people.keys += form.lists.get("seeker", [])
    if form.ok and not people.everybody:
        form.fail("names", NOBODY)
    return people


@post(f"{FAIR}/attend", **EDITING)
async def attend_note(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Note those who came, or show the form again with all that is wrong."""
    here = await visit(request, campaign, FAIRS)
    fair = await find(here.work, FAIRS, key, EDIT)
    form = await forms.read(request)
    people = await _people(here, form)
    if not form.ok:
        return await _page(request, here, fair, form)
    try:
        count = await doing.attend(here.work, fair["key"], people)
    except Refusal as refusal:
        form.absorb(refusal)
        return await _page(request, here, fair, form)
    done = f"已登记{count}人到场"
    before = len(people.everybody) - count
    if people.new:
        done += f"，其中{len(people.new)}人是新登记的求职者"
    if before:
        done += f"；另外{before}人以前已经登记过"
    return pages.see_other(request, here.record(fair), f"{done}。")


ATTENDING_PAGES: list[Any] = [attend_form, attend_note]
