"""What a campaign's overview says: days to go, what to do next, which figures come first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api import activity_views
from api.kit import filters
from api.kit.campaign_pages import CampaignPage
from core.campaign_lists import RUNNING
from core.figures import Figure
from core.metrics import Metric
from core.moments import day_of
from events.activities import Activity

KEY_FIGURES = 8
OF_EACH_PLUGIN = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A sentence that says what to do next, and where."""

    text: str
    href: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand for whoever looks: what ``next_step`` judges by."""

    page: CampaignPage
    today: date
    has_figures: bool
    findings: int
    activities: Sequence[Activity]
    """Those that come next."""
    planned: bool
    """Whether there are any activities at all, drafts included."""


def countdown(page: CampaignPage, today: date, activities_today: int) -> dict[str, Any] | None:
    """The piece ``countdown``: to the observance, then to the campaign's end; None after it."""
    campaign = page.campaign
    if campaign.state not in RUNNING:
        return None
    observance = page.catalogue.get(campaign.observance) if campaign.observance else None
    day = campaign.day(page.catalogue)
    if observance is not None and day is not None and day >= today:
        name = observance.name + ("的第一天" if observance.rule.days > 1 else "")
        found = _until(day, today, f"是{name}")
    elif campaign.starts_on > today:
        found = _until(campaign.starts_on, today, "活动开始")
    elif campaign.ends_on >= today:
        found = _until(campaign.ends_on, today, "活动结束")
    else:
        return None
    if activities_today:
        found["lines"].append(f"今天有 {activities_today} 项安排。")
    return found


def _until(day: date, today: date, what: str) -> dict[str, Any]:
    on = f"{filters.day(day, year=day.year != today.year)}（{filters.weekday(day)}）"
    if day == today:
        return {"count": "今天", "lines": [f"{what}，{on}"]}
    return {"count": (day - today).days, "lines": [f"天后{what}，{on}"]}


def day_line(page: CampaignPage) -> str:
    """Which day the observance is on, for a page that counts no days; empty without one."""
    observance = page.catalogue.get(page.campaign.observance or "")
    day = page.campaign.day(page.catalogue)
    if observance is None or day is None:
        return ""
    return f"{observance.name}：{filters.day(day, year=False)}（{filters.weekday(day)}）"


def next_step(standing: Standing) -> Step:
    """The one thing to do next."""
    page, state = standing.page, standing.page.campaign.state
    leads = page.reach.may_lead("campaign.manage")
    if state in ("closed", "archived"):
        return Step("活动已经结束，可以看总结、下载总结。", f"{page.href}/recap", "看总结")
    if state == "draft":
        return _step_of_draft(standing, leads)
    if state == "closing":
        if leads:
            text = "数据核对无误后，结束活动；总结以结束时的数据为准。"
            return Step(text, f"{page.href}/settings", "结束活动")
        return _to_report(page, "补登还没有登记的记录，核对填报的数据。")
    return _step_of_open(standing, leads)


def _step_of_draft(standing: Standing, leads: bool) -> Step:
    page = standing.page
    if not leads:
        return Step("活动还在筹备；组织者开始活动以后，就可以登记和填报。")
    if not standing.planned:
        return Step("先把日程安排出来。", f"{page.href}/activities", "安排日程")
    return Step("日程和任务都安排好以后，开始活动。", f"{page.href}/settings", "开始活动")


def _step_of_open(standing: Standing, leads: bool) -> Step:
    page, campaign = standing.page, standing.page.campaign
    if leads and campaign.ends_on < standing.today:
        text = f"活动期间到{filters.day(campaign.ends_on)}为止，已经过了，可以转入收尾。"
        return Step(text, f"{page.href}/settings", "转入收尾")
    if leads and not campaign.theme:
        return Step("主题还没有填写。", f"{page.href}/settings#details", "填写主题")
    if not standing.has_figures and campaign.starts_on <= standing.today:
        return _to_report(page, "这里还没有任何数据，请开始登记记录、填报数据。")
    if standing.findings:
        return Step(f"有 {standing.findings} 处需要核对。", "#findings", "去核对")
    if standing.activities:
        activity = standing.activities[0]
        words = agenda_item(activity, page, {}, standing.today)
        return Step(f"下一项安排：{words['when']}，{words['title']}。", words["href"], "查看")
    return _to_report(page, "活动办完一项，就登记一项、填报一项。")


def _to_report(page: CampaignPage, text: str) -> Step:
    if page.reach.may("figure.report"):
        return Step(text, f"{page.href}/reported", "填报数据")
    return Step(text)


def agenda_item(
    activity: Activity, page: CampaignPage, known: Mapping[str, str], today: date
) -> dict[str, Any]:
    """An activity as an item of the piece ``agenda``, with its day. ``known`` labels the kinds."""
    item = activity_views.of_activity(activity, page.campaign.key, known)
    return {**item.words, "when": _when(activity.starts_at, today)}


def _when(starts_at: datetime, today: date) -> str:
    day = day_of(starts_at)
    away = (day - today).days
    if away in (0, 1):
        return f"{'今天' if away == 0 else '明天'} {filters.clock(starts_at)}"
    return filters.moment(starts_at, year=day.year != today.year)


def key_figures(own: Mapping[str, Figure], metrics: Mapping[str, Metric]) -> list[Figure]:
    """The figures an overview shows: those with a target, then the first ones of each plugin."""
    chosen = {key for key, figure in own.items() if figure.target is not None}
    taken: dict[str | None, int] = {}
    for key in own:
        if len(chosen) >= KEY_FIGURES:
            break
        plugin = metrics[key].plugin
        if key not in chosen and taken.get(plugin, 0) < OF_EACH_PLUGIN:
            taken[plugin] = taken.get(plugin, 0) + 1
            chosen.add(key)
    return [figure for key, figure in own.items() if key in chosen]


def compared(
    offices: Iterable[str],
    by_organisation: Mapping[str, Mapping[str, Figure]],
    first: Sequence[Figure],
    wanted: str,
) -> tuple[list[Figure], list[Figure]]:
    """One metric over several offices, and one figure of each metric that could be chosen.

    ``first`` are the figures whose metrics go first; ``wanted`` a metric's key, or empty.
    """
    having = [by_organisation[office] for office in offices if office in by_organisation]
    choices: dict[str, Figure] = {}
    for figures in having:
        for key, figure in figures.items():
            choices.setdefault(key, figure)
    if not choices:
        return [], []
    counts = {key: sum(key in figures for figures in having) for key in choices}
    leading = [figure.metric for figure in first if counts.get(figure.metric, 0) > 1]
    usual = leading[0] if leading else max(counts, key=lambda key: counts[key])
    metric = wanted if wanted in choices else usual
    return [figures[metric] for figures in having if metric in figures], list(choices.values())
