"""Pages of handing in: an office's versions, handing in a new one, and each of them."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from api.figure_views import figure_href, office_options
from api.kit import forms, large, pages
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.filters import moment
from api.recap.links import photo_link, recap_links
from api.recap.standing import (
    VERSIONS,
    children_href,
    stand_shown,
    verify_href,
    version_row,
    versions_href,
)
from core import permissions, reports
from core.campaign_access import View
from core.recap import build
from core.recap.drawing import apart
from core.recap.formats import html
from core.recap.life import children, codes, handing_in, versions
from core.recap.life.handing_in import FREEZE, REVIEW, WRITE
from core.recap.life.standing import Stand, stand
from core.recap.life.versions import Version
from core.recap.making.files import charts_of
from core.recap.manuscript import photos
from core.recap.sections.comparison import compared
from core.refusals import Conflict, Refusal

VIEW = {"permission": "recap.view"}
STYLES = "/recap.css"
DECISIONS = {"accepted": "接受", "returned": "退回"}
COLUMNS = (
    {"key": "number", "label": "版次"},
    {"key": "state", "label": "状态"},
    {"key": "submitted", "label": "报送"},
    {"key": "decided", "label": "审核"},
    {"key": "frozen", "label": "定稿"},
)


async def _list(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    view: View,
    form: forms.Form,
    status: int = 200,
) -> Response[Any]:
    scope, campaign = view.scope, page.campaign
    report = await reports.read(campaign, scope.organisation, page.plugins, page.catalogue)
    all_of = await versions.listed(scope.campaign_id, scope.organisation_id)
    newest = versions.newest(all_of)
    count, first = await children.unsettled(scope)
    turn = newest is None or newest.state not in versions.OPEN
    writes = await permissions.may(page.actor, WRITE, scope.organisation_id)
    return page.render(
        request,
        "api/recap_versions.html",
        status=status,
        view=view,
        form=form,
        links=recap_links(page, scope.organisation, VERSIONS),
        offices=office_options(view),
        columns=COLUMNS,
        rows=[version_row(page, scope.organisation, each) for each in all_of],
        newest=newest,
        newest_href=versions_href(page, scope.organisation, newest.number) if newest else "",
        action=versions_href(page, scope.organisation),
        may_submit=writes and turn and campaign.state not in {"draft", "archived"},
        next_number=newest.number + 1 if newest else 1,
        correcting=newest is not None and newest.state == "frozen",
        findings=[finding.message for finding in report.findings],
        failed=report.failed,
        unsettled=children.unsettled_words(count, first) if count else "",
        has_below=bool(view.below),
        children_href=children_href(page, scope.organisation),
    )


@get("/campaigns/{campaign:str}/recap/versions", opt=VIEW, include_in_schema=False)
async def versions_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """The versions of an office's recap, and handing in the next."""
    page = await campaign_context(request, campaign, "recap.view")
    view = await page.view("recap.view", organisation)
    return await _list(request, page, view, forms.Form())


