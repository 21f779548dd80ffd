"""The page of writing a recap: its title, to whom it is handed, and the order of its parts."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.figure_views import office_options
from api.kit import forms, pages
from api.recap.links import recap_links
from api.recap.writing import MANUSCRIPT, Writing, part_rest, seen_revision, status_of, writing
from core.recap import build
from core.recap.life import versions
from core.recap.manuscript import changes as manuscript_changes
from core.recap.manuscript import manuscripts, parts
from core.recap.manuscript.changes import DOWN, HIDE, SHOW, UP
from core.recap.manuscript.manuscripts import Manuscript
from core.recap.manuscript.parts import Part
from core.refusals import Refusal

WRITE = {"permission": manuscripts.WRITE}
ADDRESS = f"/campaigns/{{campaign:str}}{MANUSCRIPT}"
LABELS = {"title": "标题", "recipient": "主送机关"}


@get(ADDRESS, opt=WRITE, include_in_schema=False)
async def manuscript_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show the parts of an office's recap in their order, and what can be done to them."""
    return await _overview(request, await writing(request, campaign, organisation))


@post(ADDRESS, opt=WRITE, include_in_schema=False)
async def manuscript_head(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Take title and recipient."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    title, recipient = form.text("title"), form.text("recipient")
    try:
        if form.ok:
            await manuscript_changes.head(
                at.page.actor, at.desk, seen_revision(form), title, recipient
            )
    except Refusal as refusal:
        form.absorb(refusal)
        return await _overview(request, at, form, status_of(refusal))
    if not form.ok:
        return await _overview(request, at, form, 422)
    return pages.see_other(request, at.href(MANUSCRIPT), "已保存标题和主送机关。")


@post(f"{ADDRESS}/place", opt=WRITE, include_in_schema=False)
async def part_place(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Move, hide or show a part, and lead back to it."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    key, act = form.value("key"), form.value("act")
    try:
        made = await manuscript_changes.place(at.page.actor, at.desk, seen_revision(form), key, act)
    except Refusal as refusal:
        form.fail("", f"{refusal}。请看过现在的顺序，再做一次")
        return await _overview(request, at, form, status_of(refusal))
    title = manuscripts.title_of(at.desk, manuscripts.find_part(at.desk, made, key))
    said = {UP: "已上移", DOWN: "已下移", HIDE: "已隐藏", SHOW: "已重新显示"}[act]
    return pages.see_other(request, f"{at.href(MANUSCRIPT)}#part-{key}", f"{said}“{title}”。")


async def _overview(
    request: Request[Any, Any, Any],
    at: Writing,
    form: forms.Form | None = None,
    status: int = 200,
) -> Response[Any]:
    manuscript = await at.manuscript()
    standings = await versions.listed(at.desk.scope.campaign_id, at.desk.scope.organisation_id)
    filled = [("title", manuscript.title), ("recipient", manuscript.recipient)]
    return at.page.render(
        request,
        "api/recap_manuscript.html",
        status=status,
        at=at,
        links=recap_links(at.page, at.view.scope.organisation, MANUSCRIPT),
        form=form or forms.filled(filled),
        labels=LABELS,
        manuscript=manuscript,
        usual_title=build.usual_title(at.page.title),
        rows=_rows(at, manuscript),
        newest=versions.newest(standings),
        offices=office_options(at.view),
        action=at.href(MANUSCRIPT),
        place_action=at.href(f"{MANUSCRIPT}/place"),
        new_href=at.href(f"{MANUSCRIPT}/new"),
        photos_href=at.href("/recap/photos"),
        recap_href=at.href("/recap"),
    )


def _rows(at: Writing, manuscript: Manuscript) -> list[dict[str, Any]]:
    """The parts as the page lists them; those below ``work`` stand in its row."""
    whole = manuscripts.all_parts(at.desk, manuscript)
    top = [part for part in whole if not parts.is_child(part.key)]
    below = [part for part in whole if parts.is_child(part.key)]
    rows = [_row(at, manuscript, part, top) for part in top]
    for row in rows:
        children = below if row["part"].key == parts.WORK else []
        row["below"] = [_row(at, manuscript, part, below) for part in children]
    return rows


def _row(at: Writing, manuscript: Manuscript, part: Part, row: list[Part]) -> dict[str, Any]:
    if part.key == parts.PHOTOS:
        count = len(manuscript.photos)
        state = f"{count}张照片" if count else "还没有照片，不会印出来"
    elif part.is_written:
        length = len("".join(part.text.split()))
        state = f"自己写，已写{length}字" if length else "自己写，还没有写，不会印出来"
    else:
        state = "系统写，没有内容时不印"
    return {
        "part": part,
        "title": manuscripts.title_of(at.desk, part),
        "state": state,
        "href": at.href(part_rest(part.key)),
        "first": part is row[0],
        "last": part is row[-1],
    }


ROUTES = [manuscript_page, manuscript_head, part_place]
