"""我的: the volunteer's own page, and the code that a steward scans."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from markupsafe import Markup

from core import moments
from core.qr import qr_svg
from plugins.volunteer.rules import duration_text
from plugins.volunteer.self_service import overview
from plugins.volunteer.self_service.own import HOME, OWN, own_profile, render, without_profile
from plugins.volunteer.signing_up.engagements import Engagement, signed_up


def _shown(engagement: Engagement) -> dict[str, Any]:
    return {
        "title": engagement.title,
        "starts_at": engagement.starts_at,
        "ends_at": engagement.ends_at,
        "where": engagement.where,
        "office": engagement.office,
        "moved_up": engagement.moved_up,
        "place": engagement.place,
        "href": overview.shift_href(engagement),
    }


@get(HOME, **OWN)
async def me(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show what comes next, hours and stars."""
    profile = await own_profile(request)
    if profile is None:
        return render(request, "volunteer/self_service/no_profile.html", "")
    now = moments.now()
    ahead = overview.plans(await signed_up(profile.id), now)
    return render(
        request,
        "volunteer/self_service/me.html",
        "",
        profile=profile,
        following=_shown(ahead.following) if ahead.following else None,
        checked_in=ahead.following is not None and ahead.following.status == "open",
        later=[_shown(each) for each in ahead.later],
        waiting=[_shown(each) for each in ahead.waiting],
        cancelled=[_shown(each) for each in ahead.cancelled],
        step=overview.step(ahead.following, now),
        progress=await overview.progress(profile.id),
        duration=duration_text,
    )


@get(f"{HOME}/code", **OWN)
async def my_code(request: Request[Any, Any, Any]) -> Response[Any]:
    """Say how to check in and out, and show the number for a steward to scan."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    svg = Markup(qr_svg(profile.number, title="我的志愿者编号的二维码"))  # noqa: S704 — own SVG
    return render(request, "volunteer/self_service/code.html", "/code", profile=profile, code=svg)


PAGES: list[Any] = [me, my_code]
