"""A volunteer's own records: each explained, and objected to where it is wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import forms, pages
from api.kit.guards import current_actor
from core import database, moments
from core.refusals import Conflict, Missing, Refusal
from plugins.volunteer.hours import objections, reading
from plugins.volunteer.hours.facts import Explanation
from plugins.volunteer.hours.objections import Objection
from plugins.volunteer.rules import duration_text
from plugins.volunteer.self_service.own import HOME, OWN, own_profile, render, without_profile

RECORDS = f"{HOME}/records"
RECORD = f"{RECORDS}/{{key:str}}"
PLANNED = "signed_up"
KINDS = {"pending": "warn", "confirmed": "good", "open": "live"}


async def persons(profile: int) -> list[int]:
    """The ``volunteer_person`` of a profile in each campaign. One statement."""
    rows = await database.fetch(
        "SELECT id FROM volunteer_person WHERE profile = :profile ORDER BY id", profile=profile
    )
    return [row["id"] for row in rows]


def _line(each: Explanation) -> dict[str, Any]:
    return {
        "key": each.key,
        "label": each.shift.label,
        "href": f"{RECORDS}/{quote(each.key, safe='')}",
        "minutes": duration_text(each.minutes) if each.came and each.went else "",
        "counts": each.counts,
        "status": each.status_label,
        "kind": KINDS.get(each.status, ""),
    }


@get(RECORDS, **OWN)
async def my_records(
    request: Request[Any, Any, Any], year: FromQuery[int | None] = None
) -> Response[Any]:
    """List what is recorded of a year, the newest first."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    hours = await reading.of_volunteers(await persons(profile.id))
    by_year: dict[int, list[Explanation]] = {}
    for each in reversed(hours.explanations):
        if each.status == PLANNED:
            continue
        by_year.setdefault(moments.day_of(each.shift.starts).year, []).append(each)
    years = sorted(by_year, reverse=True)
    chosen = year if year in by_year else next(iter(years), None)
    return render(
        request,
        "volunteer/self_service/records.html",
        "/records",
        totals=hours.totals,
        years=[(each, f"{RECORDS}?year={each}", each == chosen) for each in years],
        records=[_line(each) for each in by_year.get(chosen or 0, [])],
    )


async def _found(profile: int, key: str) -> tuple[Explanation, list[Objection]]:
    """A record of the volunteer's own, and what he said against it. Raises Missing."""
    people = await persons(profile)
    hours = await reading.of_volunteers(people)
    found = next((each for each in hours.explanations if each.key == key), None)
    if found is None:
        raise Missing(objections.NOT_FOUND)
    return found, (await objections.of_volunteers(people)).get(key, [])


async def _record(
    request: Request[Any, Any, Any], profile: int, key: str, form: forms.Form | None = None
) -> Response[Any]:
    explained, raised = await _found(profile, key)
    return render(
        request,
        "volunteer/self_service/record.html",
        "/records",
        status=422 if form and not form.ok else 200,
        record=explained,
        kind=KINDS.get(explained.status, ""),
        duration=duration_text,
        objections=raised,
        waits=any(each.open for each in raised),
        today=moments.today(),
        days=objections.DAYS,
        action=f"{RECORDS}/{quote(key, safe='')}/objections",
        form=form or forms.Form(),
    )


@get(RECORD, **OWN)
async def my_record(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Explain one record, punch by punch."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    return await _record(request, profile.id, key)


@post(f"{RECORD}/objections", **OWN)
async def my_objection(request: Request[Any, Any, Any], key: FromPath[str]) -> Response[Any]:
    """Object to a record."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    form = await forms.read(request)
    text = form.text("text", required=True, longest=objections.LONGEST)
    if form.ok:
        try:
            await objections.raise_(current_actor(request), key, text)
        except (Conflict, Refusal) as refusal:
            form.absorb(refusal)
    if not form.ok:
        return await _record(request, profile.id, key, form)
    said = f"已收到您的异议，{objections.DAYS}天以内答复，答复会写在这一页。"
    return pages.see_other(request, f"{RECORDS}/{quote(key, safe='')}", said)


PAGES: list[Any] = [my_records, my_record, my_objection]
