"""The pages around a recap, as links that each of them shows."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from api.kit.campaign_pages import CampaignPage
from api.kit.pages import Link
from core.recap.formats.html import PhotoLink

# Label, the end of the address, the permission that shows it.
PAGES: tuple[tuple[str, str, str], ...] = (
    ("总结", "/recap", "recap.view"),
    ("编写", "/recap/manuscript", "recap.write"),
    ("生成文件", "/recap/renderings", "recap.view"),
    ("总结模板", "/recap/templates", "recap.template"),
    ("报送与审核", "/recap/versions", "recap.view"),
    ("下级报送情况", "/recap/children", "recap.view"),
    ("核稿", "/recap/proofread", "recap.view"),
)


def recap_links(page: CampaignPage, organisation: str, current: str) -> list[Link]:
    """The pages that the asker may open, for one office; ``current`` is the end of an address."""
    query = urlencode({"organisation": organisation})
    return [
        Link(label, f"{page.href}{rest}?{query}", rest == current)
        for label, rest, permission in PAGES
        if page.reach.may(permission)
    ]


def photo_link(page: CampaignPage, organisation: str, there: Collection[str]) -> PhotoLink:
    """The addresses of photos; one that is not ``there``, for it was withdrawn, has none."""
    query = urlencode({"organisation": organisation})

    def address(sha256: str) -> str:
        rest = f"/recap/photos/{sha256}/picture.jpg?{query}"
        return f"{page.href}{rest}" if sha256 in there else ""

    return address
