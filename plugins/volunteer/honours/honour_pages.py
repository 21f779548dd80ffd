"""The pages of honours: the lists and what is done with them, everybody's progress, ceremony."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import filters, forms, large, pages, paging
from api.kit.records.list_pages import file
from api.kit.records.visits import Visit, visit
from api.kit.records.writing import is_open
from core import working_days
from core.moments import today
from core.permissions import may
from core.refusals import Missing, Refusal
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.honours import awarding, ceremony
from plugins.volunteer.honours.awards import STATES, Award
from plugins.volunteer.honours.schemes import described
from plugins.volunteer.honours.shown import (
    MOST,
    Shown,
    award_rows,
    due_rows,
    progress_rows,
    shown,
    usual_day,
)
from plugins.volunteer.pages import CONFIRMING, EDITING, HOME, READING
from plugins.volunteer.records import EDIT, VOLUNTEERS

PAGE = f"{HOME}/honours"


def _base(here: Visit) -> str:
    return f"/campaigns/{here.work.campaign.key}/volunteer/honours"


def _siblings(here: Visit) -> list[tuple[Any, bool]]:
    return [(link, link.href.endswith("/honours")) for link in here.siblings]


def _day(here: Visit, form: forms.Form) -> date:
    """The day up to which is counted: the one given, if it is one and not to come."""
    usual = usual_day(here.work.campaign.year)
    given = form.day("day") or usual
    if given > today():
        form.fail("day", "统计到哪一天不能晚于今天")
        return usual
    return given


def _unknown_end() -> bool:
    """Whether some 公示 that begins today would end on a day that nobody can reckon yet."""
    try:
        working_days.after(today(), awarding.DAYS.stop - 1)
    except working_days.UnannouncedYearError:
        return True
    return False


async def _page(
    request: Request[Any, Any, Any], here: Visit, form: forms.Form, status: int = 200
) -> Response[Any]:
    found = await shown(here.work, _day(here, form))
    writable = is_open(here.work, VOLUNTEERS)
    may_edit = writable and await awarding.may_lead(here.work, EDIT)
    announced = found.of("announced")
    return here.page.render(
        request,
        "volunteer/honours/honours.html",
        status=status if form.ok else 422,
        visit=here,
        siblings=_siblings(here),
        base=_base(here),
        notice_href=f"/volunteer/notices/{here.work.campaign.key}",
        stars_href=f"/campaigns/{here.work.campaign.key}/volunteer/stars",
        found=found,
        described=described(found.scheme),
        form=form,
        most=MOST,
        due=due_rows(found.due),
        lists={state: award_rows(found.of(state)) for state in STATES},
        fallen=[(each.award.label, each.now.minutes, each.award.minutes) for each in found.fallen],
        choices=[{"value": str(each.id), "label": each.label} for each in _withdrawable(found)],
        unknown_end=_unknown_end(),
        running=any(not each.over(today()) for each in announced),
        may_edit=may_edit,
        may_confirm=writable and await awarding.may_lead(here.work, CONFIRM),
    )


def _withdrawable(found: Shown) -> list[Award]:
    """The awards to choose from, those announced first: they are what people object to."""
    return [*found.of("announced"), *found.of("proposed"), *found.of("final")]


@get(PAGE, **READING)
async def honours_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show who has reached a star, and the lists."""
    here = await visit(request, campaign, VOLUNTEERS)
    return await _page(request, here, forms.filled(request.query_params.items()))


async def _act(
    request: Request[Any, Any, Any],
    campaign: str,
    permission: str,
    act: Callable[[Visit, forms.Form], Awaitable[tuple[str, str]]],
) -> Response[Any]:
    """Do what a form asks for; ``act`` answers the message and its kind."""
    here = await visit(request, campaign, VOLUNTEERS)
    if not await awarding.may_lead(here.work, permission):
        raise Missing(awarding.ONLY_OWN)
    form = await forms.read(request)
    message, kind = "", ""
    try:
        message, kind = await act(here, form)
    except Refusal as refusal:
        form.absorb(refusal)
    if form.ok:
        return pages.see_other(request, _base(here), message, kind)
    return await _page(request, here, form)


async def _propose(here: Visit, form: forms.Form) -> tuple[str, str]:
    everybody = form.flag("everybody")
    day, chosen = _day(here, form), form.lists.get("volunteer", [])
    if not everybody and not chosen:
        form.fail("volunteer", "请先勾选要列入名单的人")
    if not form.ok:
        return "", ""
    count = await awarding.propose(here.work, day, None if everybody else chosen)
    return (f"已把{count}人列入拟认定名单。", "good") if count else ("没有人要列入名单。", "warn")


