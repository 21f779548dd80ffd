"""A campaign with any number of records of all four plugins, written straight to its tables.

Bundles of a million records take minutes to read; here each table is filled by one statement that
both engines read. The offices are those of ``bench.bundles``: a city, 20 counties, 200 towns and
1,800 villages, each with a target, a reported figure and its share of the records.
"""

from __future__ import annotations

from typing import Any

from bench.bundles import bundle
from bench.record_tables import ACTIVITIES, PARTS
from core import bundles, campaigns, database, privacy
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.process import Process

# What of a hundred records belongs to which table; the others hold what these point at.
SHARES = {
    "condolence_line": 30,
    "condolence_goods": 30,
    "volunteer_attendance": 20,
    "job_fair_attendance": 8,
    "job_fair_application": 5,
    "job_fair_position": 2,
    "publicity_item": 2,
    "publicity_material": 2,
    "publicity_outreach": 1,
}
# Days and moments are text on SQLite; {day} is a number from 0 to 27.
WORDS = {
    "sqlite": {
        "day": "'2026-05-' || SUBSTR('0' || (1 + {day}), -2)",
        "moment": "'2026-05-' || SUBSTR('0' || (1 + {day}), -2) || ' 0{hour}:00:00+00:00'",
    },
    "postgresql": {
        "day": "DATE '2026-05-01' + CAST({day} AS INTEGER)",
        "moment": "TIMESTAMPTZ '2026-05-01 0{hour}:00:00+00' + {day} * INTERVAL '1 day'",
    },
}
NUMBERS = (
    "WITH RECURSIVE numbers(i) AS (SELECT 0 WHERE 0 < :count UNION ALL"
    " SELECT i + 1 FROM numbers WHERE i + 1 < :count),"
    " place AS (SELECT p.organisation, ROW_NUMBER() OVER (ORDER BY p.organisation) - 1 AS n"
    " FROM campaign_participant p WHERE p.campaign = :campaign AND p.level = 'community'),"
    " occasion AS (SELECT a.id, ROW_NUMBER() OVER (ORDER BY a.id) - 1 AS n"
    " FROM activity a WHERE a.campaign = :campaign) "
)


def plan(key: str, records: int, *, year: int = 2026) -> dict[str, Any]:
    """The bundle of everything but the records: offices, targets, reported figures, activities."""
    made = bundle(0)
    made["campaign"] |= {"key": key, "year": year}
    offices = made["organisations"]
    made["plugins"] = {"condolence": {}, "job_fair": {}, "volunteer": {}, "publicity": {}}
    made["metrics"] = [
        {"key": "assistive.items", "label": "发放辅助器具", "unit": "件", "aggregation": "sum"},
        {
            "key": "hiring.rate",
            "label": "到场就业率",
            "unit": "%",
            "aggregation": "ratio",
            "numerator": "job_fair.hired",
            "denominator": "job_fair.attendees",
        },
    ]
    made["targets"] = [
        {"metric": "condolence.visits", "organisation": office["key"], "value": str(records // 100)}
        for office in offices
    ]
    made["reported"] = _reported(offices, records)
    made["activities"] = _activities()
    return made


def _reported(offices: list[dict[str, Any]], records: int) -> list[dict[str, Any]]:
    """Figures that villages and towns report."""
    return [
        {
            "key": f"f-{metric}-{office['key']}",
            "metric": metric,
            "organisation": office["key"],
            "activity": None,
            "value": value,
            "basis": basis,
            "approximate": basis == "total",
            "source": "台账",
        }
        for office in offices
        for metric, value, basis, level in (
            ("assistive.items", "7", "additional", "community"),
            ("condolence.people", "3", "additional", "community"),
            ("publicity.leaflets", str(records), "total", "town"),
        )
        if office["level"] == level
    ]


def _activities() -> list[dict[str, Any]]:
    """Activities of the counties."""
    return [
        {
            "key": f"a{number}",
            "title": f"活动{number}",
            "kind": "volunteer",
            "organisation": f"c{number % 20}",
            "starts_at": f"2026-05-{1 + number % 28:02d}T09:00:00+08:00",
            "ends_at": f"2026-05-{1 + number % 28:02d}T17:00:00+08:00",
        }
        for number in range(ACTIVITIES)
    ]


class Filling:
    """Fills the tables of one campaign; ids go on after those that are there."""

    def __init__(self, campaign: Campaign, records: int) -> None:
        """``records`` is the number of all rows of SHARES together."""
        self.campaign = campaign
        self.counts = {table: max(1, records * share // 100) for table, share in SHARES.items()}
        self.first: dict[str, int] = {}
        self.words = WORDS["postgresql" if database.is_postgresql() else "sqlite"]

    def count(self, table: str) -> int:
        """How many rows of a table."""
        return self.counts[table]

    def day(self, number: str) -> str:
        """A day of the campaign, by an expression."""
        return self.words["day"].format(day=f"(({number}) % 28)")

    def moment(self, number: str, hour: int) -> str:
        """A moment of such a day, at an hour (UTC)."""
        return self.words["moment"].format(day=f"(({number}) % 28)", hour=hour)

    async def fill(self, table: str, count: int, columns: dict[str, str], source: str = "") -> None:
        """``columns`` are expressions over ``i`` from 0 to ``count - 1`` and over ``source``."""
        highest = await database.fetch_value(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        self.first[table] = int(highest) + 1
        self.counts[table] = count
        values = {"id": f"i + {self.first[table]}", "campaign": ":campaign", **columns}
        await database.execute(
            f"INSERT INTO {table} ({', '.join(values)}) {NUMBERS}"
            f"SELECT {', '.join(values.values())} FROM numbers {source}",
            campaign=self.campaign.id,
            count=count,
            **({"sealed": privacy.seal("某某某")} if ":sealed" in values.values() else {}),
        )
        if database.is_postgresql():
            await database.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
            )

    def at(self, number: str) -> str:
        """The join with the village of a number."""
        return f"JOIN place ON place.n = ({number}) % 1800"

    def of(self, table: str, number: str) -> str:
        """The id of a row of a table that was filled, by its number."""
        return f"{self.first[table]} + (({number}) % {self.counts[table]})"


async def filled(
    process: Process, records: int, *, key: str = "bench", year: int = 2026
) -> Campaign:
    """A campaign of so many records; written in one unit of work."""
    document = plan(key, records, year=year)
    await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    found = await campaigns.find(key)
    filling = Filling(found, records)
    async with database.transaction():
        for part in PARTS:
            await part(filling)
        await campaigns.touch(found.id)
    if database.is_postgresql():  # its autovacuum would do so soon; SQLite is left as it is
        await database.execute("ANALYZE")
    return await campaigns.find(key)
