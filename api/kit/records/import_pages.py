"""The pages of an import: template, upload, preview, and the writing of all rows or none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, large, pages
from api.kit.filters import number
from api.kit.records import sheets
from api.kit.records.list_pages import file
from api.kit.records.resource import Resource
from api.kit.records.sheets import Intake, Review
from api.kit.records.visits import Visit, visit
from core import database, spreadsheets, uploads
from core.refusals import Conflict, Missing, Refusal
from core.spreadsheets import Column, Sheet
from core.spreadsheets.template import KIND_HINTS

ENDINGS = (".xlsx", ".csv")
SHOWN_ROWS = 20
SHOWN_ERRORS = 300


def guide(columns: Sequence[Column]) -> list[dict[str, str]]:
    """How each column is filled in, as rows of a table."""
    rows = []
    for column in columns:
        how = column.hint or KIND_HINTS[column.kind]
        if column.choices:
            how = "、".join(column.choices) + (f"；{column.hint}" if column.hint else "")
        required = "必填" if column.required else "可以空着"
        label, example = column.label, column.example
        rows.append({"label": label, "required": required, "hint": how, "example": example})
    return rows


async def _upload_page(
    request: Request[Any, Any, Any],
    here: Visit,
    intake: Intake,
    form: forms.Form,
    status: int = 200,
) -> Response[Any]:
    return here.page.render(
        request,
        "api/records/import.html",
        status=status,
        visit=here,
        resource=here.resource,
        form=form,
        guide=guide(intake.columns(here.preset)),
        action=f"{here.base}/import{here.query}",
        template_href=f"{here.base}/template.xlsx{here.query}",
    )


async def _template(here: Visit, intake: Intake) -> Response[bytes]:
    columns, resource = intake.columns(here.preset), here.resource
    data = await asyncio.to_thread(spreadsheets.template, resource.title, columns, resource.notes)
    return file(f"{resource.title} 模板.xlsx", data)


async def _receive(request: Request[Any, Any, Any], here: Visit, intake: Intake) -> Response[Any]:
    here.require_writing()
    form = await forms.read(request)
    upload = form.file("file", endings=ENDINGS)
    if upload is None:
        return await _upload_page(request, here, intake, form, 422)
    token = await uploads.keep(
        here.work.actor,
        here.work.campaign.id,
        here.resource.purpose,
        filename=upload.name,
        data=upload.data,
        parameters=here.preset,
    )
    return pages.see_other(request, f"{here.base}/import/{token}{here.query}")


async def _waiting(here: Visit, intake: Intake, token: str) -> tuple[str, Sheet]:
    """The file that was uploaded, and what it holds. Raises Missing."""
    work = here.work
    upload = await uploads.find(work.actor, work.campaign.id, here.resource.purpose, token)
    if dict(upload.parameters) != dict(here.preset):
        raise Missing("这个文件是为别的内容上传的，请重新上传")
    columns = [*intake.columns(here.preset), *intake.passed_over(here.preset)]
    return upload.filename, await sheets.read(upload.data, upload.filename, columns)


def shown_rows(review: Review) -> list[Any]:
    """The rows that a preview shows: those with errors, or the first ones."""
    wrong = {error.row for error in review.errors}
    chosen = [row for row in review.rows if row.number in wrong] if wrong else review.rows
    return list(chosen[:SHOWN_ROWS])


async def _preview_page(
    request: Request[Any, Any, Any],
    here: Visit,
    intake: Intake,
    token: str,
    *,
    found: tuple[str, Review],
    status: int = 200,
) -> Response[Any]:
    filename, review = found
    return here.page.render(
        request,
        "api/records/preview.html",
        status=status,
        visit=here,
        resource=here.resource,
        filename=filename,
        review=review,
        columns=intake.columns(here.preset),
        done=effect(here.resource, review),
        rows=shown_rows(review),
        errors=list(review.errors[:SHOWN_ERRORS]),
        more_errors=max(0, len(review.errors) - SHOWN_ERRORS),
        action=f"{here.base}/import/{token}{here.query}",
        again_href=f"{here.base}/import{here.query}",
    )


async def _confirm(
    request: Request[Any, Any, Any], here: Visit, intake: Intake, token: str
) -> Response[Any]:
    filename, sheet = await _waiting(here, intake, token)
    try:
        async with database.transaction():
            await database.allow_long()
            # Of two clicks one imports: the other finds the file gone.
            if not await uploads.forget(token):
                raise Missing("这个文件已经导入过")
            review = await intake.write(here.work, sheet, here.preset, filename)
    except Conflict:
        raise
    except Refusal:
        found = (filename, await intake.review(here.work, sheet, here.preset))
        return await _preview_page(request, here, intake, token, found=found, status=422)
    return pages.see_other(request, here.back, f"已导入：{effect(here.resource, review)}。")


def effect(resource: Resource, review: Review) -> str:
    """What an import does: 新增3条，更新2条."""
    parts = [("新增", review.added), ("更新", review.changed)]
    said = [f"{word}{number(count)}{resource.counter}" for word, count in parts if count]
    return "，".join(said) or f"新增0{resource.counter}"


def import_routes(intake: Intake) -> list[Any]:
    """Handlers of the template, the upload, the preview and the import."""
    resource = intake.resource
    path = f"/campaigns/{{campaign:str}}/{resource.plugin}/{resource.key}"
    editing: dict[str, Any] = {"opt": {"permission": resource.edit}, "include_in_schema": False}
    receiving = editing | {"opt": editing["opt"] | large.BODY}
    reading = editing | {"opt": editing["opt"] | large.ANSWER}

    @get(f"{path}/template.xlsx", **reading)
    async def template(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[bytes]:
        """Give the file to fill in."""
        return await _template(await visit(request, campaign, resource), intake)

    @get(f"{path}/import", **editing)
    async def ask(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
        """Ask for the file."""
        here = await visit(request, campaign, resource)
        here.require_writing()
        return await _upload_page(request, here, intake, forms.Form())

    @post(f"{path}/import", **receiving)
    async def receive(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
        """Keep the file for its preview."""
        return await _receive(request, await visit(request, campaign, resource), intake)

    @get(f"{path}/import/{{token:str}}", **reading)
    async def preview(
        request: Request[Any, Any, Any], campaign: FromPath[str], token: FromPath[str]
    ) -> Response[Any]:
        """Show what the file holds, with every error; write nothing."""
        here = await visit(request, campaign, resource)
        filename, sheet = await _waiting(here, intake, token)
        review = await intake.review(here.work, sheet, here.preset)
        return await _preview_page(request, here, intake, token, found=(filename, review))

    @post(f"{path}/import/{{token:str}}", **reading)
    async def confirm(
        request: Request[Any, Any, Any], campaign: FromPath[str], token: FromPath[str]
    ) -> Response[Any]:
        """Write all rows, or none."""
        return await _confirm(request, await visit(request, campaign, resource), intake, token)

    return [template, ask, receive, preview, confirm]
