"""The page of what volunteer service adds up to besides its figures."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from api.kit.records.visits import visit
from plugins.volunteer import breakdown
from plugins.volunteer.pages import HOME, READING
from plugins.volunteer.records import VIEW, VOLUNTEERS


@get(f"{HOME}/breakdown", **READING)
async def breakdown_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], organisation: FromQuery[str] = ""
) -> Response[Any]:
    """Show no-shows, hours by skill and what was served where accessibility was needed."""
    here = await visit(request, campaign, VOLUNTEERS)
    view = await here.page.view(VIEW, organisation)
    found = await breakdown.read(view.scope)
    return here.page.render(
        request,
        "volunteer/breakdown.html",
        visit=here,
        siblings=[(link, link.href.endswith("/breakdown")) for link in here.siblings],
        href=f"/campaigns/{here.work.campaign.key}/volunteer/breakdown",
        view=view,
        rows=[
            {"label": label, "amount": amount, "about": about}
            for label, amount, about in found.rows
        ],
    )


BREAKDOWN: list[Any] = [breakdown_page]
