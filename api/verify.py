"""Whether a printed recap is the current one: for whoever holds the paper, without signing in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api.kit import limits, pages
from api.kit.campaign_pages import catalogue_of, process_of
from core.recap.life import codes, prints
from core.recap.life.prints import Checked

PUBLIC = {"public": True}
PILLS = {"current": "good", "outdated": "bad", "pending": "warn"}
VERDICTS = {
    "current": "这份总结是现行的",
    "outdated": "这份总结不是现行的",
    "pending": "这份总结还不是定稿",
}
LONGEST = 64
UNREADABLE = "核验码是12位数字和字母，印在总结的末尾，例如 7K2M-9QXD-41VH"


def _page(
    request: Request[Any, Any, Any],
    typed: str,
    found: Checked | None = None,
    error: str = "",
    status: int = 200,
) -> Response[Any]:
    verdict = {"kind": PILLS[found.verdict], "text": VERDICTS[found.verdict]} if found else None
    return pages.render(
        request,
        "api/verify.html",
        status=status,
        typed=typed[:LONGEST],
        found=found,
        verdict=verdict,
        error=error,
    )


@get("/verify", opt=PUBLIC, include_in_schema=False)
async def verify_form(request: Request[Any, Any, Any], code: FromQuery[str] = "") -> Response[Any]:
    """Ask for a code; a code that was typed leads to its page."""
    if not code.strip():
        return _page(request, "")
    read = codes.read(code)
    if read is None:
        return _page(request, code, error=UNREADABLE, status=422)
    return pages.see_other(request, f"/verify/{codes.grouped(read)}")


@get("/verify/{code:str}", opt={**PUBLIC, "limit": "code"}, include_in_schema=False)
async def verify_code(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
    """What a code stands for and whether the paper that bears it is the current one."""
    found = await prints.check(code, process_of(request).plugins, await catalogue_of(request))
    if found is None:
        error = "没有这个核验码" if codes.read(code) else UNREADABLE
        return _page(request, code, error=error, status=404)
    limits.give_back(request)
    return _page(request, found.code, found)


ROUTES = [verify_form, verify_code]
