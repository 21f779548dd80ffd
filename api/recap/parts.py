"""Pages of a recap's parts: their titles, and the texts that somebody writes."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from api.kit import forms, pages
from api.kit.problems import NotFound
from api.recap.writing import (
    MANUSCRIPT,
    Writing,
    checking,
    figures_of,
    part_rest,
    seen_revision,
    status_of,
    writing,
)
from core.recap.manuscript import changes as manuscript_changes
from core.recap.manuscript import manuscripts, parts
from core.recap.manuscript.changes import LONGEST_TEXT, LONGEST_TITLE
from core.recap.manuscript.parts import Part
from core.refusals import Refusal
from core.spreadsheets.contents import cleaned

WRITE = {"permission": manuscripts.WRITE}
ADDRESS = f"/campaigns/{{campaign:str}}{MANUSCRIPT}"
LABELS = {"title": "小标题", "text": "正文"}


@get(f"{ADDRESS}/new", opt=WRITE, include_in_schema=False)
async def part_new(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show the form for a part of the author's own."""
    at = await writing(request, campaign, organisation)
    form = forms.filled([("revision", str((await at.manuscript()).revision))])
    return await _part_form(request, at, None, form)


@post(f"{ADDRESS}/new", opt=WRITE, include_in_schema=False)
async def part_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Add the part."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    title, text = form.text("title", required=True), cleaned(form.value("text"))
    check = checking(await figures_of(at.page.campaign, at.page.plugins))
    try:
        if form.ok:
            seen = seen_revision(form)
            key = await manuscript_changes.add(
                at.page.actor, at.desk, seen, title, text, check=check
            )
            return pages.see_other(
                request, f"{at.href(MANUSCRIPT)}#part-{key}", f"已增加“{title}”。"
            )
    except Refusal as refusal:
        form.absorb(refusal)
        return await _part_form(request, at, None, form, status_of(refusal))
    return await _part_form(request, at, None, form, 422)


@get(f"{ADDRESS}/parts/{{key:str}}", opt=WRITE, include_in_schema=False)
async def part_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Show the form for a part."""
    at = await writing(request, campaign, organisation)
    manuscript = await at.manuscript()
    part = manuscripts.find_part(at.desk, manuscript, key)
    filled = [
        ("title", part.title),
        ("text", part.text),
        ("hidden", "true" if part.hidden else ""),
        ("revision", str(manuscript.revision)),
    ]
    return await _part_form(request, at, part, forms.filled(filled))


@post(f"{ADDRESS}/parts/{{key:str}}", opt=WRITE, include_in_schema=False)
async def part_write(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Take what was written. A text over which somebody else has written stays in the form."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    title, hidden = form.text("title"), form.flag("hidden")
    part = Part(key, title, cleaned(form.value("text")), hidden)
    check = checking(await figures_of(at.page.campaign, at.page.plugins))
    manuscripts.find_part(at.desk, await at.manuscript(), key)
    try:
        if form.ok:
            seen = seen_revision(form)
            await manuscript_changes.write(at.page.actor, at.desk, seen, part, check=check)
            said = f"已保存“{manuscripts.title_of(at.desk, part)}”。"
            return pages.see_other(request, f"{at.href(MANUSCRIPT)}#part-{key}", said)
    except Refusal as refusal:
        form.absorb(refusal)
        return await _part_form(request, at, part, form, status_of(refusal))
    return await _part_form(request, at, part, form, 422)


@get(f"{ADDRESS}/parts/{{key:str}}/delete", opt=WRITE, include_in_schema=False)
async def part_removal(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Ask before a part that the author has added is gone."""
    at = await writing(request, campaign, organisation)
    manuscript = await at.manuscript()
    part = manuscripts.find_part(at.desk, manuscript, key)
    if not part.is_free:
        raise NotFound
    return at.page.render(
        request,
        "api/recap_part_delete.html",
        part=part,
        action=at.href(part_rest(key, "/delete")),
        back=at.href(part_rest(key)),
        revision=manuscript.revision,
    )


@post(f"{ADDRESS}/parts/{{key:str}}/delete", opt=WRITE, include_in_schema=False)
async def part_remove(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Take the part away."""
    at, form = await writing(request, campaign, organisation), await forms.read(request)
    try:
        await manuscript_changes.remove(at.page.actor, at.desk, seen_revision(form), key)
    except Refusal as refusal:
        return pages.see_other(request, at.href(MANUSCRIPT), f"没有删除：{refusal}。", "bad")
    return pages.see_other(request, at.href(MANUSCRIPT), "已删除这一部分。")


async def _part_form(
    request: Request[Any, Any, Any],
    at: Writing,
    part: Part | None,
    form: forms.Form,
    status: int = 200,
) -> Response[Any]:
    """The form of a part. After a conflict it goes on from what stands there now, in sight."""
    manuscript = await at.manuscript()
    stored = {each.key: each for each in manuscript.parts}.get(part.key) if part else None
    standard = parts.STANDARD.get(part.key) if part else None
    metrics = await figures_of(at.page.campaign, at.page.plugins)
    labels = [metric.label for metric in metrics.values()]
    named = [
        {"label": each.label, "name": each.label if labels.count(each.label) == 1 else each.key}
        for each in metrics.values()
    ]
    return at.page.render(
        request,
        "api/recap_part.html",
        office=at.view.name,
        status=status,
        form=form,
        labels=LABELS,
        part=part,
        stored=stored if status == 409 else None,
        revision=manuscript.revision if status == 409 else form.value("revision"),
        usual_title=parts.usual_title(part.key, at.desk.children) if part else "",
        hint=standard.hint if standard else "",
        written=part is None or part.is_written,
        figures=named,
        longest_title=LONGEST_TITLE,
        longest_text=LONGEST_TEXT,
        action=at.href(part_rest(part.key) if part else f"{MANUSCRIPT}/new"),
        back=f"{at.href(MANUSCRIPT)}#part-{part.key}" if part else at.href(MANUSCRIPT),
        delete_href=at.href(part_rest(part.key, "/delete")) if part and part.is_free else "",
    )


ROUTES = [part_new, part_add, part_page, part_write, part_removal, part_remove]
