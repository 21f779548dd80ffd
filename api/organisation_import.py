"""Many offices at once: a template to fill in, a preview that writes nothing, and the import."""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post

from api.kit import forms, large, pages
from api.kit.guards import current_actor
from api.kit.problems import Problem
from api.organisations import XLSX
from core import office_import
from core.spreadsheets import Sheet, read, template

MANAGE = {"permission": "organisation.manage"}
READING = {**MANAGE, **large.ANSWER}
ENDINGS = (".xlsx", ".csv")
LARGEST = 1_000_000
SHOWN = 50
ADDRESS = "/import-organisations"
TITLE = "机构"


@get(f"{ADDRESS}/template.xlsx", opt=READING, include_in_schema=False)
async def import_template() -> Response[bytes]:
    """The spreadsheet to fill in."""
    data = await asyncio.to_thread(template, TITLE, office_import.COLUMNS, office_import.NOTES)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote('机构导入表')}.xlsx"}
    return Response(data, media_type=XLSX, headers=headers)


def _upload_page(
    request: Request[Any, Any, Any], form: forms.Form, status: int = 200
) -> Response[Any]:
    return pages.render(request, "api/organisation_import.html", status=status, form=form)


@get(ADDRESS, opt=MANAGE, include_in_schema=False)
async def import_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show where to choose the file."""
    return _upload_page(request, forms.Form())


async def _sheet(data: bytes, name: str) -> Sheet:
    return await asyncio.to_thread(read, data, name, office_import.COLUMNS)


def _preview_page(
    request: Request[Any, Any, Any],
    upload: forms.Upload,
    sheet: Sheet,
    checked: office_import.Checked,
) -> Response[Any]:
    """What the file would do. It travels on in the page itself: it names offices, no people."""
    faulty = {error.row for error in checked.errors}
    # The rows with something to mend first; without any, the first rows.
    shown = [row for row in sheet.rows if row.number in faulty] or checked.new
    return pages.render(
        request,
        "api/organisation_preview.html",
        status=422 if checked.errors else 200,
        upload=upload,
        content=base64.urlsafe_b64encode(upload.data).decode(),
        columns=office_import.COLUMNS,
        rows=shown[:SHOWN],
        errors=checked.errors[:SHOWN],
        error_count=len(checked.errors),
        new_count=len(checked.new),
        unchanged=checked.unchanged,
        row_count=len(sheet.rows),
    )


@post(ADDRESS, opt=READING, include_in_schema=False)
async def import_preview(request: Request[Any, Any, Any]) -> Response[Any]:
    """Read the file and show what it would do, or every fault at its cell."""
    form = await forms.read(request)
    upload = form.file("file", endings=ENDINGS)
    if upload is not None and len(upload.data) > LARGEST:
        form.fail("file", "文件超过 1 MB，请分成几个文件")
    if upload is None or not form.ok:
        return _upload_page(request, form, 422)
    sheet = await _sheet(upload.data, upload.name)
    checked = await office_import.check(current_actor(request), sheet)
    return _preview_page(request, upload, sheet, checked)


@post(f"{ADDRESS}/confirm", opt=READING, include_in_schema=False)
async def import_confirm(request: Request[Any, Any, Any]) -> Response[Any]:
    """Write all of it, or show what has come to stand against it since the preview."""
    form = await forms.read(request)
    try:
        data = base64.b64decode(form.value("content"), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise Problem(422) from error
    upload = forms.Upload(form.value("filename"), data)
    sheet = await _sheet(upload.data, upload.name)
    try:
        checked = await office_import.write(current_actor(request), sheet)
    except office_import.NotImportedError as refusal:
        return _preview_page(request, upload, sheet, refusal.checked)
    return pages.see_other(request, "/organisations", f"已导入{len(checked.new)}个机构。")


ROUTES = [import_template, import_form, import_preview, import_confirm]
