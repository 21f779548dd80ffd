"""What a campaign is set up with, checked: its days, title, theme and plugins. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from core.observance_rules import FIRST_YEAR, LAST_YEAR
from core.observances import Catalogue, Observance
from core.plugins import Plugins
from core.refusals import Fault, Refusal
from core.shapes import Problems, key, text

AROUND = timedelta(days=14)
TITLE_LIMIT, THEME_LIMIT = 100, 200
LONGEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody asks for; what is None is filled in by ``completed``.

    ``observance`` is a key of the catalogue; a campaign without one has a title and days of its
    own. ``plugins`` None means all that are installed.
    """

    year: int
    observance: str | None = None
    title: str = ""
    theme: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    plugins: tuple[str, ...] | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What can be changed as long as a campaign lasts."""

    title: str
    theme: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Completed:
    """A plan that can be carried out."""

    year: int
    observance: str | None
    details: Details
    plugins: tuple[str, ...]
    key: str


def window(observance: Observance, year: int) -> tuple[date, date]:
    """The usual days of a campaign: from two weeks before the observance to two weeks after it."""
    return observance.date(year) - AROUND, observance.last_date(year) + AROUND


def completed(plan: Plan, catalogue: Catalogue, plugins: Plugins) -> Completed:
    """The plan with everything filled in. Raises Refusal with every fault."""
    faults = _faults_of_names(plan.title, plan.theme or "", plan.key)
    if not FIRST_YEAR <= plan.year <= LAST_YEAR:
        faults.append(Fault("/year", "value", f"年份要在 {FIRST_YEAR} 到 {LAST_YEAR} 之间"))
        raise Refusal(*faults)
    found = catalogue.get(plan.observance) if plan.observance else None
    faults += _faults_of_observance(plan, found)
    usual = window(found, plan.year) if found else (None, None)
    starts_on, ends_on = plan.starts_on or usual[0], plan.ends_on or usual[1]
    for name, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if day is None and (plan.observance is None or found):
            faults.append(Fault(f"/{name}", "missing", "请填写日期"))
    faults += _faults_of_days(starts_on, ends_on)
    enabled = plugins.keys if plan.plugins is None else plan.plugins
    faults += faults_of_plugins(enabled, plugins)
    if faults or starts_on is None or ends_on is None:
        raise Refusal(*faults)
    theme = plan.theme if plan.theme is not None else found.theme(plan.year) if found else ""
    details = Details(plan.title.strip(), theme.strip(), starts_on, ends_on)
    return Completed(plan.year, plan.observance, details, tuple(sorted(enabled)), plan.key)


def _faults_of_observance(plan: Plan, found: Observance | None) -> list[Fault]:
    if plan.observance is None:
        if plan.title.strip():
            return []
        return [Fault("/title", "missing", "不属于节日的活动要有名称")]
    if found is None:
        return [Fault("/observance", "unknown_observance", f"没有编号为“{plan.observance}”的节日")]
    if found.first is not None and plan.year < found.first:
        return [Fault("/year", "value", f"{plan.year}年还没有{found.name}，从{found.first}年开始")]
    return []


def check_details(details: Details, *, titled: bool) -> None:
    """Raise Refusal with every fault; ``titled`` for a campaign that needs a title of its own."""
    faults = _faults_of_names(details.title, details.theme)
    if titled and not details.title.strip():
        faults.append(Fault("/title", "missing", "不属于节日的活动要有名称"))
    faults += _faults_of_days(details.starts_on, details.ends_on)
    if faults:
        raise Refusal(*faults)


def _faults_of_names(title: str, theme: str, chosen_key: str = "") -> list[Fault]:
    problems = Problems()
    text(TITLE_LIMIT)(title, ("title",), problems)
    text(THEME_LIMIT)(theme, ("theme",), problems)
    if chosen_key:
        key(chosen_key, ("key",), problems)
    return problems.found


def _faults_of_days(starts_on: date | None, ends_on: date | None) -> list[Fault]:
    if starts_on is None or ends_on is None:
        return []
    if ends_on < starts_on:
        return [Fault("/ends_on", "ends_before_starts", "结束日期早于开始日期")]
    if ends_on - starts_on > LONGEST:
        return [Fault("/ends_on", "value", "活动最长两年，请检查日期")]
    return []


def faults_of_plugins(enabled: Collection[str], plugins: Plugins) -> list[Fault]:
    """Plugins that are not installed, or that need another which is not enabled beside them."""
    faults = []
    for name in sorted(enabled):
        if name not in plugins.keys:
            faults.append(Fault("/plugins", "unknown_plugin", f"没有安装功能“{name}”"))
            continue
        info = plugins.infos[name]
        needed = [need for need in info.needs if need in plugins.keys and need not in enabled]
        if needed:
            titles = "、".join(plugins.infos[need].title for need in needed)
            faults.append(Fault("/plugins", "needs", f"“{info.title}”要和“{titles}”一起使用"))
    return faults
