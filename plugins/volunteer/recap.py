"""What the recap says of volunteer service."""

from __future__ import annotations

from core.recap.model import Section, present
from core.recap.templating.texts import RecapTemplate, Texts
from core.scopes import Scope
from plugins.volunteer import breakdown
from plugins.volunteer.figures import METRICS

TITLE = "志愿服务"
TEMPLATES = [
    RecapTemplate(
        "volunteer",
        TITLE,
        "活动期间，志愿者{volunteer.volunteers}参与助残服务{volunteer.attendances}"
        "｜志愿者{volunteer.volunteers}参与助残服务"
        "｜志愿者参与助残服务{volunteer.attendances}，"
        "服务时长{volunteer.hours}，开展志愿助残活动{volunteer.activities}。",
    )
]


async def section(scope: Scope, texts: Texts) -> Section | None:
    """One sentence, the ledger of the plugin's figures, and what else its records tell.

    None where there is nothing. One statement.
    """
    blocks = present(
        *texts.write("volunteer"),
        texts.ledger(metric.key for metric in METRICS),
        breakdown.table(await breakdown.read(scope)),
    )
    return Section("volunteer", TITLE, blocks, plugin="volunteer") if blocks else None
