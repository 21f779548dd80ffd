"""Rules of publicity: words, when two addresses are the same page, reprints in a loop. No I/O."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

ITEM_KINDS = {
    "article": "稿件",
    "tv": "电视",
    "radio": "广播",
    "video": "视频",
    "brief": "信息简报",
}
BRIEF = "brief"
ITEM_UNITS = {"article": "篇", "tv": "条", "radio": "条", "video": "个", "brief": "篇"}
OUTLET_LEVELS = {"nation": "国家级", "province": "省级", "city": "市级", "county": "县级"}
MATERIAL_KINDS = {
    "banner": "横幅",
    "leaflet": "宣传单",
    "booklet": "宣传册",
    "poster": "海报",
    "slogan": "标语",
    "sms": "短信",
}
MATERIAL_UNITS = {
    "banner": "条",
    "leaflet": "份",
    "booklet": "本",
    "poster": "张",
    "slogan": "条次",
    "sms": "条",
}
OUTLETS_NAMED = 3
NO_OUTLET = "各级媒体"
TRACKING = frozenset({"spm", "gclid", "fbclid"})
TRACKING_PREFIX = "utm_"
# No address of a page is longer; what is longer is compared letter by letter.
ADDRESS_LIMIT = 2000
INDEX_LENGTH = 200
# Repeated, and with a bound, so that nothing of it is left over and no text takes long to read.
# Upper case is told from lower case nowhere here, as the host is put in lower case afterwards.
PREFIX = re.compile(r"(?:(?:[a-z][a-z0-9+.-]{0,30}:)?//|www\.)+", re.IGNORECASE)
HOST_END = re.compile(r"[/?]")
BRACKETED = re.compile(r"\[[0-9a-f:.]+\](:[0-9]*)?", re.IGNORECASE)


def comparable_url(url: str | None) -> str | None:
    """What is left of an address for comparing it with others; None when there is nothing.

    Without scheme, ``www.``, fragment, the slash that ends the path and the parameters of
    trackers, the host in lower case (bundle.md). Text that is no address is compared as it is,
    without the blanks around it. Applied to its own result it changes nothing.
    """
    text = (url or "").strip()
    if len(text) > ADDRESS_LIMIT:
        return text
    # What one part leaves behind (a blank before a fragment) may be the next thing to take away.
    while (shorter := _undecorated(text)) != text:
        text = shorter
    return text or None


def _undecorated(text: str) -> str:
    address = text.partition("#")[0]
    prefix = PREFIX.match(address)
    address = address[prefix.end() :] if prefix else address
    host = HOST_END.split(address, maxsplit=1)[0]
    if ("[" in host or "]" in host) and not BRACKETED.fullmatch(host):
        return text
    path, _, query = address[len(host) :].partition("?")
    kept = "&".join(part for part in query.split("&") if not _is_tracking(part))
    return (host.lower() + path.rstrip("/") + ("?" + kept if kept else "")).strip()


def _is_tracking(parameter: str) -> bool:
    name = parameter.partition("=")[0]
    return name in TRACKING or name.startswith(TRACKING_PREFIX)


def url_index(url: str | None) -> str | None:
    """The comparable address in at most INDEX_LENGTH characters: a long one as its SHA-256."""
    comparable = comparable_url(url)
    if comparable is None or len(comparable) <= INDEX_LENGTH:
        return comparable
    return "sha256:" + hashlib.sha256(comparable.encode("utf-8", "surrogatepass")).hexdigest()


OPENABLE = re.compile(r"https?://[^/\s?#]\S*", re.IGNORECASE)


def openable(url: str | None) -> bool:
    """Whether a browser may be sent there: an address of the web, and nothing else."""
    return OPENABLE.fullmatch((url or "").strip()) is not None


def outlets_named(counts: Mapping[tuple[str, str], int], *, complete: bool) -> str:
    """Name a few outlets, 甲日报、乙电视台等媒体: the highest level first, there the busiest.

    ``counts`` are items by level and outlet. Without 等 only when it is ``complete`` and none is
    left out; 各级媒体 when no outlet is known.
    """
    levels = list(OUTLET_LEVELS)
    ordered = sorted(counts, key=lambda place: (levels.index(place[0]), -counts[place], place[1]))
    names = list(dict.fromkeys(name for _, name in ordered if name))
    if not names:
        return NO_OUTLET
    named = "、".join(names[:OUTLETS_NAMED])
    if complete and len(names) <= OUTLETS_NAMED and all(name for _, name in ordered):
        return named
    return named + ("等" if named.endswith("媒体") else "等媒体")


def looped(links: Mapping[str, str]) -> set[str]:
    """The keys that come back to themselves when links are followed; linear in their number.

    A key that only leads into a loop is not in it.
    """
    found: set[str] = set()
    done: set[str] = set()
    for start in links:
        trail: dict[str, int] = {}
        current = start
        while current in links and current not in done and current not in trail:
            trail[current] = len(trail)
            current = links[current]
        if current in trail:
            found.update(key for key, place in trail.items() if place >= trail[current])
        done.update(trail)
    return found
