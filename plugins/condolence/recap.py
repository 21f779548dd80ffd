"""What the recap says of condolence visits."""

from __future__ import annotations

from collections.abc import Mapping

from core import database
from core.figures import Figure
from core.measures import IN_SCOPE
from core.recap.model import Section
from core.recap.writer import Listing, Writer
from core.scopes import Scope
from plugins.condolence.figures import METRICS

TITLE = "走访慰问"


async def section(scope: Scope, figures: Mapping[str, Figure]) -> Section | None:
    """One paragraph and the ledger of the plugin's figures; None where there is none."""
    writer = Writer(figures)
    rounds = await _rounds(scope)
    lead = "活动期间，"
    if rounds["rounds"]:
        lead = f"活动期间，{rounds['offices']}家单位组织走访慰问{rounds['rounds']}批，"
    people = writer.clauses(
        [
            Listing(
                "走访慰问残疾人家庭和机构",
                ("{condolence.households}", "{condolence.people}", "{condolence.institutions}"),
            )
            if "condolence.institutions" in figures
            else Listing("走访慰问困难残疾人", ("{condolence.households}", "{condolence.people}")),
            "走访{condolence.visits}",
        ],
        lead,
    )
    gifts = writer.clauses(
        [
            "发放慰问金{condolence.cash}",
            "发放慰问品{condolence.goods_items}",
            "慰问品折价{condolence.goods_value}",
        ],
        "" if people else lead,
    )
    blocks = [writer.paragraph(people, gifts), writer.ledger([metric.key for metric in METRICS])]
    kept = tuple(block for block in blocks if block is not None)
    return Section("condolence", TITLE, kept, plugin="condolence") if kept else None


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
