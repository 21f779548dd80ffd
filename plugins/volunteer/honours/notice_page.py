"""The page of a 公示: for everybody, without signing in."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from api.kit import pages
from api.kit.campaign_pages import catalogue_of, process_of
from core.moments import today
from plugins.volunteer.honours import notices
from plugins.volunteer.honours.awards import by_stars, tail

NOTICE = "/volunteer/notices/{campaign:str}"


@get(NOTICE, opt={"public": True, "limit": "page"}, include_in_schema=False)
async def notice_page(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Who is about to be given a star: part of the name, the end of the number, office, star."""
    notice = await notices.running(campaign, today())
    response = pages.render(
        request,
        "volunteer/honours/notice.html",
        notice=notice,
        title=notice.campaign.title(await catalogue_of(request)) if notice.awards else "",
        counts="、".join(f"{star}{people}人" for star, people in by_stars(notice.awards)),
        contact=process_of(request).settings.contact,
        rows=[
            {
                "name": each.masked,
                "number": tail(each.key),
                "office": each.office,
                "star": each.called,
            }
            for each in notice.awards
        ],
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


NOTICES: list[Any] = [notice_page]
