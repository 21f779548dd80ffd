"""The schemes by which stars are given: schemes.toml, and what a campaign states in its place."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core import database
from core.documents import compact
from plugins.volunteer.rules import PERIODS, Scheme, Weekly, duration_text, star_name

DEFAULT_SCHEME = "street-annual"
OWN_LABEL = "自定星级"
WEEKLY = {
    "none": "没有别的要求",
    "average": "平均每周不少于1小时",
    "every": "每一周都不少于1小时",
}


def _versions() -> list[Scheme]:
    text = (Path(__file__).parent / "schemes.toml").read_text(encoding="utf-8")
    return [
        Scheme(
            label=given["label"],
            period=given["period"],
            hours=tuple(given["hours"]),
            name=given["name"],
            version=given["version"],
            weekly=Weekly(**given["weekly"]) if "weekly" in given else None,
            by_application=given.get("by_application", False),
            source=given["source"],
        )
        for given in tomllib.loads(text)["scheme"]
    ]


VERSIONS = _versions()
SCHEMES = {each.name: each for each in VERSIONS}


def scheme(stated: str | Mapping[str, Any]) -> Scheme:
    """The scheme that a bundle states by name or in full. Raises KeyError for an unknown name."""
    if isinstance(stated, str):
        return SCHEMES[stated]
    return Scheme(OWN_LABEL, stated["period"], tuple(stated["hours"]))


def with_weekly(given: Scheme, weekly: str) -> Scheme:
    """The scheme with another condition of its first star: a code of WEEKLY; "" leaves its own."""
    if not weekly:
        return given
    return replace(given, weekly=None if weekly == "none" else Weekly(weekly))


def stored(stated: Any, weekly: str = "") -> str:
    """What the table holds: as a bundle states it, and beside it a condition if one was chosen."""
    return compact({"star_scheme": stated, "weekly": weekly} if weekly else stated)


def stated_part(text: str | None) -> Any:
    """The part of the table's text that a bundle knows; the default where there is no row."""
    read = DEFAULT_SCHEME if text is None else json.loads(text)
    return read["star_scheme"] if isinstance(read, dict) and "star_scheme" in read else read


def weekly_part(text: str | None) -> str:
    """The condition that was chosen beside the scheme, a code of WEEKLY; "" for none."""
    read = None if text is None else json.loads(text)
    return read["weekly"] if isinstance(read, dict) and "star_scheme" in read else ""


async def stored_text(campaign_id: int) -> str | None:
    """What the table holds of a campaign. One statement."""
    found: str | None = await database.fetch_value(
        "SELECT scheme FROM volunteer_star_scheme WHERE campaign = :campaign", campaign=campaign_id
    )
    return found


async def of_campaign(campaign_id: int) -> Scheme:
    """The scheme by which a campaign gives stars. One statement."""
    return understood(await stored_text(campaign_id))


def understood(text: str | None) -> Scheme:
    """The scheme that the table's text means."""
    return with_weekly(scheme(stated_part(text)), weekly_part(text))


def kept(given: Scheme) -> dict[str, Any]:
    """A scheme written out, as an award keeps it; ``taken_out`` reads it."""
    return {
        "name": given.name,
        "version": given.version,
        "label": given.label,
        "period": given.period,
        "hours": list(given.hours),
        "weekly": {"rule": given.weekly.rule, "minutes": given.weekly.minutes}
        if given.weekly
        else None,
    }


def taken_out(written: Mapping[str, Any]) -> Scheme:
    """The scheme of an award."""
    weekly = written["weekly"]
    return Scheme(
        label=written["label"],
        period=written["period"],
        hours=tuple(written["hours"]),
        name=written["name"],
        version=written["version"],
        weekly=Weekly(**weekly) if weekly else None,
    )


def described(given: Scheme) -> str:
    """Say a scheme: 按年度：50小时一星、100小时二星；一星还要求平均每周不少于1小时."""
    steps = (f"{hours}小时{star_name(n)}" for n, hours in enumerate(given.hours, start=1))
    said = f"{PERIODS[given.period]}：" + "、".join(steps)
    if given.weekly:
        how = "平均每周" if given.weekly.rule == "average" else "每一周都"
        said += f"；一星还要求{how}不少于{duration_text(given.weekly.minutes)}"
    return said + ("；由志愿者本人申请" if given.by_application else "")
