"""What the recap says of publicity: one paragraph, a table of items, the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core import database
from core.figures import Figure
from core.measures import IN_SCOPE
from core.recap.model import Cell, Section, Table, Text, present
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from plugins.publicity.figures import METRICS
from plugins.publicity.rules import BRIEF, ITEM_KINDS, ITEM_UNITS, OUTLET_LEVELS, outlets_named

IN_MEDIA = ("publicity.articles", "publicity.tv", "publicity.radio", "publicity.videos")
ITEM_COUNTS = (
    "SELECT i.outlet, i.outlet_level, i.kind,"
    " CASE WHEN i.reprint_of IS NULL THEN 0 ELSE 1 END AS reprint, COUNT(*) AS items"
    f" FROM publicity_item i WHERE i.campaign = :campaign AND i.organisation IN ({IN_SCOPE})"
    " GROUP BY 1, 2, 3, 4"
)
LEDGER = "宣传工作的数据与佐证"
REPRINTS = ("reprint", "转载", "篇")


TITLE = "宣传工作"
TEMPLATES = [
    RecapTemplate(
        "publicity",
        TITLE,
        "活动期间，在{媒体}刊发〔稿件{publicity.articles}、电视报道{publicity.tv}、"
        "广播报道{publicity.radio}、视频{publicity.videos}〕，媒体转载{publicity.reprints}，"
        "编发信息简报{publicity.briefs}。"
        "悬挂横幅{publicity.banners}，发放〔宣传单{publicity.leaflets}、"
        "宣传册{publicity.booklets}〕，张贴海报{publicity.posters}，"
        "刊播标语{publicity.slogans}，发送短信{publicity.sms}，宣传受众{publicity.reach}。",
        {"媒体": "刊发报道的媒体，如“甲日报、乙电视台等媒体”"},
    )
]


async def section(scope: Scope, figures: Mapping[str, Figure], texts: Texts) -> Section | None:
    """Publicity's part of the recap; None when there is nothing to tell. One statement."""
    if not any(metric.key in figures for metric in METRICS):
        return None
    rows = await database.fetch(ITEM_COUNTS, campaign=scope.campaign_id, root=scope.organisation_id)
    told = texts.write("publicity", 媒体=_media(rows, figures))
    ledger = texts.ledger((metric.key for metric in METRICS), LEDGER)
    return Section("publicity", TITLE, present(*told, _table(rows), ledger), "publicity")


def _media(rows: Sequence[Mapping[str, Any]], figures: Mapping[str, Figure]) -> str:
    """Which media: the highest and busiest first; 等 unless the records name all there are."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        if not row["reprint"] and row["kind"] != BRIEF:
            place = (row["outlet_level"], row["outlet"].strip())
            counts[place] = counts.get(place, 0) + int(row["items"])
    stated = [figures[metric] for metric in IN_MEDIA if metric in figures]
    return outlets_named(counts, complete=all(f.itemised == f.value for f in stated))


def _table(rows: Sequence[Mapping[str, Any]]) -> Table | None:
    """Items on record by the level of their outlet and by kind; what has none is left out."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        place = (row["outlet_level"], REPRINTS[0] if row["reprint"] else row["kind"])
        counts[place] = counts.get(place, 0) + int(row["items"])
    kinds = [(kind, label, ITEM_UNITS[kind]) for kind, label in ITEM_KINDS.items()]
    columns = [
        column
        for column in (*kinds, REPRINTS)
        if any((level, column[0]) in counts for level in OUTLET_LEVELS)
    ]
    lines = tuple(
        (Cell.words(label), *(_count(counts.get((level, kind), 0)) for kind, _, _ in columns))
        for level, label in OUTLET_LEVELS.items()
        if any((level, kind) in counts for kind, _, _ in columns)
    )
    header = ("媒体级别", *(f"{label}（{unit}）" for _, label, unit in columns))
    return Table("有明细的报道，按媒体级别和类别", header, lines) if lines else None


def _count(items: int) -> Cell:
    return Cell((Text(str(items)),), numeric=True)
