"""A million rows that belong to others: put beside one campaign by statements over a series.

Row ``n`` of a table belongs to campaign ``n % CAMPAIGNS`` of the others, so that each has its share
of everything and the rows of one lie scattered among those of all.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from urllib.parse import unquote

import asyncpg

CAMPAIGNS, OFFICES = 24, 2_000
OFFICE = "(:organisation + (n * 7919) % 2000)"
CAMPAIGN = "(:campaign + n % 24)"
KEY = "'more-' || n"


def of(table: str) -> str:
    """The id of one of the rows of ``table`` that belong to the same campaign as row ``n``."""
    return f"(:{table} + n % 24 + 24 * ((n / 24) % (:{table}_rows / 24)))"


@dataclass(frozen=True)
class Crowd:
    """Rows of a table: ``values`` are SQL over ``n``; the rest is as in the row there is.

    Where there may be none, ``anew`` says that ``values`` are all there is to a row.
    """

    table: str
    rows: int
    values: dict[str, str] = field(default_factory=dict)
    anew: bool = False


OWNED = {"campaign": CAMPAIGN, "key": KEY, "organisation": OFFICE}
NOW = "CURRENT_TIMESTAMP"
CROWDS: tuple[Crowd, ...] = (
    Crowd("activity", 24_000, OWNED),
    Crowd("account", 2_400, {"name": KEY}),
    Crowd("account_grant", 2_400, {"account": "(:account + n)", "organisation": OFFICE}),
    Crowd("api_token", 240, {"name": KEY, "token_hash": KEY, "organisation": OFFICE}),
    Crowd(
        "session",
        4_800,
        {"token_hash": KEY, "account": "(:account + n % 2400)", "created_at": NOW}
        | {"last_seen_at": NOW, "expires_at": NOW},
        anew=True,
    ),
    Crowd(
        "idempotency_key",
        24_000,
        {"actor": KEY, "key": KEY, "request_hash": KEY, "status": "201", "body": "''"}
        | {"created_at": NOW},
        anew=True,
    ),
    Crowd("audit_entry", 120_000, {"campaign": "'more-' || n % 24", "organisation": OFFICE}),
    Crowd("office_observance", 240, {"key": KEY, "organisation": OFFICE}),
    Crowd(
        "target",
        24_000,
        {"campaign": CAMPAIGN, "metric": KEY, "organisation": OFFICE, "value": "'3'"},
        anew=True,
    ),
    Crowd("reported_figure", 24_000, OWNED | {"metric": KEY}),
    Crowd("feed_token", 2_400, {"token_hash": KEY, "campaign": CAMPAIGN, "organisation": OFFICE}),
    Crowd("condolence_recipient", 120_000, OWNED | {"name_index": KEY}),
    Crowd("condolence_round", 4_800, OWNED | {"activity": of("activity")}),
    Crowd(
        "condolence_line",
        144_000,
        {"campaign": CAMPAIGN, "round": "(:condolence_round + (n + 24 * (n / 120000)) % 4800)"}
        | {"recipient": "(:condolence_recipient + n % 120000)"},
    ),
    Crowd("condolence_goods", 96_000, {"campaign": CAMPAIGN, "line": "(:condolence_line + n)"}),
    Crowd("job_fair_fair", 480, OWNED | {"activity": of("activity")}),
    Crowd("job_fair_employer", 4_800, {"campaign": CAMPAIGN, "key": KEY, "name": KEY}),
    Crowd("job_fair_job_type", 2_400, {"campaign": CAMPAIGN, "name": KEY}),
    Crowd(
        "job_fair_position",
        12_000,
        {"campaign": CAMPAIGN, "key": KEY, "fair": of("job_fair_fair")}
        | {"employer": of("job_fair_employer"), "job_type": of("job_fair_job_type")},
    ),
    Crowd("job_fair_seeker", 36_000, OWNED | {"name_index": KEY}),
    Crowd(
        "job_fair_attendance",
        36_000,
        {"campaign": CAMPAIGN, "fair": of("job_fair_fair"), "seeker": "(:job_fair_seeker + n)"},
    ),
    Crowd(
        "job_fair_application",
        36_000,
        {"campaign": CAMPAIGN, "position": of("job_fair_position")}
        | {"seeker": "(:job_fair_seeker + n)"},
    ),
    Crowd("publicity_item", 36_000, OWNED | {"url_comparable": KEY, "reprint_of": "NULL"}),
    Crowd("publicity_material", 12_000, OWNED | {"activity": of("activity")}),
    Crowd("publicity_outreach", 12_000, OWNED | {"activity": of("activity")}),
    Crowd(
        "volunteer_profile",
        12_000,
        {
            "number": KEY,
            "account": "(:account + n % 2400)",
            "organisation": OFFICE,
            "name_sealed": "''",
        }
        | {"name_index": KEY, "phone_sealed": "''", "phone_index": KEY, "born_sealed": "''"}
        | {"guardian_sealed": "''", "skills": "''", "consent": "''", "created_at": NOW},
        anew=True,
    ),
    Crowd(
        "volunteer_person",
        36_000,
        OWNED | {"name_index": KEY, "profile": "(:volunteer_profile + n / 3)"},
    ),
    Crowd(
        "volunteer_shift",
        7_200,
        OWNED
        | {"activity": of("activity")}
        | {"published_at": "CASE WHEN n % 20 = 0 THEN t.published_at END"},
    ),
    Crowd(
        "volunteer_attendance",
        72_000,
        {"campaign": CAMPAIGN, "key": KEY, "shift": of("volunteer_shift"), "ordinal": "n"}
        | {"volunteer": of("volunteer_person")},
    ),
    Crowd(
        "volunteer_punch",
        96_000,
        {"campaign": CAMPAIGN, "nonce": KEY, "shift": of("volunteer_shift")}
        | {"volunteer": of("volunteer_person"), "attendance": of("volunteer_attendance")},
    ),
    Crowd(
        "volunteer_conflict",
        7_200,
        {"campaign": CAMPAIGN, "organisation": OFFICE, "punch": of("volunteer_punch")},
    ),
    Crowd(
        "volunteer_objection",
        4_800,
        {"campaign": CAMPAIGN, "key": KEY, "attendance": of("volunteer_attendance")}
        | {"volunteer": of("volunteer_person")},
    ),
    Crowd(
        "volunteer_device",
        480,
        {"campaign": CAMPAIGN, "key": KEY, "token_hash": KEY, "organisation": OFFICE}
        | {"account": "(:account + n % 2400)"},
    ),
    Crowd(
        "volunteer_certificate",
        7_200,
        {"number": KEY, "code": KEY, "profile": "(:volunteer_profile + n)"}
        | {"organisation": OFFICE, "content_sealed": "''", "sha256": KEY, "minutes": "60"}
        | {"issued_at": NOW},
        anew=True,
    ),
    Crowd(
        "volunteer_own_feed",
        7_200,
        {"profile": "(:volunteer_profile + n)", "token_hash": KEY, "created_at": NOW},
        anew=True,
    ),
    Crowd(
        "volunteer_waiting",
        4_800,
        {"campaign": CAMPAIGN, "shift": of("volunteer_shift"), "since": NOW}
        | {"volunteer": "(:volunteer_person + n)"},
        anew=True,
    ),
    Crowd(
        "volunteer_star_award",
        9_600,
        {"campaign": CAMPAIGN, "volunteer": "(:volunteer_person + n)", "stars": "1"}
        | {"minutes": "6000", "scheme": "'x'", "state": "'proposed'", "decided_by": "'x'"}
        | {"decided_at": NOW},
        anew=True,
    ),
    Crowd(
        "recap_manuscript",
        4_800,
        {"campaign": CAMPAIGN, "organisation": "(:organisation + n / 24)"},
    ),
    Crowd("recap_part", 14_400, {"manuscript": "(:recap_manuscript + n % 4800)", "key": KEY}),
    Crowd("recap_image", 2_400, {"sha256": KEY}),
    Crowd(
        "recap_photo",
        4_800,
        {"manuscript": "(:recap_manuscript + n)", "key": KEY, "image": "(:recap_image + n / 2)"},
    ),
    Crowd("recap_print", 4_800, {"code": KEY, "campaign": CAMPAIGN, "organisation": OFFICE}),
    Crowd(
        "recap_version",
        4_800,
        {"campaign": CAMPAIGN, "organisation": "(:organisation + n / 24)", "code": KEY},
    ),
    Crowd(
        "recap_rendering",
        2_400,
        {"key": KEY, "campaign": CAMPAIGN, "organisation": OFFICE, "version": "NULL"},
    ),
)
# The tree below the city: twenty counties, towns below them, communities below those.
PARENT = "CASE WHEN n < 20 THEN :top WHEN n < 200 THEN :organisation + n % 20"
PARENT += " ELSE :organisation + 20 + n % 180 END"
FRAME = (
    (
        "INSERT INTO organisation (id, key, name, level, parent)"
        " SELECT :organisation + n, 'more-' || n, '单位' || n,"
        f" CASE WHEN n < 20 THEN 'county' WHEN n < 200 THEN 'town' ELSE 'community' END, {PARENT}"
        f" FROM series WHERE n < {OFFICES}"
    ),
    (
        "INSERT INTO organisation_closure (ancestor, descendant, depth)"
        " WITH RECURSIVE up (ancestor, descendant, depth) AS ("
        " SELECT id, id, 0 FROM organisation WHERE id >= :organisation"
        " UNION ALL SELECT o.parent, u.descendant, u.depth + 1"
        " FROM up u JOIN organisation o ON o.id = u.ancestor WHERE o.parent IS NOT NULL)"
        " SELECT ancestor, descendant, depth FROM up"
    ),
    (
        "INSERT INTO campaign (id, key, organisation, observance, year, title, theme, starts_on,"
        " ends_on, state, changes, modified_at)"
        " SELECT :campaign + n, 'more-' || n, c.organisation, NULL, 2021, '活动' || n, '',"
        " c.starts_on, c.ends_on, 'open', 0, c.modified_at FROM series CROSS JOIN campaign c"
        f" WHERE n < {CAMPAIGNS} AND c.key = '2022-city'"
    ),
    (
        "INSERT INTO campaign_plugin (campaign, plugin) SELECT :campaign + n, p.plugin"
        " FROM series CROSS JOIN campaign_plugin p JOIN campaign c ON c.id = p.campaign"
        f" WHERE n < {CAMPAIGNS} AND c.key = '2022-city'"
    ),
    (
        "INSERT INTO campaign_participant (campaign, organisation, parent, name, level)"
        " SELECT :campaign + n, o.id, o.parent, o.name, o.level"
        " FROM series CROSS JOIN organisation o"
        f" WHERE n < {CAMPAIGNS} AND (o.id = :top OR o.id >= :organisation)"
    ),
    (
        "INSERT INTO campaign_closure (campaign, ancestor, descendant, depth)"
        " SELECT :campaign + n, k.ancestor, k.descendant, k.depth"
        " FROM series CROSS JOIN organisation_closure k"
        f" WHERE n < {CAMPAIGNS} AND k.descendant >= :organisation"
    ),
)
IDENTIFIED = ("organisation", "campaign", *(crowd.table for crowd in CROWDS))
# What there is of these depends on people, or on the number of campaigns, not on their records.
OTHER = {"account", "account_grant", "session", "idempotency_key", "recap_rendering"}
LARGE = {c.table: c.rows for c in CROWDS if c.rows > 2_000 and c.table not in OTHER}
"""Tables that grow with what campaigns record: no statement may read through one of them."""


def filling(crowd: Crowd, columns: list[str]) -> str:
    """The statement that makes a table's rows. ``columns`` are all that the table has."""
    values = {"id": f"(:{crowd.table} + n)", **crowd.values}
    if not crowd.anew:
        values = {name: values.get(name, f't."{name}"') for name in columns}
    names = ", ".join(f'"{name}"' for name in values)
    template = (
        ""
        if crowd.anew
        else f" CROSS JOIN (SELECT * FROM {crowd.table} ORDER BY id DESC LIMIT 1) t"
    )
    return (
        f"INSERT INTO {crowd.table} ({names}) SELECT {', '.join(values.values())}"
        f" FROM series{template} WHERE n < {crowd.rows}"
    )


