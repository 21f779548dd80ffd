"""A recap's life in words: what pages say of versions, of differences and of what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode

from api.kit.campaign_pages import CampaignPage
from api.kit.filters import moment
from core.recap.life import codes
from core.recap.life.children import STANDINGS
from core.recap.life.differences import Difference
from core.recap.life.standing import Stand
from core.recap.life.versions import NOT_YET, Standing

VERSIONS, CHILDREN = "/recap/versions", "/recap/children"
PILLS = {"submitted": "live", "accepted": "good", "returned": "bad", "frozen": "good"}
MOST_DIFFERENCES = 50
DIFFERENCE_COLUMNS = (
    {"key": "label", "label": "指标"},
    {"key": "office", "label": "单位"},
    {"key": "words", "label": "变动"},
)
STANDING_OPTIONS = [
    *({"value": key, "label": label} for key, label in STANDINGS.items()),
    {"value": "late", "label": "逾期"},
]


def versions_href(page: CampaignPage, organisation: str, number: int = 0, act: str = "") -> str:
    """The page of an office's versions, of one of them, or an act on it."""
    rest = (f"/{number}" if number else "") + act
    return f"{page.href}{VERSIONS}{rest}?{urlencode({'organisation': organisation})}"


def children_href(page: CampaignPage, organisation: str, **query: str) -> str:
    """The overview of the offices directly below."""
    return f"{page.href}{CHILDREN}?{urlencode({'organisation': organisation, **query})}"


def verify_href(code: str) -> str:
    """The public page of a code."""
    return f"/verify/{quote(codes.grouped(code), safe='')}"


def version_row(page: CampaignPage, organisation: str, each: Standing) -> dict[str, Any]:
    """A row of the table of versions."""
    return {
        "number": {
            "text": f"第{each.number}版",
            "href": versions_href(page, organisation, each.number),
            "note": f"更正第{each.corrects}版" if each.corrects else "",
        },
        "state": {"text": each.label, "note": each.reason if each.state == "returned" else ""},
        "submitted": {"text": moment(each.submitted_at, year=True), "note": each.submitted_name},
        "decided": {"text": moment(each.decided_at, year=True), "note": each.decided_name},
        "frozen": {"text": moment(each.frozen_at, year=True), "note": each.frozen_name},
    }


def difference_rows(differences: Sequence[Difference]) -> list[dict[str, str]]:
    """Rows of the table of differences, the first of them."""
    return [
        {"label": each.label, "office": each.organisation_name, "words": each.words}
        for each in differences[:MOST_DIFFERENCES]
    ]


def difference_words(stand: Stand) -> str:
    """``与定稿不一致：3项``; empty where nothing differs."""
    if stand.against is None:
        return ""
    called = "定稿" if stand.against.state == "frozen" else f"报送的第{stand.against.number}版"
    if stand.tampered:
        return f"{called}的存档内容与报送时的校验值不一致，请报告管理员。"
    if stand.rewritten:
        return f"与{called}的数据一致，文字或图片有改动。"
    return f"与{called}不一致：{len(stand.differences)}项" if stand.differences else ""


def stand_shown(page: CampaignPage, organisation: str, stand: Stand) -> dict[str, Any]:
    """What the strip above a recap shows."""
    newest = stand.newest
    return {
        "label": newest.label if newest else NOT_YET,
        "kind": PILLS[newest.state] if newest else "",
        "version": newest.status if newest else "",
        "href": versions_href(page, organisation, newest.number if newest else 0),
        "reason": newest.reason if newest and newest.state == "returned" else "",
        "words": difference_words(stand),
        "columns": DIFFERENCE_COLUMNS,
        "rows": difference_rows(stand.differences),
        "left_out": max(0, len(stand.differences) - MOST_DIFFERENCES),
    }
