"""What is on record, counted by kind, by the level of the outlet and by office."""

from __future__ import annotations

from dataclasses import dataclass, field

from core import database
from core.scopes import Scope
from plugins.publicity.figures import ITEM_METRICS, MATERIAL_METRICS, REACH, REPRINTS

# Each office with the one under whose name it is counted: the viewed office itself, or the one
# directly below it to whose subtree it belongs.
UNITS = (
    "(SELECT CAST(:root AS BIGINT) AS office, CAST(:root AS BIGINT) AS unit"
    " UNION ALL SELECT c.descendant, c.ancestor FROM campaign_closure c"
    " JOIN campaign_participant p ON p.campaign = c.campaign AND p.organisation = c.ancestor"
    " WHERE c.campaign = :campaign AND p.parent = :root)"
)


@dataclass(slots=True)
class Tally:
    """Amounts by metric and level, and by metric and office (by key); what is none is absent.

    Materials and outreach have no level.
    """

    by_level: dict[tuple[str, str], int] = field(default_factory=dict)
    by_office: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, metric: str, office: str, amount: int, level: str = "") -> None:
        """Count an amount of an office."""
        offices = self.by_office.setdefault(metric, {})
        offices[office] = offices.get(office, 0) + amount
        if level:
            self.by_level[metric, level] = self.by_level.get((metric, level), 0) + amount

    def total(self, metric: str) -> int:
        """The amount of a metric in all."""
        return sum(self.by_office.get(metric, {}).values())


async def read(scope: Scope) -> Tally:
    """Count the records of the scope. Three statements."""
    tally = Tally()
    place = {"campaign": scope.campaign_id, "root": scope.organisation_id}
    for row in await database.fetch(
        "SELECT o.key AS office, i.kind, i.outlet_level AS level,"
        " CASE WHEN i.reprint_of IS NULL THEN 0 ELSE 1 END AS reprint, COUNT(*) AS amount"
        f" FROM publicity_item i JOIN {UNITS} u ON u.office = i.organisation"
        " JOIN organisation o ON o.id = u.unit WHERE i.campaign = :campaign GROUP BY 1, 2, 3, 4",
        **place,
    ):
        metric = REPRINTS if row["reprint"] else ITEM_METRICS[row["kind"]]
        tally.add(metric, row["office"], int(row["amount"]), row["level"])
    for row in await database.fetch(
        "SELECT o.key AS office, m.kind, CAST(SUM(m.quantity) AS BIGINT) AS amount"
        f" FROM publicity_material m JOIN {UNITS} u ON u.office = m.organisation"
        " JOIN organisation o ON o.id = u.unit WHERE m.campaign = :campaign GROUP BY 1, 2",
        **place,
    ):
        tally.add(MATERIAL_METRICS[row["kind"]], row["office"], int(row["amount"]))
    for row in await database.fetch(
        "SELECT o.key AS office, CAST(SUM(r.people) AS BIGINT) AS amount"
        f" FROM publicity_outreach r JOIN {UNITS} u ON u.office = r.organisation"
        " JOIN organisation o ON o.id = u.unit WHERE r.campaign = :campaign GROUP BY 1",
        **place,
    ):
        tally.add(REACH, row["office"], int(row["amount"]))
    return tally
