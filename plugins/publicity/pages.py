"""Pages of publicity's own: the tally, and an item with its reprints."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery
from markupsafe import Markup

from api.kit.campaign_offices import campaign_offices
from api.kit.campaign_pages import CampaignPage, campaign_context
from api.kit.pages import Link
from api.kit.problems import NotFound
from api.kit.records import Work, find, listing
from api.kit.records.fields import Row
from api.kit.records.reading import Where, count, scope
from api.kit.records.record_pages import details, record_page
from api.kit.records.values import shown
from api.kit.records.visits import Visit, visit
from api.kit.records.writing import is_open
from plugins.publicity import addresses, checks, tally, tally_views
from plugins.publicity.records import EDIT, ITEMS, PLUGIN, SIBLINGS, VIEW
from plugins.publicity.rules import openable

HOME = "/campaigns/{campaign:str}/publicity"
READING: dict[str, Any] = {"opt": {"permission": VIEW}, "include_in_schema": False}
SHOWN_REPRINTS = 50


async def _page(request: Request[Any, Any, Any], campaign: str) -> CampaignPage:
    page = await campaign_context(request, campaign, VIEW)
    if PLUGIN not in page.campaign.enabled:
        raise NotFound
    return page


@get(HOME, **READING)
async def home(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    organisation: FromQuery[str] = "",
    metric: FromQuery[str] = "",
) -> Response[Any]:
    """Show what is on record, from one of the asker's offices."""
    page = await _page(request, campaign)
    view = await page.view(VIEW, organisation)
    counted = await tally.read(view.scope)
    base = addresses.home(campaign)
    return page.render(
        request,
        "publicity/tally.html",
        office=view.name,
        chosen_office=view.scope.organisation,
        offices=await campaign_offices(page.actor, page.campaign, VIEW),
        may_edit=page.reach.may(EDIT) and is_open(Work(page.actor, page.campaign), ITEMS),
        base=base,
        lists=[Link(label, f"{base}/{key}".rstrip("/"), not key) for label, key in SIBLINGS],
        next_step=tally_views.next_step(view.scope, await checks.items(view.scope)),
        views=tally_views.Views(view, counted, metric),
    )


def item_details(here: Visit, row: Row) -> list[dict[str, Any]]:
    """All that an item says; its address and its original are links."""
    links: dict[str, Any] = {}
    if openable(row["url"]):
        address = row["url"].strip()
        links["url"] = Markup('<a href="{0}" rel="noopener">{0}</a>').format(address)
    if row["reprint_of"]:
        original = here.record({"key": row["reprint_of"]})
        links["reprint_of"] = Markup('<a href="{}">{}</a>').format(original, shown_original(row))
    labels = {ITEMS.by_name[name].label: link for name, link in links.items()}
    return [
        {**each, "text": labels.get(each["term"], each["text"])}
        for each in details(here, row, masked=True)
    ]


def shown_original(row: Row) -> str:
    """What an item's original is called."""
    return shown(ITEMS.by_name["reprint_of"], row)


@get(f"{HOME}/items/{{key:str}}", **READING)
async def item_page(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show an item with its reprints."""
    here = await visit(request, campaign, ITEMS)
    row = await find(here.work, ITEMS, key)
    where = Where(["t.reprint_of = :original"], {"original": row["id"]})
    reprints = await listing(here.work, ITEMS, where, limit=SHOWN_REPRINTS)
    scope(ITEMS, here.work, VIEW, where)
    return await record_page(
        request,
        here,
        row,
        template="publicity/item.html",
        details=item_details(here, row),
        reprints=[
            {
                "outlet": {"text": reprint["outlet"] or "（无）", "href": here.record(reprint)},
                "level": shown(ITEMS.by_name["outlet_level"], reprint),
                "on": shown(ITEMS.by_name["published_on"], reprint),
                "office": shown(ITEMS.by_name["organisation"], reprint),
            }
            for reprint in reprints
        ],
        count=await count(here.work, ITEMS, where),
        key=row["key"],
        original=row["reprint_of"] is None,
    )


PAGES: list[Any] = [home, item_page]