def first_numbers(found: dict[str, int], top: int) -> dict[str, int]:
    """What the statements' names stand for: each table's first new id and its number of rows."""
    rows = {f"{crowd.table}_rows": crowd.rows for crowd in CROWDS}
    return {**{table: found[table] + 1 for table in IDENTIFIED}, **rows, "top": top}


def written(sql: str, numbers: dict[str, int]) -> str:
    """A statement with its numbers written out: the same for both drivers."""
    for name in sorted(numbers, key=len, reverse=True):
        sql = sql.replace(f":{name}", str(numbers[name]))
    return sql


def crowd_sqlite(url: str) -> None:
    """Fill an SQLite file, on a connection of our own without what a test's data can do without."""
    connection = sqlite3.connect(unquote(url.removeprefix("sqlite:///")), isolation_level=None)
    for pragma in ("foreign_keys = OFF", "synchronous = OFF", "cache_size = -200000"):
        connection.execute(f"PRAGMA {pragma}")
    most = max(crowd.rows for crowd in CROWDS)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TEMP TABLE series (n INTEGER PRIMARY KEY)")
    connection.execute(
        "WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 <"
        f" {most}) INSERT INTO series SELECT n FROM s"
    )
    highest = {
        table: connection.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()[0]
        for table in IDENTIFIED
    }
    top = connection.execute("SELECT id FROM organisation WHERE key = 'city'").fetchone()[0]
    numbers = first_numbers(highest, top)
    for sql in FRAME:
        connection.execute(written(sql, numbers))
    for crowd in CROWDS:
        rows = connection.execute(f"SELECT name FROM pragma_table_info('{crowd.table}')")
        connection.execute(written(filling(crowd, [row[0] for row in rows]), numbers))
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


