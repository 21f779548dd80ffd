"""Whether a certificate is valid: for whoever holds the paper, without signing in.

It shows no more than is printed, and the name masked.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api.kit import limits, pages
from core import privacy
from core.recap.life import codes
from plugins.volunteer.certificates import register
from plugins.volunteer.certificates.content import ERASED
from plugins.volunteer.certificates.register import Certificate
from plugins.volunteer.rules import duration_text, hours_text

PUBLIC: dict[str, Any] = {"opt": {"public": True}, "include_in_schema": False}
PAGE = "/volunteer/certificates"
LONGEST = 64
UNREADABLE = "核验码是12位数字和字母，印在证明的末尾，例如 7K2M-9QXD-41VH"
UNKNOWN = "没有这个核验码"


def _told(found: Certificate) -> dict[str, Any]:
    said = found.content
    name = said.name if said else ""
    return {
        "number": found.number,
        "code": codes.grouped(found.code),
        "name": name if name == ERASED else privacy.mask_name(name),
        "hours": f"{hours_text(found.minutes)}小时（{duration_text(found.minutes)}）",
        "first": said and date.fromisoformat(said.first),
        "last": said and date.fromisoformat(said.last),
        "issuer": said.issuer if said else found.office,
        "issued_at": found.issued_at,
        "valid": found.is_valid,
        "withdrawn_at": found.withdrawn_at,
        "why_not": found.why_not,
    }


def _page(
    request: Request[Any, Any, Any],
    typed: str,
    found: Certificate | None = None,
    error: str = "",
    status: int = 200,
) -> Response[Any]:
    return pages.render(
        request,
        "volunteer/certificates/verify.html",
        status=status,
        typed=typed[:LONGEST],
        found=_told(found) if found else None,
        error=error,
    )


@get(PAGE, **PUBLIC)
async def certificate_form(
    request: Request[Any, Any, Any], code: FromQuery[str] = ""
) -> Response[Any]:
    """Ask for a code; a code that was typed leads to its page."""
    if not code.strip():
        return _page(request, "")
    read = codes.read(code)
    if read is None:
        return _page(request, code, error=UNREADABLE, status=422)
    return pages.see_other(request, f"{PAGE}/{codes.grouped(read)}")


@get(f"{PAGE}/{{code:str}}", opt={"public": True, "limit": "code"}, include_in_schema=False)
async def certificate_verify(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
    """What a code stands for, and whether the certificate holds today."""
    found = await register.of_code(code)
    if found is None:
        return _page(request, code, error=UNKNOWN if codes.read(code) else UNREADABLE, status=404)
    limits.give_back(request)
    return _page(request, codes.grouped(found.code), found)


PAGES: list[Any] = [certificate_form, certificate_verify]
