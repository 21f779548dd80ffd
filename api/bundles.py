"""Campaign bundles: bringing a whole campaign in from a file, and taking one out."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from api.kit import forms, large, pages
from api.kit.campaign_pages import campaign_context, campaign_href, catalogue_of, process_of
from api.kit.conditional import is_unchanged, tagged
from api.kit.guards import current_actor
from api.kit.idempotency import create_once
from core import allocator, audit, bundle_access, bundles, campaigns, database
from core.campaigns import Campaign
from core.permissions import Actor
from core.plugins import Plugins
from core.refusals import Fault, Refusal

IMPORT = {"permission": bundle_access.IMPORT, **large.BODY}
EXPORT = {"permission": bundle_access.EXPORT, **large.ANSWER}
ADDRESS = "/import-campaign"
MOST_SHOWN = 100
TAGS = ["bundles"]


class Imported(msgspec.Struct):
    """The campaign that was imported."""

    campaign: str


async def _import(request: Request[Any, Any, Any], data: bytes, *, replace: bool) -> str:
    """Import a bundle if the asker may; gives the campaign's key. Raises Refusal."""
    actor = current_actor(request)

    async def permit(bundle: Mapping[str, Any]) -> None:
        await bundle_access.require_import(actor, bundle, replace=replace)

    plugins, catalogue = process_of(request).plugins, await catalogue_of(request)
    document = [bundles.read_document(data)]  # taken out again: it is large, and not kept
    try:
        return await bundles.import_document(document.pop(), plugins, catalogue, actor, permit)
    finally:
        if len(data) > allocator.LARGE:
            allocator.give_back()


def _page(
    request: Request[Any, Any, Any], form: forms.Form, faults: tuple[Fault, ...] = ()
) -> Response[Any]:
    return pages.render(
        request,
        "api/bundle_import.html",
        status=200 if form.ok and not faults else 422,
        form=form,
        faults=faults[:MOST_SHOWN],
        fault_count=len(faults),
    )


@get(ADDRESS, opt=IMPORT, include_in_schema=False)
async def import_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show where to choose the file."""
    return _page(request, forms.Form())


@post(ADDRESS, opt=IMPORT, include_in_schema=False)
async def import_file(request: Request[Any, Any, Any]) -> Response[Any]:
    """Import all of the file, or show everything that is wrong with it."""
    form = await forms.read(request)
    upload = form.file("file", endings=(".json",))
    if upload is None or not form.ok:
        return _page(request, form)
    try:
        key = await _import(request, upload.data, replace=form.flag("replace"))
    except Refusal as refusal:
        if refusal.code == "exists":
            sentence = "这次活动已经在库里。要用文件里的内容替换它，请勾选这一项，再选一次文件"
            form.fail("replace", sentence)
            return _page(request, form)
        return _page(request, form, refusal.faults)
    return pages.see_other(request, campaign_href(key), f"已导入“{upload.name}”。")


@post("/api/v1/bundles", opt={**IMPORT, "limit": "upload"}, tags=TAGS)
async def bundle_add(
    request: Request[Any, Any, Any], replace: FromQuery[bool] = False
) -> Response[Imported]:
    """Import a campaign bundle, the body, all or nothing.

    A campaign that exists is replaced with ``?replace=true`` only.
    """
    data = await request.body()

    async def work() -> Imported:
        return Imported(await _import(request, data, replace=replace))

    return await create_once(
        request,
        work,
        location=lambda made: f"/api/v1/campaigns/{quote(made['campaign'], safe='')}",
    )


async def _export(actor: Actor, campaign: Campaign, plugins: Plugins) -> list[bytes]:
    """The campaign as a bundle, in pieces.

    That it was taken out, with every name in it, stands in the log.
    """
    await bundle_access.require_export(actor, campaign)
    async with database.reporting(campaign.id, campaign.changes), database.snapshot():
        exported = await bundles.export_pieces(campaign.key, plugins)
    async with database.transaction():
        await audit.record(
            actor,
            "campaign.exported",
            "campaign",
            campaign.key,
            organisation=campaign.organisation_id,
            campaign=campaign.key,
        )
    return exported


def _sent(
    request: Request[Any, Any, Any], exported: list[bytes], headers: Mapping[str, str]
) -> Response[Any]:
    """The answer: each piece is let go once it is sent, or nothing where the asker has them all."""
    length, digest = sum(map(len, exported)), hashlib.sha256()
    for piece in exported:
        digest.update(piece)
    known = {"ETag": tagged(digest), "Cache-Control": "private, no-cache"}
    if is_unchanged(request.headers, known["ETag"], None):
        return Response(b"", status_code=304, headers=known)

    async def pieces() -> AsyncIterator[bytes]:
        exported.reverse()
        while exported:
            yield exported.pop()
        if length > allocator.LARGE:
            allocator.give_back()

    all_headers = {**headers, **known, "Content-Length": str(length)}
    return Stream(pieces(), media_type="application/json", headers=all_headers)


@get("/campaigns/{campaign:str}/bundle.json", opt=EXPORT, include_in_schema=False)
async def bundle_file(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """The campaign as a file to hand over or keep."""
    page = await campaign_context(request, campaign)
    exported = await _export(page.actor, page.campaign, page.plugins)
    name = quote(f"{page.campaign.key}.json", safe="")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return _sent(request, exported, headers)


@get("/api/v1/campaigns/{campaign:str}/bundle", opt=EXPORT, tags=TAGS)
async def bundle_item(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Give the campaign as a bundle, in canonical bytes. Each time is noted in the log."""
    found = await campaigns.find(campaign)
    exported = await _export(current_actor(request), found, process_of(request).plugins)
    return _sent(request, exported, {})


ROUTES = [import_form, import_file, bundle_add, bundle_file, bundle_item]
