"""All figures of a campaign of 2,021 offices, beside SQL by hand."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from bench.bundles import bundle
from bench.databases import migrated, sqlite_url
from bench.measuring import Case, Result, compare
from core import bundles, campaigns, figures
from core.permissions import SYSTEM

FIGURES_BY_HAND = """
SELECT c.ancestor, COUNT(*), SUM(l.cash),
       COUNT(DISTINCT CASE WHEN p.kind = 'household' THEN p.id END),
       COUNT(DISTINCT CASE WHEN p.kind = 'person' THEN p.id END)
FROM condolence_line l JOIN condolence_round r ON r.id = l.round
JOIN condolence_recipient p ON p.id = l.recipient
CROSS JOIN campaign_closure c
WHERE l.status = 'delivered' AND c.campaign = l.campaign AND c.descendant = r.organisation
GROUP BY c.ancestor
"""


async def counting(folder: Path, lines: int) -> Result:
    """All figures of 2,021 offices, beside one statement by hand that gives most of them."""
    name = f"count{lines}"
    async with migrated(folder, sqlite_url(folder, name)) as process:
        key = await bundles.import_document(
            bundle(lines), process.plugins, process.catalogue, SYSTEM
        )
        campaign = await campaigns.find(key)
        scope = await campaigns.scope(campaign)
        bare = sqlite3.connect(folder / f"{name}.db", check_same_thread=False)

        async def project() -> None:
            await figures.compute(scope, process.plugins, campaign.enabled)

        async def limit() -> None:
            await asyncio.to_thread(lambda: bare.execute(FIGURES_BY_HAND).fetchall())

        result = await compare(f"figures of {3 * lines:,} records", project, limit, "SQL by hand")
        bare.close()
        return result


async def growing(folder: Path) -> list[Result]:
    """How it grows."""
    return [await counting(folder, lines) for lines in (1_000, 10_000, 100_000)]


CASES = (Case("figures", growing),)