@post(f"{PAGE}/proposals", **EDITING)
async def propose(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Put people on the list."""
    return await _act(request, campaign, EDIT, _propose)


async def _announce(here: Visit, form: forms.Form) -> tuple[str, str]:
    days, until = form.count("days", required=True), form.day("until")
    if not form.ok or days is None:
        return "", ""
    outcome = await awarding.announce(here.work, days, until)
    said = "没有人可以公示。"
    if outcome.done:
        said = f"已公示{outcome.done}人，到{filters.day(outcome.until)}为止。"
    if outcome.fallen:
        said += f"{outcome.fallen}人时长不够了，没有公示。"
    return said, "good" if outcome.done and not outcome.fallen else "warn"


@post(f"{PAGE}/announcements", **EDITING)
async def announce(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Begin the 公示 of everybody on the list."""
    return await _act(request, campaign, EDIT, _announce)


async def _withdraw(here: Visit, form: forms.Form) -> tuple[str, str]:
    chosen = form.text("award", required=True)
    reason = form.text("reason", required=True)
    if form.ok and not (chosen.isascii() and chosen.isdigit() and len(chosen) < 18):
        form.fail("award", forms.NOT_OFFERED)
    if not form.ok:
        return "", ""
    award = await awarding.withdraw(here.work, int(chosen), reason)
    return f"已撤回{award.label}。", "good"


@post(f"{PAGE}/withdrawals", **EDITING)
async def withdraw(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Take somebody off a list, with the reason."""
    return await _act(request, campaign, EDIT, _withdraw)


async def _finalise(here: Visit, form: forms.Form) -> tuple[str, str]:
    del form
    outcome = await awarding.finalise(here.work)
    parts = [f"已认定{outcome.done}人" if outcome.done else "没有人可以认定"]
    if outcome.waiting:
        parts.append(f"{outcome.waiting}人公示还没有期满")
    if outcome.fallen:
        parts.append(f"{outcome.fallen}人时长不够了，没有认定")
    if outcome.own:
        parts.append("您自己的星级要由别人认定")
    complete = outcome.done and not (outcome.fallen or outcome.own)
    return "；".join(parts) + "。", "good" if complete else "warn"


@post(f"{PAGE}/decisions", **CONFIRMING)
async def finalise(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Make final whatever nobody objected to."""
    return await _act(request, campaign, CONFIRM, _finalise)


@get(f"{PAGE}/progress", **READING)
async def progress_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], cursor: paging.CursorText = ""
) -> Response[Any]:
    """Show how far everybody is."""
    here = await visit(request, campaign, VOLUNTEERS)
    found = await shown(here.work, usual_day(here.work.campaign.year), awards=False)
    place = paging.decode(cursor, (int,))
    start = max(place[0], 0) if place else 0
    following = start + paging.USUAL_PAGE
    href = f"{_base(here)}/progress"
    more = len(found.people) > following
    return here.page.render(
        request,
        "volunteer/honours/progress.html",
        visit=here,
        siblings=_siblings(here),
        base=_base(here),
        described=described(found.scheme),
        found=found,
        rows=progress_rows(found.people[start:following]),
        first_href=href if start else "",
        next_href=f"{href}?cursor={paging.encode([following])}" if more else "",
    )


@get(f"{PAGE}/ceremony", **READING)
async def ceremony_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show the list for the ceremony, to be printed."""
    here = await visit(request, campaign, VOLUNTEERS)
    return here.page.render(
        request,
        "volunteer/honours/ceremony.html",
        visit=here,
        base=_base(here),
        rows=ceremony.rows(await ceremony.final(here.work)),
        may_unmask=await may(
            here.work.actor, "personal.unmask", here.work.campaign.organisation_id
        ),
    )


async def _sheet(
    request: Request[Any, Any, Any], campaign: str, *, unmasked: bool
) -> Response[bytes]:
    here = await visit(request, campaign, VOLUNTEERS)
    data = await ceremony.sheet(here.work, unmasked=unmasked)
    return file(f"{here.page.title} {ceremony.TITLE}.xlsx", data)


@get(f"{PAGE}/ceremony.xlsx", **READING | {"opt": READING["opt"] | large.ANSWER})
async def ceremony_sheet(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[bytes]:
    """Save the list, names masked."""
    return await _sheet(request, campaign, unmasked=False)


@post(
    f"{PAGE}/ceremony.xlsx",
    opt={"permission": "personal.unmask", **large.ANSWER},
    include_in_schema=False,
    status_code=200,
)
async def ceremony_full(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[bytes]:
    """Save the list with names in full; the log keeps who did."""
    return await _sheet(request, campaign, unmasked=True)


HONOURS: list[Any] = [
    honours_page,
    propose,
    announce,
    withdraw,
    finalise,
    progress_page,
    ceremony_page,
    ceremony_sheet,
    ceremony_full,
]