async def crowd_postgresql(url: str) -> None:
    """Fill a PostgreSQL database, without asking each row whether what it points at is there."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    most = max(crowd.rows for crowd in CROWDS)
    await connection.execute(
        f"CREATE TEMP TABLE series AS SELECT n FROM generate_series(0, {most - 1}) n"
    )
    await connection.execute("ANALYZE series")
    highest = {
        table: await connection.fetchval(f"SELECT COALESCE(MAX(id), 0) FROM {table}")
        for table in IDENTIFIED
    }
    top = await connection.fetchval("SELECT id FROM organisation WHERE key = 'city'")
    numbers = first_numbers(highest, top)
    lists = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename = ANY($1)"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = indexname)",
        [crowd.table for crowd in CROWDS],
    )
    async with connection.transaction():
        for index in lists:  # made after the rows, they cost a fraction
            await connection.execute(f"DROP INDEX {index['indexname']}")
        for sql in FRAME:
            await connection.execute(written(sql, numbers))
        for crowd in CROWDS:
            rows = await connection.fetch(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = $1",
                crowd.table,
            )
            await connection.execute(written(filling(crowd, [row[0] for row in rows]), numbers))
        for index in lists:
            await connection.execute(index["indexdef"])
        for table in IDENTIFIED:
            await connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}"
            )
    await connection.execute("ANALYZE")
    await connection.close()
