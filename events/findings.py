"""What somebody should look at: dates that look wrong, and needs that nobody has seen to."""

from __future__ import annotations

from datetime import date

from core import database, wording
from core.findings import Finding
from core.moments import day_of
from core.scopes import Scope
from events import accessibility, activities
from events.activities import Activity
from events.calendar import activity_path

OUTSIDE_WINDOW = "activity_outside_window"
UNMET = "accessibility_unmet"


async def read(scope: Scope) -> list[Finding]:
    """The findings of the scope's subtree, by time. Two statements."""
    window = await database.fetch_one(
        "SELECT starts_on, ends_on FROM campaign WHERE id = :campaign", campaign=scope.campaign_id
    )
    if window is None:
        return []
    wanted = activities.Wanted(states=("published", "done"))
    found: list[Finding] = []
    for activity in await activities.of_scope(scope, wanted):
        found += _outside(activity, scope, window["starts_on"], window["ends_on"])
        found += _unmet(activity, scope)
    return found


def _outside(activity: Activity, scope: Scope, starts_on: date, ends_on: date) -> list[Finding]:
    first, last = day_of(activity.starts_at), day_of(activity.ends_at)
    if starts_on <= first and last <= ends_on:
        return []
    outside = first if first < starts_on or first > ends_on else last
    sentence = (
        f"“{activity.name}”定在{wording.day(outside)}，不在这次活动的期间"
        f"（{wording.day(starts_on)}至{wording.day(ends_on)}）之内，请核对日期。"
    )
    return [_finding(OUTSIDE_WINDOW, sentence, activity, scope)]


def _unmet(activity: Activity, scope: Scope) -> list[Finding]:
    missing = accessibility.unmet(activity.accessibility_asked, activity.accessibility)
    if not missing:
        return []
    words = wording.join_words(accessibility.labels(missing))
    sentence = f"“{activity.name}”有人需要{words}，还没有安排，请落实。"
    return [_finding(UNMET, sentence, activity, scope)]


def _finding(code: str, sentence: str, activity: Activity, scope: Scope) -> Finding:
    return Finding(
        code,
        sentence,
        activity.organisation,
        href=activity_path(scope.campaign, activity.key),
    )
