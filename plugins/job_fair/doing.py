"""What is done at a fair for several people at once: who came, who applied, and what came of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from api.kit.records import Entry, Work, add, change, find, put
from api.kit.records.fields import Row
from api.kit.records.writing import hold
from core import audit, database
from plugins.job_fair.employers import match
from plugins.job_fair.fair_records import APPLICATIONS, ATTENDANCES, POSITIONS
from plugins.job_fair.naming import Named
from plugins.job_fair.records import EMPLOYERS, FAIRS, SEEKERS


async def attend(work: Work, fair_key: str, people: Named) -> int:
    """Note who came, new seekers entered; answers how many were not noted before.

    Raises Missing, Refusal, Conflict. The number of statements does not depend on how many come.
    """
    async with database.transaction():
        await hold(work, ATTENDANCES)
        fair = await find(work, FAIRS, fair_key, FAIRS.edit)
        if people.new:
            await put(work, SEEKERS, people.new, source=fair["key"])
        if not people.everybody:
            return 0
        attending = [{"fair": fair["key"], "seeker": key} for key in people.everybody]
        batch = await put(work, ATTENDANCES, attending, source=fair["key"])
    return len(batch.added)


async def apply(work: Work, fair_key: str, people: Named, item: Row, *, came: bool) -> Entry:
    """Add an application of somebody, who is entered and noted as having come where asked.

    ``item`` is the application without its seeker. Raises Missing, Refusal, Conflict.
    """
    async with database.transaction():
        await hold(work, APPLICATIONS)
        if came:
            await attend(work, fair_key, people)
        elif people.new:
            await put(work, SEEKERS, people.new, source=fair_key)
        return await add(work, APPLICATIONS, {**item, "seeker": people.everybody[0]})


async def offer(work: Work, item: Row, key: str = "") -> None:
    """Add a position, or change the one of that key; its employer is entered where it is new.

    ``item`` has the employer as people write it. Raises Missing, Refusal, Conflict.
    """
    async with database.transaction():
        await hold(work, POSITIONS)
        employers = await match(work, [item["employer"]])
        for employer in employers.new:
            await add(work, EMPLOYERS, employer)
        offered = {**item, "employer": employers.key_of(item["employer"])}
        if key:
            await change(work, POSITIONS, key, offered)
        else:
            await add(work, POSITIONS, offered)


async def move(work: Work, fair_key: str, applications: Collection[str], stage: str) -> int:
    """Move applications of a fair (by identity) to a stage; answers how many changed.

    Raises Missing, Conflict. The number of statements does not depend on how many they are.
    """
    async with database.transaction():
        await hold(work, APPLICATIONS)
        fair = await find(work, FAIRS, fair_key, FAIRS.edit)
        chosen = set(applications)
        changing: list[dict[str, Any]] = [
            row
            for row in await database.fetch(
                "SELECT l.id, s.key AS seeker, p.key AS position, l.ordinal, l.stage"
                " FROM job_fair_application l JOIN job_fair_seeker s ON s.id = l.seeker"
                " JOIN job_fair_position p ON p.id = l.position"
                " WHERE p.fair = :fair AND l.stage <> :stage",
                fair=fair["id"],
                stage=stage,
            )
            if APPLICATIONS.address_key(row) in chosen
        ]
        await database.execute_many(
            "UPDATE job_fair_application SET stage = :stage WHERE id = :id",
            [{"id": row["id"], "stage": stage} for row in changing],
        )
        await audit.record(
            work.actor,
            "job_fair.applications.moved",
            APPLICATIONS.purpose,
            fair["key"],
            organisation=fair["office"],
            campaign=work.campaign.key,
            before={APPLICATIONS.address_key(row): row["stage"] for row in changing},
            after={APPLICATIONS.address_key(row): stage for row in changing},
        )
    return len(changing)
