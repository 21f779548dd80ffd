"""What the recap says of job fairs: a paragraph, the ledger, and each fair that is on record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import database, wording
from core.figures import Figure
from core.measures import IN_SCOPE
from core.recap.model import Cell, Paragraph, Section, Table, Text, present
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from plugins.job_fair.figures import METRICS
from plugins.job_fair.rules import MODES
from plugins.job_fair.statements import FAIR_TITLE, OFFICE_NAME, add_counts

TITLE = "就业援助招聘会"
CAPTION = "各场招聘会情况（有记录的）"
# A longer table belongs into an annex; the pages list every fair.
LONGEST_TABLE = 60
HEADER = (
    "日期",
    "招聘会",
    "方式",
    "举办单位",
    "用人单位（家）",
    "岗位（个）",
    "到场（人）",
    "初步意向（人）",
    "实现就业（人）",
)
NUMBERS = ("employers", "openings", "attendees", "intents", "hired")


TEMPLATES = [
    RecapTemplate(
        "job_fair",
        TITLE,
        "活动期间，举办招聘会{job_fair.fairs}，"
        "{job_fair.employers}用人单位提供〔{job_fair.job_types}工种、{job_fair.openings}岗位〕"
        "｜{job_fair.employers}用人单位参加"
        "｜提供〔{job_fair.job_types}工种、{job_fair.openings}岗位〕。"
        "到场求职残疾人{job_fair.attendees}（{job_fair.attendances}）"
        "｜求职残疾人到场{job_fair.attendances}，投递简历{job_fair.applications}，"
        "{job_fair.intents}达成初步就业意向，{job_fair.hired}实现就业。",
    )
]


async def section(scope: Scope, figures: Mapping[str, Figure], texts: Texts) -> Section | None:
    """Our part of the recap; None where there is nothing to say. Four statements at most."""
    fairs = await _fairs(scope)
    if not fairs and not any(metric.key in figures for metric in METRICS):
        return None
    blocks = present(
        *texts.write("job_fair"),
        texts.ledger(metric.key for metric in METRICS),
        _table(fairs[:LONGEST_TABLE]),
        _rest(len(fairs) - LONGEST_TABLE),
    )
    return Section("job_fair", TITLE, blocks, "job_fair")


async def _fairs(scope: Scope) -> list[dict[str, Any]]:
    """Every fair of the scope with its numbers, by day."""
    rows = await database.fetch(
        f"SELECT f.id, f.held_on, f.mode, {FAIR_TITLE.format(x='f')} AS title, {OFFICE_NAME}"
        " AS office FROM job_fair_fair f JOIN organisation o ON o.id = f.organisation"
        " LEFT JOIN campaign_participant q ON q.campaign = f.campaign"
        " AND q.organisation = f.organisation WHERE f.campaign = :campaign"
        f" AND f.organisation IN ({IN_SCOPE}) ORDER BY f.held_on, f.key",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    if rows:
        await add_counts(scope.campaign_id, rows)
    return rows


def _table(fairs: list[dict[str, Any]]) -> Table | None:
    if not fairs:
        return None
    rows = tuple(
        (
            Cell.words(f"{fair['held_on'].month}月{fair['held_on'].day}日"),
            Cell.words(fair["title"]),
            Cell.words(MODES[fair["mode"]]),
            Cell.words(fair["office"]),
            *(Cell((Text(str(fair[name])),), numeric=True) for name in NUMBERS),
        )
        for fair in fairs
    )
    return Table(CAPTION, HEADER, rows)


def _rest(count: int) -> Paragraph | None:
    """What the table leaves out."""
    if count <= 0:
        return None
    last = wording.join_clauses([f"表中只列前{LONGEST_TABLE}场", f"另有{count}场未列"])
    return Paragraph((Text(last),))
