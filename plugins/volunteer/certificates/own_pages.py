"""A volunteer gets his certificate, without asking anybody."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, large, pages
from api.kit.campaign_pages import catalogue_of
from api.kit.guards import current_actor
from core import moments
from core.recap.life import codes
from core.refusals import Missing, Refusal
from plugins.volunteer.certificates import issuing, paper, register
from plugins.volunteer.certificates.register import Certificate
from plugins.volunteer.certificates.served import served
from plugins.volunteer.rules import duration_text
from plugins.volunteer.self_service.own import (
    HOME,
    OWN,
    own_profile,
    render,
    site_of,
    without_profile,
)
from plugins.volunteer.signing_up.profiles import Profile

PAGE = f"{HOME}/certificate"
PERIODS = {"all": "全部服务", "year": "今年", "own": "自己选日期"}
LABELS = {"period": "哪段时间", "since": "从哪一天", "until": "到哪一天"}


def shown(each: Certificate) -> dict[str, Any]:
    """A certificate as lists show it."""
    return {
        "number": each.number,
        "code": codes.grouped(each.code),
        "hours": duration_text(each.minutes),
        "issued_at": each.issued_at,
        "office": each.office,
        "first": each.content and date.fromisoformat(each.content.first),
        "last": each.content and date.fromisoformat(each.content.last),
        "valid": each.is_valid,
        "why_not": each.why_not,
        "file": f"{HOME}/certificates/{each.code}/file",
        "verify": f"/volunteer/certificates/{codes.grouped(each.code)}",
    }


async def _page(
    request: Request[Any, Any, Any], profile: Profile, form: forms.Form | None = None
) -> Response[Any]:
    standing = await register.of_profile(profile.id)
    return render(
        request,
        "volunteer/certificates/own.html",
        "/certificate",
        status=200 if form is None or form.ok else 422,
        form=form or forms.filled([("period", "all")]),
        labels=LABELS,
        periods=[{"value": code, "label": label} for code, label in PERIODS.items()],
        certificates=[shown(each) for each in standing],
        fallen=[each.number for each in standing if each.why_not == register.RECORDS_CHANGED],
        may_issue=bool(await served(profile.id)),
    )


def _period(form: forms.Form) -> tuple[date | None, date | None]:
    """From which day to which a form asks; its faults are noted in it."""
    period = form.choice("period", PERIODS, required=True)
    if period == "year":
        return date(moments.today().year, 1, 1), None
    if period == "own":
        return form.day("since", required=True), form.day("until", required=True)
    return None, None


@get(PAGE, **OWN)
async def my_certificates(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show the certificates, and the form for a new one."""
    profile = await own_profile(request)
    return await _page(request, profile) if profile else without_profile()


@post(PAGE, **OWN)
async def my_certificate_issue(request: Request[Any, Any, Any]) -> Response[Any]:
    """Issue a certificate of a period."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    form = await forms.read(request)
    since, until = _period(form)
    if form.ok:
        catalogue = await catalogue_of(request)
        try:
            made = await issuing.issue(
                current_actor(request), profile, catalogue, since=since, until=until
            )
        except Refusal as refusal:
            form.absorb(refusal)
        else:
            said = f"证明已开好，编号{made.number}，请点“下载证明”。"
            return pages.see_other(request, PAGE, said)
    return await _page(request, profile, form)


@get(f"{HOME}/certificates/{{code:str}}/file", **OWN | {"opt": OWN["opt"] | large.ANSWER})
async def my_certificate_file(
    request: Request[Any, Any, Any], code: FromPath[str]
) -> Response[Any]:
    """Give a certificate of one's own as PDF, as often as wanted, while it is valid."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    found = await register.of_code(code)
    if found is None or found.profile != profile.id:
        raise Missing("没有这份证明")
    if not found.is_valid or found.content is None:
        return pages.see_other(request, PAGE, f"证明{found.number}已撤回，请重新开一份。", "warn")
    data = await asyncio.to_thread(paper.render, found.content, found.issued_at, site_of(request))
    name = quote(f"{paper.TITLE}-{found.number}.pdf")
    filename = f"filename=\"{found.code}.pdf\"; filename*=UTF-8''{name}"
    headers = {
        "Content-Disposition": f"attachment; {filename}",
        "Cache-Control": "private, no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)


PAGES: list[Any] = [my_certificates, my_certificate_issue, my_certificate_file]
