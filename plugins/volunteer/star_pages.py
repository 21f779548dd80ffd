"""How a campaign gives stars: looking at it, choosing it, as a page and as JSON."""

from __future__ import annotations

import re
from typing import Any

from litestar import Request, Response, get, post, put
from litestar.params import FromPath

from api.kit import forms, pages
from api.kit.records import Work
from api.kit.records.data import body_of, data_path
from api.kit.records.visits import Visit, enter, visit
from api.kit.records.writing import is_open
from core.refusals import Fault, Refusal
from core.shapes import Problems
from plugins.volunteer import confirming, stars
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.bundle_storage import read_star_scheme
from plugins.volunteer.honours.schemes import (
    SCHEMES,
    WEEKLY,
    described,
    scheme,
    stated_part,
    stored_text,
    understood,
    weekly_part,
)
from plugins.volunteer.pages import EDITING, HOME, READING
from plugins.volunteer.records import EDIT, SHIFTS, VIEW, VOLUNTEERS
from plugins.volunteer.rules import PERIODS

PAGE = f"{HOME}/stars"
DATA = "/api/v1/campaigns/{campaign:str}/volunteer/star-scheme"
SHIFT = f"{data_path(SHIFTS)}/{{key:str}}"
OWN = "own"
BETWEEN = re.compile(r"[、，,;；/\s]+")
LARGEST_HOURS = 10_000


def _filled(text: str | None) -> forms.Form:
    stated = stated_part(text)
    own = isinstance(stated, dict)
    current = scheme(stated)
    return forms.filled(
        [
            ("scheme", OWN if own else stated),
            ("period", current.period if own else "year"),
            ("hours", "、".join(map(str, current.hours)) if own else ""),
            ("weekly", weekly_part(text)),
        ]
    )


def _stated(form: forms.Form) -> Any:
    """The scheme that a form describes; its faults are noted in the form."""
    chosen = form.choice("scheme", [*SCHEMES, OWN], required=True)
    if chosen != OWN:
        return chosen
    period = form.choice("period", PERIODS, required=True)
    words = [word for word in BETWEEN.split(form.text("hours", required=True)) if word]
    hours = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 6]
    if len(hours) != len(words):
        form.fail("hours", "请只写小时数，例如 50、100、150")
    elif any(below >= above for below, above in zip([0, *hours], hours, strict=False)):
        form.fail("hours", "小时数应当从少到多，一级比一级多")
    elif hours and hours[-1] > LARGEST_HOURS:
        form.fail("hours", "小时数太大了，请核对")
    return {"period": period, "hours": hours}


async def _page(
    request: Request[Any, Any, Any], here: Visit, text: str | None, form: forms.Form
) -> Response[Any]:
    offered = [{"value": name, "label": one.label} for name, one in SCHEMES.items()]
    current = understood(text)
    return here.page.render(
        request,
        "volunteer/stars.html",
        status=200 if form.ok else 422,
        visit=here,
        siblings=[(link, link.href.endswith("/stars")) for link in here.siblings],
        action=f"/campaigns/{here.work.campaign.key}/volunteer/stars",
        current=current,
        described=described(current),
        form=form,
        known=[
            {"term": one.label, "text": f"{described(one)}。依据：{one.source}"}
            for one in SCHEMES.values()
        ],
        schemes=[*offered, {"value": OWN, "label": "自己定"}],
        periods=[{"value": code, "label": label} for code, label in PERIODS.items()],
        weekly=[
            {"value": "", "label": "按办法原来的规定（自己定的：没有别的要求）"},
            *({"value": code, "label": label} for code, label in WEEKLY.items()),
        ],
        may_choose=is_open(here.work, VOLUNTEERS) and await stars.may_choose(here.work),
    )


@get(PAGE, **READING)
async def stars_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show how stars are given, and the form to choose."""
    here = await visit(request, campaign, VOLUNTEERS)
    text = await stored_text(here.work.campaign.id)
    return await _page(request, here, text, _filled(text))


@post(PAGE, **EDITING)
async def stars_choose(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Choose how stars are given."""
    here = await visit(request, campaign, VOLUNTEERS)
    form = await forms.read(request)
    stated, weekly = _stated(form), form.choice("weekly", WEEKLY) or ""
    if form.ok:
        await stars.choose(here.work, stated, weekly)
        address = f"/campaigns/{here.work.campaign.key}/volunteer/stars"
        return pages.see_other(request, address, "已保存星级办法。")
    return await _page(request, here, await stored_text(here.work.campaign.id), form)


@get(DATA, opt={"permission": VIEW}, tags=["volunteer"])
async def stars_read(request: Request[Any, Any, Any], campaign: FromPath[str]) -> dict[str, Any]:
    """How the campaign gives stars, as a bundle states it."""
    work = await enter(request, campaign, VOLUNTEERS)
    return {"star_scheme": await read_star_scheme(work.campaign.id)}


@put(DATA, opt={"permission": EDIT}, tags=["volunteer"])
async def stars_put(request: Request[Any, Any, Any], campaign: FromPath[str]) -> dict[str, Any]:
    """Choose how the campaign gives stars."""
    work = await enter(request, campaign, VOLUNTEERS)
    body = await body_of(request)
    if "star_scheme" not in body:
        raise Refusal(Fault("/star_scheme", "missing", "缺少这一项"))
    return {"star_scheme": await stars.choose(work, body["star_scheme"])}


async def _changed(
    request: Request[Any, Any, Any], work: Work, key: str, *, deciding: bool
) -> dict[str, int]:
    problems = Problems()
    shape = confirming.DECISION if deciding else confirming.MARK
    asked = shape(await body_of(request), (), problems)
    if problems.found:
        raise Refusal(*problems.found)
    act = confirming.decide if deciding else confirming.mark
    outcome = await act(work, key, asked["status"], asked["attendances"])
    return {
        "changed": outcome.changed,
        "untimed": outcome.untimed,
        "overlapping": outcome.overlapping,
        "confirmed": outcome.confirmed,
        "barred": outcome.barred,
    }


@post(f"{SHIFT}/decisions", opt={"permission": CONFIRM}, tags=["volunteer"], status_code=200)
async def decide(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, int]:
    """Confirm or refuse the named attendances of a shift, or all that are pending."""
    work = await enter(request, campaign, SHIFTS)
    return await _changed(request, work, key, deciding=True)


@post(f"{SHIFT}/marks", opt={"permission": EDIT}, tags=["volunteer"], status_code=200)
async def mark(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, int]:
    """Mark the named attendances of a shift, or all that only signed up."""
    work = await enter(request, campaign, SHIFTS)
    return await _changed(request, work, key, deciding=False)


STARS: list[Any] = [stars_page, stars_choose, stars_read, stars_put, decide, mark]
