"""The page of a campaign's screenings: the list, and the form for one more."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath

from api.kit import forms, pages
from api.kit.campaign_offices import campaign_offices
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.problems import NotFound
from core.refusals import Refusal
from tongxing_hearing_test import records
from tongxing_hearing_test.addresses import address


async def screenings_of(
    request: Request[Any, Any, Any], campaign: str, permission: str
) -> CampaignPage:
    """The campaign for whoever asks. Raises NotFound where hearing tests are no part of it."""
    page = await campaign_context(request, campaign, permission)
    if "hearing_test" not in page.campaign.enabled:
        raise NotFound("这次活动没有启用听力筛查。")
    return page


async def _page(
    request: Request[Any, Any, Any], page: CampaignPage, form: forms.Form, status: int = 200
) -> Response[Any]:
    may_edit = page.reach.may(records.EDIT)
    return page.render(
        request,
        "hearing_test/screenings.html",
        status=status,
        screenings=await records.listed(page.actor, page.campaign),
        form=form,
        offices=await campaign_offices(page.actor, page.campaign, records.EDIT) if may_edit else [],
        may_edit=may_edit,
        action=address(page.campaign.key),
    )


@get(
    "/campaigns/{campaign:str}/hearing-test",
    opt={"permission": records.VIEW},
    include_in_schema=False,
)
async def screening_list(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Screenings of the campaign, and the form."""
    page = await screenings_of(request, campaign, records.VIEW)
    return await _page(request, page, forms.Form())


@post(
    "/campaigns/{campaign:str}/hearing-test",
    opt={"permission": records.EDIT},
    include_in_schema=False,
)
async def screening_add(request: Request[Any, Any, Any], campaign: FromPath[str]) -> Response[Any]:
    """Write one down, or show the form again with all that is wrong."""
    page = await screenings_of(request, campaign, records.EDIT)
    form = await forms.read(request)
    organisation = form.key("organisation", required=True)
    held_on = form.day("held_on", required=True)
    people = form.count("people", required=True)
    referred = form.count("referred", required=True)
    if organisation is None or held_on is None or people is None or referred is None:
        return await _page(request, page, form, 422)
    try:
        await records.add(
            page.actor,
            page.campaign,
            organisation=organisation,
            held_on=held_on,
            people=people,
            referred=referred,
        )
    except Refusal as refusal:
        form.absorb(refusal)
        return await _page(request, page, form, 422)
    return pages.see_other(request, address(page.campaign.key), f"已登记筛查{people}人。")


ROUTES = [screening_list, screening_add]
