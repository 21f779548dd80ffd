"""The inbox of objections, answering one; as pages and as JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages, paging
from api.kit.idempotency import create_once
from api.kit.records.data import body_of
from api.kit.records.visits import Visit, enter, record_href, visit
from core import moments
from core.moments import offset_text
from core.permissions import may
from core.refusals import Refusal
from core.shapes import Problems, flag, object_of, text
from core.shapes import key as any_key
from plugins.volunteer.authority import CONFIRM
from plugins.volunteer.hours import objections
from plugins.volunteer.hours.objections import Objection
from plugins.volunteer.hours.pages import HOME, READING
from plugins.volunteer.records import ATTENDANCES, EDIT, VIEW

PAGE = f"{HOME}/objections"
DATA = "/api/v1/campaigns/{campaign:str}/volunteer/objections"
TAGS = ["volunteer"]
OUTCOMES = {"upheld": "异议成立，要更正记录", "rejected": "异议不成立，记录不改"}
NOTED = object_of({"attendance": any_key, "text": text(objections.LONGEST)})
ANSWER = object_of({"answer": text(objections.LONGEST), "upheld": flag})


def _home(here: Visit) -> str:
    return f"/campaigns/{here.work.campaign.key}/volunteer/objections"


@get(PAGE, **READING)
async def objection_inbox(
    request: Request[Any, Any, Any], campaign: FromPath[str], cursor: paging.CursorText = ""
) -> Response[Any]:
    """Show objections that wait, the first due first, or those that are answered."""
    here = await visit(request, campaign, ATTENDANCES)
    waiting = request.query_params.get("state", "") != "answered"
    after, limit = (paging.decode(cursor, (int,)) or [0])[0], paging.USUAL_PAGE
    found = await objections.listed(here.work, after=after, limit=limit + 1, waiting=waiting)
    rows, following = paging.cut(found, limit, lambda each: (each.id,))
    home = _home(here)
    asked = {} if waiting else {"state": "answered"}
    return here.page.render(
        request,
        "volunteer/hours/objections.html",
        visit=here,
        href=home,
        waiting=waiting,
        objections=rows,
        days=objections.DAYS,
        today=moments.today(),
        first_href=f"{home}?{urlencode(asked)}" if cursor else "",
        next_href=f"{home}?{urlencode({**asked, 'cursor': following})}" if following else "",
    )


async def _one(
    request: Request[Any, Any, Any],
    here: Visit,
    found: Objection,
    form: forms.Form,
    status: int = 200,
) -> Response[Any]:
    return here.page.render(
        request,
        "volunteer/hours/objection.html",
        status=status,
        visit=here,
        href=f"{_home(here)}/{found.key}",
        home=_home(here),
        each=found,
        record_href=f"{record_href(here.work, ATTENDANCES, found.attendance)}/hours",
        may_answer=found.open and await may(here.work.actor, CONFIRM, found.office_id),
        outcomes=[{"value": code, "label": label} for code, label in OUTCOMES.items()],
        form=form,
        today=moments.today(),
    )


@get(f"{PAGE}/{{key:str}}", **READING)
async def objection_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show an objection, with the form to answer it."""
    here = await visit(request, campaign, ATTENDANCES)
    return await _one(request, here, await objections.find_one(here.work, key), forms.Form())


@post(f"{PAGE}/{{key:str}}", opt={"permission": CONFIRM}, include_in_schema=False)
async def objection_answer(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Answer an objection; one that holds leads to the form of the correction."""
    here = await visit(request, campaign, ATTENDANCES)
    found = await objections.find_one(here.work, key, CONFIRM)
    form = await forms.read(request)
    outcome = form.choice("outcome", OUTCOMES, required=True)
    said = form.text("answer", required=True)
    if form.ok:
        try:
            await objections.answer(here.work, key, said, upheld=outcome == "upheld")
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            if outcome == "upheld":
                record = f"{record_href(here.work, ATTENDANCES, found.attendance)}/hours"
                return pages.see_other(request, record, "已答复：异议成立。")
            return pages.see_other(request, _home(here), "已答复。")
    return await _one(request, here, found, form, 422)


def _out(found: Objection) -> dict[str, Any]:
    """An objection as JSON; the volunteer's name is left out."""
    return {
        "key": found.key,
        "attendance": found.attendance,
        "volunteer": found.volunteer,
        "text": found.text,
        "raised_at": offset_text(found.raised_at),
        "due_on": found.due_on.isoformat(),
        "overdue": found.overdue(moments.today()),
        "answer": None if found.open else found.answer,
        "answered_at": found.answered_at and offset_text(found.answered_at),
        "upheld": found.upheld,
    }


def _checked(shape: Any, body: dict[str, Any]) -> dict[str, Any]:
    problems = Problems()
    checked: dict[str, Any] = shape(body, (), problems)
    if problems.found:
        raise Refusal(*problems.found)
    return checked


@get(DATA, opt={"permission": VIEW}, tags=TAGS)
async def objection_index(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    cursor: paging.CursorText = "",
    limit: paging.Limit = paging.USUAL_PAGE,
) -> paging.Page[dict[str, Any]]:
    """List objections that wait, the first due first; with ``state=answered`` those answered."""
    work = await enter(request, campaign, ATTENDANCES)
    waiting = request.query_params.get("state", "") != "answered"
    after = (paging.decode(cursor, (int,)) or [0])[0]
    found = await objections.listed(work, after=after, limit=limit + 1, waiting=waiting)
    page, following = paging.cut(found, limit, lambda each: (each.id,))
    return paging.Page([_out(each) for each in page], following)


@post(DATA, opt={"permission": EDIT}, tags=TAGS)
async def objection_add(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Note an objection that a volunteer raised by word of mouth."""
    work = await enter(request, campaign, ATTENDANCES)
    asked = _checked(NOTED, await body_of(request))

    async def add() -> dict[str, Any]:
        made = await objections.note(work, asked["attendance"], asked["text"])
        return _out(await objections.find_one(work, made))

    base = f"/api/v1/campaigns/{work.campaign.key}/volunteer/objections/"
    return await create_once(request, add, location=lambda made: base + str(made["key"]))


@get(f"{DATA}/{{key:str}}", opt={"permission": VIEW}, tags=TAGS)
async def objection_item(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, Any]:
    """Give one objection."""
    return _out(await objections.find_one(await enter(request, campaign, ATTENDANCES), key))


@post(f"{DATA}/{{key:str}}/answer", opt={"permission": CONFIRM}, tags=TAGS, status_code=200)
async def objection_decide(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> dict[str, Any]:
    """Answer an objection, once."""
    work = await enter(request, campaign, ATTENDANCES)
    await objections.find_one(work, key, CONFIRM)
    asked = _checked(ANSWER, await body_of(request))
    return _out(await objections.answer(work, key, asked["answer"], upheld=asked["upheld"]))


OBJECTIONS: list[Any] = [
    objection_inbox,
    objection_page,
    objection_answer,
    objection_index,
    objection_add,
    objection_item,
    objection_decide,
]