@post(
    "/campaigns/{campaign:str}/recap/versions",
    opt={"permission": WRITE, **large.ANSWER},
    include_in_schema=False,
)
async def version_submit(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Hand in the recap as it is now."""
    page = await campaign_context(request, campaign, WRITE)
    view, form = await page.view(WRITE, organisation), await forms.read(request)
    unaccepted, correction = form.text("unaccepted"), form.text("correction")
    office, status, number = view.scope.organisation, 422, 0
    if form.ok:
        report = await reports.read(page.campaign, office, page.plugins, page.catalogue)
        last = await compared(report, page.plugins, page.catalogue)
        document = await build.document_beside(report, page.plugins, page.catalogue, last)
        try:
            number = await handing_in.submit(
                page.actor, report, document, page.catalogue,
                last=last, unaccepted=unaccepted, correction=correction,
            )  # fmt: skip
        except Refusal as refusal:
            form.absorb(refusal)
            status = 409 if isinstance(refusal, Conflict) else 422
    if not form.ok:
        return await _list(request, page, view, form, status)
    said = f"第{number}版已报送，等待审核。"
    return pages.see_other(request, versions_href(page, office, number), said)


async def _stand(page: CampaignPage, view: View, version: Version) -> Stand | None:
    """How the recap of now differs from this version, where it is the one that counts."""
    scope = view.scope
    all_of = await versions.listed(scope.campaign_id, scope.organisation_id)
    counting = versions.valid(all_of) or all_of[0]
    if version.number != counting.number or version.state == "returned":
        return None
    report = await reports.read(page.campaign, scope.organisation, page.plugins, page.catalogue)
    document = await build.document(report, page.plugins, page.catalogue)
    return await stand(report, document, version)


async def _article(page: CampaignPage, version: Version) -> Markup | None:
    """The recap as it was handed in; None when the stored text is no longer that."""
    if not version.is_whole:
        return None
    opens, document = page.reach.may("figure.view"), version.document()
    shown = photo_link(page, document.organisation, await photos.there(document))
    drawings = await apart.drawn(charts_of(document.sections))
    text = await asyncio.to_thread(
        html.render_body,
        document,
        lambda metric, office: figure_href(page, metric, office) if opens else "",
        shown,
        drawings,
    )
    return Markup(text)  # noqa: S704 - nothing but what our own templates have escaped


def _details(version: Version) -> list[dict[str, Any]]:
    """What is to be said of a version besides what it says."""
    pairs = [
        ("状态", version.status),
        ("报送", f"{moment(version.submitted_at, year=True)}，{version.submitted_name}"),
        ("更正的原因", version.correction if version.is_whole else ""),
        ("下级没有全部接受时报送的原因", version.unaccepted),
        (
            "退回" if version.state == "returned" else "接受",
            f"{moment(version.decided_at, year=True)}，{version.decided_name}"
            if version.decided_by
            else "",
        ),
        ("审核意见", version.reason),
        (
            "定稿",
            f"{moment(version.frozen_at, year=True)}，{version.frozen_name}"
            if version.frozen_by
            else "",
        ),
    ]
    return [
        *({"term": term, "text": text} for term, text in pairs if text),
        {"term": "核验码", "text": codes.grouped(version.code), "href": verify_href(version.code)},
        {"term": "校验值（SHA-256）", "text": version.sha256},
    ]


async def _one(
    request: Request[Any, Any, Any],
    page: CampaignPage,
    view: View,
    number: int,
    refused: tuple[forms.Form, int] | None = None,
) -> Response[Any]:
    form, status = refused or (forms.Form(), 200)
    office = view.scope.organisation
    version = await versions.find(view.scope.campaign_id, view.scope.organisation_id, number)
    held = await _stand(page, view, version)
    freezes = version.state == "accepted" and await permissions.may(
        page.actor, FREEZE, version.organisation
    )
    return page.render(
        request,
        "api/recap_version.html",
        status=status,
        view=view,
        form=form,
        handed_in=version,
        links=recap_links(page, office, VERSIONS),
        body=await _article(page, version),
        styles=STYLES,
        details=_details(version),
        stand=stand_shown(page, office, held) if held else None,
        reviews=await handing_in.may_review(page.actor, version),
        decisions=[{"value": key, "label": label} for key, label in DECISIONS.items()],
        freezes=freezes and version.is_whole,
        decision_action=versions_href(page, office, number, "/decision"),
        freeze_action=versions_href(page, office, number, "/freeze"),
        list_href=versions_href(page, office),
    )


@get("/campaigns/{campaign:str}/recap/versions/{number:int}", opt=VIEW, include_in_schema=False)
async def version_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """One version as it was handed in, what became of it, and what has changed since."""
    page = await campaign_context(request, campaign, "recap.view")
    view = await page.view("recap.view", organisation)
    return await _one(request, page, view, number)


@post(
    "/campaigns/{campaign:str}/recap/versions/{number:int}/decision",
    opt={"permission": REVIEW},
    include_in_schema=False,
)
async def version_decide(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Accept a version or give it back."""
    page = await campaign_context(request, campaign, REVIEW)
    view, form = await page.view(REVIEW, organisation), await forms.read(request)
    version = await versions.find(view.scope.campaign_id, view.scope.organisation_id, number)
    await handing_in.require_reviewer(page.actor, version)
    decision = form.choice("decision", DECISIONS, required=True)
    reason, status = form.text("reason"), 422
    if form.ok:
        try:
            await handing_in.decide(
                page.actor, page.campaign, version,
                "accepted" if decision == "accepted" else "returned", reason,
            )  # fmt: skip
        except Refusal as refusal:
            form.absorb(refusal)
            status = 409 if isinstance(refusal, Conflict) else 422
    if not form.ok:
        return await _one(request, page, view, number, (form, status))
    said = f"已{DECISIONS[decision or 'returned']}第{number}版。"
    return pages.see_other(request, versions_href(page, view.scope.organisation, number), said)


@post(
    "/campaigns/{campaign:str}/recap/versions/{number:int}/freeze",
    opt={"permission": FREEZE},
    include_in_schema=False,
)
async def version_freeze(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    number: FromPath[int],
    organisation: FromQuery[str] = "",
) -> Response[Any]:
    """Make an accepted version final."""
    page = await campaign_context(request, campaign, FREEZE)
    view = await page.view(FREEZE, organisation)
    scope = view.scope
    address = versions_href(page, scope.organisation, number)
    try:
        await handing_in.freeze(page.actor, page.campaign, scope.organisation_id, number)
    except Refusal as refusal:
        return pages.see_other(request, address, f"{refusal}。", "bad")
    return pages.see_other(request, address, f"第{number}版已定稿。以后的更正会成为新的一版。")


ROUTES = [versions_page, version_submit, version_page, version_decide, version_freeze]
