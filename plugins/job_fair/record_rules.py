"""What holds among the records of job fairs, and what hangs on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from api.kit.records import Batch, Rules
from api.kit.records.fields import Row
from api.kit.records.revisions import revise_batch
from core import database, privacy
from core.privacy import normalised
from plugins.job_fair.rules import TOLD_BY_CALENDARS, discriminatory_wording
from plugins.job_fair.statements import add_counts, among


class EmployerRules(Rules):
    """An employer of a name stands once in a campaign: employers are counted."""

    async def check(self, batch: Batch) -> None:
        """Refuse a name that another employer has."""
        rows = await database.fetch(
            "SELECT key, name FROM job_fair_employer WHERE campaign = :campaign",
            campaign=batch.work.campaign.id,
        )
        taken = {normalised(row["name"]): row["key"] for row in rows}
        for index, entry in enumerate(batch.entries):
            name = entry.item.get("name")
            if name is None or (entry.stored is not None and entry.stored["name"] == name):
                continue
            if taken.setdefault(normalised(name), entry.item.get("key")) != entry.item.get("key"):
                batch.fail(index, "name", "duplicate", f"用人单位“{name}”已经有了")

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add how many positions each offers, for how many people. One statement."""
        sums = {
            row["employer"]: row
            for row in await database.fetch(
                "SELECT employer, COUNT(*) AS positions, CAST(SUM(openings) AS BIGINT) AS openings"
                " FROM job_fair_position WHERE campaign = :campaign GROUP BY employer",
                campaign=campaign_id,
            )
        }
        for row in rows:
            found = sums.get(row["id"], {})
            for name in ("positions", "openings"):
                row[name] = int(found.get(name) or 0)


class SeekerRules(Rules):
    """The same name at the same office twice is worth a warning, and no error."""

    async def check(self, batch: Batch) -> None:
        """Warn before an import doubles people."""
        if len(batch.added) < 2:
            return
        seen = Counter(
            (row["name_index"], row["organisation"])
            for row in await database.fetch(
                "SELECT name_index, organisation FROM job_fair_seeker WHERE campaign = :campaign",
                campaign=batch.work.campaign.id,
            )
        )
        doubled = 0
        for entry in batch.added:
            if "name" in entry.item:
                identity = (privacy.index(entry.item["name"], "name"), entry.office)
                doubled += seen[identity] > 0
                seen[identity] += 1
        if doubled:
            batch.warnings.append(
                f"有{doubled}行与已登记的（或前面的）求职者同名、同机构，请确认不是重复登记。"
            )


class FairRules(Rules):
    """A fair tells what it came to, and calendars that it has changed."""

    async def written(self, batch: Batch) -> None:
        """Note the revision that calendar programmes go by."""
        await revise_batch(batch, TOLD_BY_CALENDARS)

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add openings, attendees, intents and the like. Three statements."""
        await add_counts(campaign_id, rows)


class PositionRules(Rules):
    """Job types have a table of their own, so that each is counted once."""

    async def check(self, batch: Batch) -> None:
        """Warn of wording that shuts disabled people out, before anybody prints it."""
        wrong = [
            entry
            for entry in batch.entries
            if discriminatory_wording(str(entry.item.get("title", "")))
        ]
        if wrong:
            words = "、".join(
                dict.fromkeys(w for e in wrong for w in discriminatory_wording(e.item["title"]))
            )
            batch.warnings.append(
                f"有{len(wrong)}个职位名称写有“{words}”，把残疾人挡在了门外，请和用人单位改掉。"
            )

    async def columns(self, batch: Batch) -> None:
        """Find each position's job type, new ones made. Three statements at most."""
        campaign = batch.work.campaign.id
        names = sorted({str(entry.item["job_type"]) for entry in batch.entries})
        known = await _job_types(campaign, names)
        if new := [name for name in names if name not in known]:
            await database.execute_many(
                "INSERT INTO job_fair_job_type (campaign, name) VALUES (:campaign, :name)",
                [{"campaign": campaign, "name": name} for name in new],
            )
            known = await _job_types(campaign, names)
        for entry in batch.entries:
            entry.columns["job_type"] = known[entry.item["job_type"]]

    async def written(self, batch: Batch) -> None:
        """Remove job types that no position has any more."""
        await database.execute(
            "DELETE FROM job_fair_job_type WHERE campaign = :campaign AND NOT EXISTS"
            " (SELECT 1 FROM job_fair_position p WHERE p.job_type = job_fair_job_type.id)",
            campaign=batch.work.campaign.id,
        )

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add how many applications each has. One statement."""
        narrowed, values = among("position", (row["id"] for row in rows), "positions")
        counts = {
            row["position"]: row["applications"]
            for row in await database.fetch(
                "SELECT position, COUNT(*) AS applications FROM job_fair_application"
                # Of both conditions SQLite would take the campaign's index, and read all of it.
                f" WHERE campaign{' + 0' if narrowed else ''} = :campaign{narrowed}"
                " GROUP BY position",
                campaign=campaign_id,
                **values,
            )
        }
        for row in rows:
            row["applications"] = counts.get(row["id"], 0)


async def _job_types(campaign_id: int, names: list[str]) -> dict[str, int]:
    narrowed, values = among("name", names, "names")
    return {
        row["name"]: row["id"]
        for row in await database.fetch(
            f"SELECT id, name FROM job_fair_job_type WHERE campaign = :campaign{narrowed}",
            campaign=campaign_id,
            **values,
        )
    }


class ApplicationRules(Rules):
    """A seeker may apply for the same position again: later applications count on."""

    async def columns(self, batch: Batch) -> None:
        """Give new applications the next number. One statement."""
        highest: dict[tuple[int, int], int] = {}
        if batch.added:
            highest = await _highest(batch)
        for entry in batch.entries:
            if entry.stored is not None:
                entry.columns["ordinal"] = entry.stored["ordinal"]
                continue
            pair = (entry.columns["seeker"], entry.columns["position"])
            highest[pair] = highest.get(pair, -1) + 1
            entry.columns["ordinal"] = highest[pair]


async def _highest(batch: Batch) -> dict[tuple[int, int], int]:
    """The number of the latest application of each seeker for each position."""
    seekers = (entry.columns["seeker"] for entry in batch.added)
    narrowed, values = among("seeker", seekers, "seekers")
    return {
        (row["seeker"], row["position"]): row["highest"]
        for row in await database.fetch(
            "SELECT seeker, position, MAX(ordinal) AS highest FROM job_fair_application"
            f" WHERE campaign = :campaign{narrowed} GROUP BY seeker, position",
            campaign=batch.work.campaign.id,
            **values,
        )
    }
