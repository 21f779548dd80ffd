"""The register of certificates: what offices have issued, withdrawing, and who answers there."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages, paging
from api.kit.campaign_offices import campaign_offices
from api.kit.problems import NotFound
from api.kit.records.visits import Visit, visit
from core import privacy
from core.refusals import Missing, Refusal
from plugins.volunteer.certificates import issuers, register
from plugins.volunteer.certificates.content import ERASED
from plugins.volunteer.certificates.issuers import CERTIFY
from plugins.volunteer.certificates.register import Certificate
from plugins.volunteer.pages import HOME, READING
from plugins.volunteer.records import VOLUNTEERS
from plugins.volunteer.rules import duration_text

PAGE = f"{HOME}/certificates"
ISSUERS = f"{HOME}/issuers"
CERTIFYING: dict[str, Any] = {"opt": {"permission": CERTIFY}, "include_in_schema": False}
LABELS = {"number": "证明编号", "reason": "原因"}


def _line(each: Certificate) -> dict[str, Any]:
    name = each.content.name if each.content else ""
    return {
        "number": each.number,
        "name": name if name == ERASED else privacy.mask_name(name),
        "volunteer": each.content.volunteer if each.content else "",
        "hours": duration_text(each.minutes),
        "issued_at": each.issued_at,
        "office": each.office,
        "valid": each.is_valid,
        "why_not": each.why_not,
        "withdraw": f"?number={quote(each.number, safe='')}#withdraw",
    }


async def _page(
    request: Request[Any, Any, Any],
    here: Visit,
    form: forms.Form,
    cursor: str = "",
) -> Response[Any]:
    actor, campaign, limit = here.work.actor, here.work.campaign, paging.USUAL_PAGE
    place = paging.decode(cursor, (int,))
    found = await register.of_offices(
        actor, campaign.id, before=place[0] if place else None, limit=limit + 1
    )
    rows, following = paging.cut(found, limit, lambda each: (each.id,))
    href = f"{here.page.href}/volunteer/certificates"
    return here.page.render(
        request,
        "volunteer/certificates/register.html",
        status=200 if form.ok else 422,
        siblings=[(link, link.href == href) for link in here.siblings],
        href=href,
        form=form,
        labels=LABELS,
        certificates=[_line(each) for each in rows],
        issuers=await issuers.listed(actor, campaign),
        may_certify=here.page.reach.may(CERTIFY),
        issuers_href=f"{here.page.href}/volunteer/issuers",
        first_href=href if cursor else "",
        next_href=f"{href}?cursor={following}" if following else "",
    )


@get(PAGE, **READING)
async def certificates(
    request: Request[Any, Any, Any], campaign: FromPath[str], cursor: paging.CursorText = ""
) -> Response[Any]:
    """List what the campaign's offices have issued."""
    here = await visit(request, campaign, VOLUNTEERS)
    number = request.query_params.get("number", "")
    return await _page(request, here, forms.filled([("number", number)]), cursor)


@post(f"{PAGE}/withdrawals", **CERTIFYING)
async def certificate_withdraw(
    request: Request[Any, Any, Any], campaign: FromPath[str]
) -> Response[Any]:
    """Withdraw a certificate; the reason is shown to whoever verifies it."""
    here = await visit(request, campaign, VOLUNTEERS)
    _require_certifying(here)
    form = await forms.read(request)
    number = form.text("number", required=True)
    reason = form.text("reason", required=True, longest=register.LONGEST_REASON)
    if form.ok:
        try:
            await register.withdraw(here.work.actor, number, reason)
        except Missing as missing:
            form.fail("number", str(missing))
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            href = f"{here.page.href}/volunteer/certificates"
            return pages.see_other(request, href, f"证明{number}已撤回。")
    return await _page(request, here, form)


async def _issuer_page(
    request: Request[Any, Any, Any], here: Visit, form: forms.Form
) -> Response[Any]:
    return here.page.render(
        request,
        "volunteer/certificates/issuer.html",
        status=200 if form.ok else 422,
        form=form,
        labels={"organisation": "单位", **issuers.MEMBERS},
        offices=await campaign_offices(here.work.actor, here.work.campaign, CERTIFY),
        back=f"{here.page.href}/volunteer/certificates",
        action=f"{here.page.href}/volunteer/issuers",
    )


@get(ISSUERS, **CERTIFYING)
async def issuer_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Show who answers for an office's certificates: the asker's topmost, or the one asked for."""
    here = await visit(request, campaign, VOLUNTEERS)
    topmost = (await here.page.view(CERTIFY)).scope.organisation
    asked = request.query_params.get("organisation", "") or topmost
    issuer = await issuers.find(here.work.actor, here.work.campaign, asked)
    values = [(name, getattr(issuer, name)) for name in ("organisation", *issuers.MEMBERS)]
    return await _issuer_page(request, here, forms.filled(values))


@post(ISSUERS, **CERTIFYING)
async def issuer_tell(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Note who answers for an office's certificates from now on."""
    here = await visit(request, campaign, VOLUNTEERS)
    _require_certifying(here)
    form = await forms.read(request)
    organisation = form.key("organisation", required=True)
    told = {
        name: form.text(name, required=True, longest=issuers.LONGEST) for name in issuers.MEMBERS
    }
    if form.ok and organisation:
        try:
            issuer = await issuers.find(here.work.actor, here.work.campaign, organisation)
        except Missing as missing:
            form.fail("organisation", str(missing))
        else:
            await issuers.tell(here.work.actor, issuer, told)
            href = f"{here.page.href}/volunteer/certificates"
            return pages.see_other(request, href, f"已保存，{issuer.name}以后出具的证明都这样印。")
    return await _issuer_page(request, here, form)


def _require_certifying(here: Visit) -> None:
    """Raise NotFound unless the asker answers for certificates somewhere in the campaign."""
    if not here.page.reach.may(CERTIFY):
        raise NotFound


PAGES: list[Any] = [
    certificates,
    certificate_withdraw,
    issuer_page,
    issuer_tell,
]
