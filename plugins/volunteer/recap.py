"""What the recap says of volunteer service."""

from __future__ import annotations

from collections.abc import Mapping

from core.figures import Figure
from core.recap.model import Section
from core.recap.writer import Writer
from core.scopes import Scope
from plugins.volunteer.figures import METRICS

TITLE = "志愿服务"
LEAD = "活动期间，"


async def section(scope: Scope, figures: Mapping[str, Figure]) -> Section | None:
    """One sentence and the ledger of the plugin's figures; None where there is none."""
    del scope
    writer = Writer(figures)
    people, times = "volunteer.volunteers" in figures, "volunteer.attendances" in figures
    served = (
        "志愿者{volunteer.volunteers}参与助残服务{volunteer.attendances}"
        if people and times
        else "志愿者{volunteer.volunteers}参与助残服务"
        if people
        else "志愿者参与助残服务{volunteer.attendances}"
    )
    said = writer.clauses(
        [served, "服务时长{volunteer.hours}", "开展志愿助残活动{volunteer.activities}"], LEAD
    )
    blocks = [said, writer.ledger([metric.key for metric in METRICS])]
    kept = tuple(block for block in blocks if block is not None)
    return Section("volunteer", TITLE, kept, plugin="volunteer") if kept else None
