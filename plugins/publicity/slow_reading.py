"""The section of a bundle read slowly, straight from the law: what our statements are held to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from core.checking.slow_reading import Record, SlowReader

OF_ITEM = {
    "article": "articles",
    "tv": "tv",
    "radio": "radio",
    "video": "videos",
    "brief": "briefs",
}
OF_MATERIAL = {
    "banner": "banners",
    "leaflet": "leaflets",
    "booklet": "booklets",
    "poster": "posters",
    "slogan": "slogans",
    "sms": "sms",
}


def records(section: dict[str, Any]) -> Iterator[Record]:
    """Every record of the section, metric by metric."""
    for item in section.get("items", []):
        kind = "reprints" if item["reprint_of"] is not None else OF_ITEM[item["kind"]]
        yield Record(f"publicity.{kind}", item["organisation"], None, Fraction(1))
    for material in section.get("materials", []):
        yield Record(
            f"publicity.{OF_MATERIAL[material['kind']]}",
            material["organisation"],
            material["activity"],
            Fraction(material["quantity"]),
        )
    for outreach in section.get("outreach", []):
        yield Record(
            "publicity.reach",
            outreach["organisation"],
            outreach["activity"],
            Fraction(outreach["people"]),
        )


READER = SlowReader(
    records,
    sums=[
        "publicity.articles",
        "publicity.tv",
        "publicity.radio",
        "publicity.videos",
        "publicity.briefs",
        "publicity.reprints",
        "publicity.banners",
        "publicity.leaflets",
        "publicity.booklets",
        "publicity.posters",
        "publicity.slogans",
        "publicity.sms",
        "publicity.reach",
    ],
    distincts=[],
)
