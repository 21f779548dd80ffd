"""What the recap says of condolence visits."""

from __future__ import annotations

from collections.abc import Mapping

from core import database
from core.figures import Figure
from core.measures import IN_SCOPE
from core.recap.model import Section, present
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from plugins.condolence.figures import METRICS

TITLE = "走访慰问"
TEMPLATES = [
    RecapTemplate(
        "condolence",
        TITLE,
        "活动期间，{慰问单位}开展走访慰问{慰问批数}｜开展走访慰问{慰问批数}，"
        "走访慰问〔残疾人家庭{condolence.households}、残疾人{condolence.people}、"
        "机构{condolence.institutions}〕，共走访{condolence.visits}；"
        "发放慰问金{condolence.cash}，发放慰问品{condolence.goods_items}，"
        "慰问品折价{condolence.goods_value}。",
        {
            "慰问单位": "几家单位开展了走访，只有一家时没有",
            "慰问批数": "走访了几批，有只填报的数据时没有",
        },
    )
]


async def section(scope: Scope, figures: Mapping[str, Figure], texts: Texts) -> Section | None:
    """One paragraph and the ledger of the plugin's figures; None where there is none."""
    words = {}
    # What is only reported was done by nobody knows how many offices.
    own = _own(figures)
    if own and all(each.itemised == each.value for each in own):
        rounds = await _rounds(scope)
        words["慰问批数"] = f"{rounds['rounds']}批"
        words["慰问单位"] = f"{rounds['offices']}家单位" if rounds["offices"] > 1 else ""
    blocks = present(
        *texts.write("condolence", **words), texts.ledger(metric.key for metric in METRICS)
    )
    return Section("condolence", TITLE, blocks, plugin="condolence") if own else None


def _own(figures: Mapping[str, Figure]) -> list[Figure]:
    """The plugin's figures."""
    return [figures[metric.key] for metric in METRICS if metric.key in figures]


async def _rounds(scope: Scope) -> dict[str, int]:
    """How many rounds delivered something, and how many offices made them. One statement."""
    row = await database.fetch_one(
        "SELECT COUNT(DISTINCT r.id) AS rounds, COUNT(DISTINCT r.organisation) AS offices"
        " FROM condolence_round r JOIN condolence_line l ON l.round = r.id"
        " WHERE r.campaign = :campaign AND l.status = 'delivered'"
        f" AND r.organisation IN ({IN_SCOPE})",
        campaign=scope.campaign_id,
        root=scope.organisation_id,
    )
    return dict(row or {"rounds": 0, "offices": 0})
