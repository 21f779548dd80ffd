"""A campaign with any number of records of all four plugins, written straight to its tables.

Bundles of a million records take minutes to read; here each table is filled by one statement that
both engines read. The offices are those of ``bench.bundles``: a city, 20 counties, 200 towns and
1,800 villages, each with a target, a reported figure and its share of the records.
"""

from __future__ import annotations

from typing import Any

from bench.bundles import bundle
from core import bundles, campaigns, database, privacy
from core.campaigns import Campaign
from core.permissions import SYSTEM
from core.process import Process

ACTIVITIES = 200
LINES_A_ROUND, PEOPLE_A_SHIFT, SEEKERS_A_FAIR = 100, 50, 200
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
    made["reported"] = [
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
    made["activities"] = [
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
    return made


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


async def _condolence(to: Filling) -> None:
    lines = to.count("condolence_line")
    rounds = -(-lines // LINES_A_ROUND)
    villages = min(1800, max(1, rounds // 2))  # a village is visited twice or more
    people = villages * LINES_A_ROUND
    goods = to.count("condolence_goods")
    of_round, village = f"(i / {LINES_A_ROUND})", f"(i / {LINES_A_ROUND}) % {villages}"
    await to.fill(
        "condolence_recipient",
        people,
        {
            "key": "'r' || i",
            "kind": "CASE i % 20 WHEN 0 THEN 'institution' WHEN 1 THEN 'household'"
            " WHEN 2 THEN 'household' ELSE 'person' END",
            "name_sealed": ":sealed",
            "name_index": "'n' || i",
            "organisation": "place.organisation",
        },
        to.at(f"i / {LINES_A_ROUND}"),
    )
    await to.fill(
        "condolence_round",
        rounds,
        {
            "key": "'n' || i",
            "occasion": "'全国助残日'",
            "organisation": "place.organisation",
            "visited_on": to.day("i"),
            "sequence": "0",
            "funder": "''",
        },
        to.at(f"i % {villages}"),
    )
    await to.fill(
        "condolence_line",
        lines,
        {
            "round": to.of("condolence_round", of_round),
            # The same people again in the next rounds of their village.
            "recipient": to.of("condolence_recipient", f"{village} * 100 + i % 100"),
            "cash": "20000 + (i % 7) * 5000",
            "status": "CASE WHEN i % 50 = 0 THEN 'planned' ELSE 'delivered' END",
        },
    )
    await to.fill(
        "condolence_goods",
        goods,
        {
            "line": to.of("condolence_line", "i"),
            "position": f"i / {lines}",
            "item": "'大米'",
            "quantity": "1 + i % 3",
            "unit": "'袋'",
            "unit_value": "6000",
        },
    )


async def _volunteer(to: Filling) -> None:
    records = to.count("volunteer_attendance")
    shifts = -(-records // PEOPLE_A_SHIFT)
    villages = min(1800, shifts)
    people = villages * PEOPLE_A_SHIFT
    await to.fill(
        "volunteer_person",
        people,
        {
            "key": "'v' || i",
            "name_sealed": ":sealed",
            "name_index": "'n' || i",
            "organisation": "place.organisation",
        },
        to.at(f"i / {PEOPLE_A_SHIFT}"),
    )
    await to.fill(
        "volunteer_shift",
        shifts,
        {
            "key": "'h' || i",
            "activity": "occasion.id",
            "organisation": "place.organisation",
            "title": "'引导'",
            "starts_at": to.moment("i", 1),
            "ends_at": to.moment("i", 4),
            "capacity": str(PEOPLE_A_SHIFT),
            "label": "'引导' || i",
            "sequence": "0",
            "place": "''",
            "skills": "'[]'",
            "tasks": "'[]'",
            "risks": "''",
            "insurance": "''",
        },
        to.at(f"i % {villages}") + f" JOIN occasion ON occasion.n = i % {ACTIVITIES}",
    )
    of_shift = f"(i / {PEOPLE_A_SHIFT})"
    await to.fill(
        "volunteer_attendance",
        records,
        {
            "key": "'t' || i",
            "shift": to.of("volunteer_shift", of_shift),
            "volunteer": to.of(
                "volunteer_person", f"({of_shift} % {villages}) * 50 + i % {PEOPLE_A_SHIFT}"
            ),
            "ordinal": "0",
            "checked_in_at": to.moment(of_shift, 1),
            "checked_out_at": to.moment(of_shift, 4),
            "status": "CASE WHEN i % 40 = 0 THEN 'no_show' ELSE 'confirmed' END",
            "credited_minutes": "20 + i % 11",
            "policy": "''",
            "closed_by_itself": "FALSE",
        },
    )


async def _job_fair(to: Filling) -> None:
    attendances, applications = to.count("job_fair_attendance"), to.count("job_fair_application")
    fairs = -(-attendances // SEEKERS_A_FAIR)
    positions = to.count("job_fair_position")
    employers = max(1, positions // 4)
    seekers = max(SEEKERS_A_FAIR, attendances // 2)
    await to.fill("job_fair_employer", employers, {"key": "'e' || i", "name": "'公司' || i"})
    await to.fill("job_fair_job_type", 100, {"name": "'工种' || i"})
    await to.fill(
        "job_fair_seeker",
        seekers,
        {
            "key": "'s' || i",
            "name_sealed": ":sealed",
            "name_index": "'n' || i",
            "organisation": "place.organisation",
        },
        to.at("i"),
    )
    await to.fill(
        "job_fair_fair",
        fairs,
        {
            "key": "'j' || i",
            "organisation": "place.organisation",
            "mode": "'online'",
            "held_on": to.day("i"),
            "sequence": "0",
        },
        to.at("i * 7"),
    )
    await to.fill(
        "job_fair_position",
        positions,
        {
            "key": "'p' || i",
            "fair": to.of("job_fair_fair", "i"),
            "employer": to.of("job_fair_employer", "i * 3"),
            "job_type": to.of("job_fair_job_type", "i"),
            "title": "'包装工' || i % 50",
            "openings": "1 + i % 5",
            "accommodations": """'["wheelchair"]'""",
        },
    )
    of_fair = f"(i / {SEEKERS_A_FAIR})"
    await to.fill(
        "job_fair_attendance",
        attendances,
        {
            "fair": to.of("job_fair_fair", of_fair),
            "seeker": to.of("job_fair_seeker", "i"),
        },
    )
    await to.fill(
        "job_fair_application",
        applications,
        {
            "seeker": to.of("job_fair_seeker", "i * 3"),
            "position": to.of("job_fair_position", "i"),
            "ordinal": f"i / {positions}",
            "stage": "CASE i % 4 WHEN 0 THEN 'hired' WHEN 1 THEN 'intent' ELSE 'applied' END",
        },
    )


async def _publicity(to: Filling) -> None:
    place = {"organisation": "place.organisation"}
    await to.fill(
        "publicity_item",
        to.count("publicity_item"),
        {
            "key": "'m' || i",
            "kind": "CASE i % 4 WHEN 0 THEN 'article' WHEN 1 THEN 'tv' WHEN 2 THEN 'video'"
            " ELSE 'brief' END",
            "title": "'报道' || i",
            "outlet": "'某日报' || i % 30",
            "outlet_level": "'city'",
            "published_on": to.day("i"),
            "url": "'https://example.org/' || i",
            "url_comparable": "'example.org/' || i",
            **place,
        },
        to.at("i"),
    )
    for table, key, columns in (
        (
            "publicity_material",
            "b",
            {
                "kind": "CASE i % 3 WHEN 0 THEN 'leaflet' WHEN 1 THEN 'poster' ELSE 'banner' END",
                "quantity": "10 + i % 90",
            },
        ),
        ("publicity_outreach", "o", {"people": "20 + i % 80"}),
    ):
        given = {"key": f"'{key}' || i", "happened_on": to.day("i"), **columns, **place}
        await to.fill(table, to.count(table), given, to.at("i"))


async def filled(
    process: Process, records: int, *, key: str = "bench", year: int = 2026
) -> Campaign:
    """A campaign of so many records; written in one unit of work."""
    document = plan(key, records, year=year)
    await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    found = await campaigns.find(key)
    filling = Filling(found, records)
    async with database.transaction():
        for part in (_condolence, _volunteer, _job_fair, _publicity):
            await part(filling)
        await campaigns.touch(found.id)
    if database.is_postgresql():  # its autovacuum would do so soon; SQLite is left as it is
        await database.execute("ANALYZE")
    return await campaigns.find(key)
