"""Pages of a round: its lines, everybody at once, and marking what was delivered."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from api.kit import forms, pages, paging
from api.kit.records import find, listing
from api.kit.records.data import after_place, place_of
from api.kit.records.fields import Row
from api.kit.records.reading import Where
from api.kit.records.record_pages import details
from api.kit.records.targets import options
from api.kit.records.values import shown
from api.kit.records.visits import Visit, record_href, visit
from api.kit.records.writing import require
from core.numbers import money_text
from core.refusals import Refusal
from plugins.condolence import deliveries
from plugins.condolence.deliveries import Gift
from plugins.condolence.records import EDIT, GIFT_FIELDS, LINES, RECIPIENTS, ROUNDS, VIEW
from plugins.condolence.rules import KINDS, STATUSES, goods_text, read_goods

HOME = "/campaigns/{campaign:str}/condolence"
ROUND = f"{HOME}/rounds/{{key:str}}"
READING: dict[str, Any] = {"opt": {"permission": VIEW}, "include_in_schema": False}
EDITING: dict[str, Any] = {"opt": {"permission": EDIT}, "include_in_schema": False}
STATUS_KINDS = {"planned": "", "delivered": "good", "returned": "warn"}


@get(HOME, **READING)
async def home(campaign: FromPath[str]) -> Redirect:
    """Lead to the rounds."""
    return Redirect(f"/campaigns/{quote(campaign, safe='')}/condolence/rounds", status_code=303)


def line_rows(here: Visit, rows: list[Row]) -> list[dict[str, Any]]:
    """Lines as the round's page shows them."""
    by_name = LINES.by_name
    return [
        {
            "recipient": row["recipient"],
            "name": shown(by_name["recipient"], row),
            "kind": KINDS.get(row["kind"], ""),
            "cash": money_text(row["cash"]),
            "goods": goods_text(row["goods"]),
            "status": STATUSES[row["status"]],
            "status_kind": STATUS_KINDS[row["status"]],
            "href": record_href(here.work, LINES, LINES.address_key(row)),
        }
        for row in rows
    ]


@get(ROUND, **READING)
async def round_page(
    request: Request[Any, Any, Any],
    campaign: FromPath[str],
    key: FromPath[str],
    cursor: paging.CursorText = "",
) -> Response[Any]:
    """Show a round with its lines."""
    here = await visit(request, campaign, ROUNDS)
    row = await find(here.work, ROUNDS, key)
    where = Where(["t.round = :round_id"], {"round_id": row["id"]})
    status = request.query_params.get("status", "")
    if status in STATUSES:
        where.add("t.status = :status", status=status)
    after, limit = after_place(LINES, cursor), paging.USUAL_PAGE
    found = await listing(here.work, LINES, where, after=after, limit=limit + 1)
    lines, following = paging.cut(found, limit, lambda line: place_of(LINES, line))
    href = here.record(row)
    asked = {"status": status} if status in STATUSES else {}
    return here.page.render(
        request,
        "condolence/round.html",
        visit=here,
        round=row,
        href=href,
        lines_href=f"/campaigns/{here.work.campaign.key}/condolence/lines",
        within=urlencode({"round": row["key"]}),
        details=details(here, row, masked=True),
        lines=line_rows(here, lines),
        returned=row["lines"] - row["delivered"] - row["planned"],
        chosen_status=status,
        may_edit=await here.may_edit(row),
        first_href=f"{href}?{urlencode(asked)}" if cursor else "",
        next_href=f"{href}?{urlencode({**asked, 'cursor': following})}" if following else "",
    )


@post(f"{ROUND}/status", **EDITING)
async def round_status(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Mark the ticked lines, or all that are planned, as delivered, returned or planned."""
    here = await visit(request, campaign, ROUNDS)
    form = await forms.read(request)
    chosen = form.lists.get("recipient", [])
    everybody = form.values.get("everybody") in STATUSES
    status = form.values.get("everybody") if everybody else form.values.get("status", "")
    address = f"{here.base}/{quote(key, safe='')}"
    if status not in STATUSES:
        return pages.see_other(request, address, "请选择要标成什么状态。", "warn")
    if not everybody and not chosen:
        return pages.see_other(request, address, "请先在名单里勾选对象。", "warn")
    count = await deliveries.mark(here.work, key, status, None if everybody else chosen)
    done = f"已把{count}条标为“{STATUSES[status]}”。" if count else "没有需要改的。"
    return pages.see_other(request, address, done, "good" if count else "warn")


def _gift(form: forms.Form) -> Gift | None:
    """The gift that a form describes; None when something in it is wrong."""
    given: dict[str, Any] = {"kinds": list(form.chosen("kinds", KINDS))}
    office = form.key("organisation", required=True)
    if not given["kinds"]:
        form.fail("kinds", "请至少选一类")
    cash = form.money("cash")
    status = form.choice("status", STATUSES, required=True)
    try:
        given["goods"] = read_goods(form.text("goods"))
    except ValueError as error:
        form.fail("goods", str(error))
    if not form.ok:
        return None
    given |= {"organisation": office, "cash": money_text(cash or 0), "status": status}
    try:
        return deliveries.read_gift(given)
    except Refusal as refusal:
        form.absorb(refusal)
        return None


async def _many_page(
    request: Request[Any, Any, Any],
    here: Visit,
    row: Row,
    form: forms.Form,
    gift: Gift | None = None,
) -> Response[Any]:
    """The form; with a gift, what it comes to and the question whether to go on."""
    return here.page.render(
        request,
        "condolence/many.html",
        status=200 if form.ok else 422,
        visit=here,
        round=row,
        href=here.record(row),
        form=form,
        chosen_kinds=form.lists.get("kinds", []),
        offices=await options(here.work, RECIPIENTS, RECIPIENTS.by_name["organisation"]),
        kinds=[{"value": code, "label": label} for code, label in KINDS.items()],
        statuses=[{"value": code, "label": label} for code, label in STATUSES.items()],
        goods_hint=GIFT_FIELDS[1].hint,
        gift=gift,
        gift_goods=goods_text(gift.goods) if gift else "",
        gift_status=STATUSES[gift.status] if gift else "",
        count=await deliveries.candidates(here.work, row, gift) if gift else 0,
    )


@get(f"{ROUND}/recipients", **EDITING)
async def many_form(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Ask whom to bring into the round, and with what."""
    here = await visit(request, campaign, ROUNDS)
    require(here.work, LINES)
    row = await find(here.work, ROUNDS, key, EDIT)
    form = forms.filled([("organisation", row["organisation"]), ("status", "planned")])
    form.lists["kinds"] = list(KINDS)
    return await _many_page(request, here, row, form)


@post(f"{ROUND}/recipients", **EDITING)
async def many_add(
    request: Request[Any, Any, Any], campaign: FromPath[str], key: FromPath[str]
) -> Response[Any]:
    """Show what it comes to; with ``confirmed``, do it."""
    here = await visit(request, campaign, ROUNDS)
    row = await find(here.work, ROUNDS, key, EDIT)
    form = await forms.read(request)
    gift = _gift(form)
    if gift is None or form.values.get("confirmed") != "true":
        return await _many_page(request, here, row, form, gift)
    count = await deliveries.give(here.work, key, gift)
    return pages.see_other(request, here.record(row), f"已加入{count}个对象。")


PAGES: list[Any] = [home, round_page, round_status, many_form, many_add]
