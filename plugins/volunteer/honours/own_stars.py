"""我的星级: a volunteer's own stars on their way, and asking for one where it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, Response, get, post

from api.kit import filters, pages
from api.kit.guards import current_actor
from api.kit.records import Work
from core import campaigns, database
from core.moments import today
from plugins.volunteer.honours import awarding
from plugins.volunteer.honours.awards import STATE_KINDS, STATES
from plugins.volunteer.honours.candidates import Candidate, candidates
from plugins.volunteer.honours.schemes import described, understood
from plugins.volunteer.rules import Scheme, duration_text, star_name
from plugins.volunteer.self_service.own import HOME, OWN, own_profile, render, without_profile
from plugins.volunteer.signing_up.profiles import Profile

STARS = f"{HOME}/stars"


@dataclass(frozen=True, slots=True)
class Chance:
    """A campaign whose scheme gives stars to who asks, and what one has reached in it."""

    campaign: str
    scheme: Scheme
    person: Candidate


async def _awards(profile: Profile) -> list[dict[str, Any]]:
    """His stars in every campaign, the newest first. One statement."""
    rows = await database.fetch(
        "SELECT w.stars, w.minutes, w.scheme, w.state, w.until, w.reason, c.key AS campaign,"
        " o.name AS office FROM volunteer_star_award w"
        " JOIN volunteer_person v ON v.id = w.volunteer JOIN campaign c ON c.id = w.campaign"
        " JOIN organisation o ON o.id = c.organisation"
        " WHERE v.profile = :profile ORDER BY w.id DESC",
        profile=profile.id,
    )
    return [_shown(row) for row in rows]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    written = json.loads(row["scheme"])
    announced = row["state"] == "announced" and row["until"] >= today()
    return {
        "star": star_name(row["stars"]),
        "label": written["label"],
        "office": row["office"],
        "day": filters.day(date.fromisoformat(written["day"])),
        "hours": duration_text(row["minutes"]),
        "state": STATES[row["state"]],
        "kind": STATE_KINDS.get(row["state"], ""),
        "until": filters.day(row["until"]) if announced else "",
        "href": f"/volunteer/notices/{row['campaign']}" if announced else "",
        "reason": row["reason"] if row["state"] == "withdrawn" else "",
    }


async def _chance(profile: Profile) -> Chance | None:
    """Where he may ask for a star: his newest campaign that takes records and goes by asking.

    Four statements at most.
    """
    rows = await database.fetch(
        "SELECT v.id, c.id AS campaign_id, c.key, s.scheme FROM volunteer_person v"
        " JOIN campaign c ON c.id = v.campaign LEFT JOIN volunteer_star_scheme s"
        " ON s.campaign = c.id WHERE v.profile = :profile AND c.state IN ('open', 'closing')"
        " ORDER BY c.starts_on DESC, c.id DESC",
        profile=profile.id,
    )
    for row in rows:
        scheme = understood(row["scheme"])
        if scheme.by_application:
            found = await candidates(
                row["campaign_id"], scheme, today(), "m.id = :volunteer", volunteer=row["id"]
            )
            return Chance(row["key"], scheme, found[0]) if found else None
    return None


@get(STARS, **OWN)
async def my_stars(request: Request[Any, Any, Any]) -> Response[Any]:
    """Show his stars, where each is on its way, and what he may ask for."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    chance = await _chance(profile)
    return render(
        request,
        "volunteer/honours/own_stars.html",
        "/stars",
        awards=await _awards(profile),
        chance=chance,
        described=described(chance.scheme) if chance else "",
        reached=star_name(chance.person.reckoned.stars) if chance else "",
    )


@post(f"{STARS}/applications", **OWN)
async def apply_for_star(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ask for the star that he has reached."""
    profile = await own_profile(request)
    if profile is None:
        return without_profile()
    chance = await _chance(profile)
    done = False
    if chance:
        work = Work(current_actor(request), await campaigns.find(chance.campaign))
        done = await awarding.apply(work, chance.person.volunteer)
    if done:
        return pages.see_other(request, STARS, "已经申请，主办单位公示以后认定。")
    return pages.see_other(request, STARS, "现在没有可以申请的星级。", "warn")


OWN_STARS: list[Any] = [my_stars, apply_for_star]
