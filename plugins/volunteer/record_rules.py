"""What holds among volunteers, shifts and attendances, and what is computed of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.kit.records import Batch, Entry, Rules, Work
from api.kit.records.fields import Row
from api.kit.records.revisions import differs, revise_batch
from core import database, privacy
from plugins.volunteer.authority import check_confirming, may_remove, note_decisions
from plugins.volunteer.hours.posted import check_posted
from plugins.volunteer.overlaps import Claim, clashing, narrowed, of_either, shift_times
from plugins.volunteer.punching.states import POLICY
from plugins.volunteer.rules import COUNTED, TOLD_BY_CALENDARS, credited_minutes, shift_label
from plugins.volunteer.signing_up import recruiting

SHIFT_ENDS = "结束早于开始"
SHIFT_MOVED = "改了时间，就有志愿者同一段时间重复计入，请先核对他们的服务记录"
NEEDS_TIME = "已确认的记录要有签到和签退时间"
OVERLAP = "和同一名志愿者另一条已确认的记录时间重叠"


class VolunteerRules(Rules):
    """A volunteer's row tells how much he has served here."""

    async def check(self, batch: Batch) -> None:
        """Warn before an import doubles people; the same name twice is no error."""
        if len(batch.added) < 2:
            return
        seen = {
            (row["name_index"], row["organisation"])
            for row in await database.fetch(
                "SELECT name_index, organisation FROM volunteer_person WHERE campaign = :campaign",
                campaign=batch.work.campaign.id,
            )
        }
        doubled = 0
        for entry in batch.added:
            if "name" in entry.item:
                identity = (privacy.index(entry.item["name"], "name"), entry.office)
                doubled += identity in seen
                seen.add(identity)
        if doubled:
            batch.warnings.append(
                f"有{doubled}行与已登记的（或前面的）志愿者同名、同机构，请确认不是重复登记。"
            )

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add confirmed attendances and their minutes. One statement."""
        condition, values = of_either(campaign_id, "volunteer", {row["id"] for row in rows})
        served = {
            row["volunteer"]: row
            for row in await database.fetch(
                "SELECT volunteer, COUNT(*) AS attendances,"
                " CAST(SUM(credited_minutes) AS BIGINT) AS minutes FROM volunteer_attendance"
                f" WHERE {condition} AND status = 'confirmed' GROUP BY volunteer",
                **values,
            )
        }
        for row in rows:
            found = served.get(row["id"], {})
            for name in ("attendances", "minutes"):
                row[name] = int(found.get(name) or 0)


def _moved(entry: Entry) -> bool:
    """Whether a shift that exists gets other times."""
    times = ("starts_at", "ends_at")
    return (
        entry.stored is not None
        and entry.item.keys() >= set(times)
        and differs(entry.stored, entry.item, times)
    )


class ShiftRules(Rules):
    """A shift ends after it starts; when its times change, what is credited changes with them."""

    async def check(self, batch: Batch) -> None:
        """Order of times, and nobody in two places at once after a change of them."""
        for index, entry in enumerate(batch.entries):
            starts, ends = entry.item.get("starts_at"), entry.item.get("ends_at")
            if starts is not None and ends is not None and ends < starts:
                batch.fail(index, "ends_at", "ends_before_starts", SHIFT_ENDS)
        recruiting.check_told(batch)
        moved = {
            entry.stored["id"]: (index, entry)
            for index, entry in enumerate(batch.entries)
            if entry.stored and _moved(entry)
        }
        if not moved:
            return
        rows = await _attendances(batch, moved, " AND status = 'confirmed'")
        claims = []
        for row in rows:
            index, entry = moved[row["shift"]]
            times = entry.item["starts_at"], entry.item["ends_at"]
            came, went = row["checked_in_at"], row["checked_out_at"]
            claims.append(Claim(index, row["volunteer"], came, went, times))
        replaced = {row["id"] for row in rows}
        for index in sorted(await clashing(batch.work.campaign.id, claims, replaced)):
            batch.fail(index, "starts_at", "overlap", SHIFT_MOVED)

    async def columns(self, batch: Batch) -> None:
        """What tells a shift from others."""
        for entry in batch.entries:
            item = entry.item
            entry.columns["label"] = shift_label(item["title"], item["starts_at"])

    async def written(self, batch: Batch) -> None:
        """Credit the attendances of moved shifts anew; note the revision for calendars."""
        await revise_batch(batch, TOLD_BY_CALENDARS)
        await recruiting.shifts_written(batch)
        moved = {entry.id: entry.item for entry in batch.changed if entry.id and _moved(entry)}
        if not moved:
            return
        changed = []
        for row in await _attendances(batch, moved):
            item = moved[row["shift"]]
            minutes = credited_minutes(
                row["checked_in_at"], row["checked_out_at"], item["starts_at"], item["ends_at"]
            )
            changed.append({"id": row["id"], "minutes": minutes})
        await database.execute_many(
            "UPDATE volunteer_attendance SET credited_minutes = :minutes WHERE id = :id", changed
        )

    async def complete(self, campaign_id: int, rows: Sequence[Row]) -> None:
        """Add how many people take a place, and what waits and is confirmed. One statement."""
        condition, values = of_either(campaign_id, "shift", {row["id"] for row in rows})
        counts = {
            row["shift"]: row
            for row in await database.fetch(
                "SELECT shift, COUNT(*) AS attendances, COUNT(DISTINCT CASE WHEN status"
                " NOT IN ('rejected', 'no_show') THEN volunteer END) AS people,"
                " SUM(CASE WHEN status = 'signed_up' THEN 1 ELSE 0 END) AS signed_up,"
                " SUM(CASE WHEN status = 'pending' THEN 1 ELSE 0 END) AS pending,"
                " SUM(CASE WHEN status = 'confirmed' THEN 1 ELSE 0 END) AS confirmed"
                f" FROM volunteer_attendance WHERE {condition} GROUP BY shift",
                **values,
            )
        }
        for row in rows:
            found = counts.get(row["id"], {})
            for name in ("attendances", "people", "signed_up", "pending", "confirmed"):
                row[name] = int(found.get(name) or 0)


async def _attendances(batch: Batch, shifts: Any, also: str = "") -> list[Row]:
    """The attendances of some shifts. One statement."""
    condition, values = narrowed("shift", set(shifts))
    rows = await database.fetch(
        "SELECT id, shift, volunteer, checked_in_at, checked_out_at FROM volunteer_attendance"
        f" WHERE campaign = :campaign{also}{condition} ORDER BY id",
        campaign=batch.work.campaign.id,
        **values,
    )
    return [row for row in rows if row["shift"] in shifts]


class AttendanceRules(Rules):
    """Credited time is computed, and the same person is never credited twice for one time."""

    async def check(self, batch: Batch) -> None:
        """Order of times, both times for what is confirmed, by whom, no overlap.

        Six statements at most.
        """
        for index, entry in enumerate(batch.entries):
            came, went = entry.item.get("checked_in_at"), entry.item.get("checked_out_at")
            if came is not None and went is not None and went < came:
                batch.fail(index, "checked_out_at", "ends_before_starts", "签退早于签到")
            if entry.item.get("status") == COUNTED:
                for name in ("checked_in_at", "checked_out_at"):
                    if name in entry.item and entry.item[name] is None:
                        batch.fail(index, name, "missing", NEEDS_TIME)
        await check_confirming(batch)
        await check_posted(batch)
        await _check_overlap(batch)

    async def may_remove(self, work: Work, row: Row) -> str:
        """What is confirmed stands, but for those who may confirm."""
        return await may_remove(work, row)

    async def columns(self, batch: Batch) -> None:
        """Minutes, and the number among one volunteer's attendances in one shift."""
        campaign = batch.work.campaign.id
        shifts = {entry.columns["shift"] for entry in batch.entries}
        times = await shift_times(campaign, shifts)
        condition, values = narrowed("shift", shifts)
        taken: dict[tuple[int, int], int] = {
            (row["shift"], row["volunteer"]): row["last"]
            for row in await database.fetch(
                "SELECT shift, volunteer, MAX(ordinal) AS last FROM volunteer_attendance"
                f" WHERE campaign = :campaign{condition} GROUP BY shift, volunteer",
                campaign=campaign,
                **values,
            )
        }
        for entry in batch.entries:
            columns = entry.columns
            columns["credited_minutes"] = credited_minutes(
                columns["checked_in_at"], columns["checked_out_at"], *times[columns["shift"]]
            )
            columns["policy"] = POLICY
            if entry.stored and not differs(entry.stored, entry.item, ("shift", "volunteer")):
                columns["ordinal"] = entry.stored["ordinal"]
                continue
            pair = columns["shift"], columns["volunteer"]
            taken[pair] = taken.get(pair, -1) + 1
            columns["ordinal"] = taken[pair]

    async def written(self, batch: Batch) -> None:
        """Keep who confirmed; a place that was freed goes to whoever waits."""
        await note_decisions(batch)
        await recruiting.attendances_written(batch)

    async def removed(self, work: Work, row: Row) -> None:
        """The place goes to whoever waits."""
        await recruiting.attendance_removed(work, row)


async def _check_overlap(batch: Batch) -> None:
    """Two statements, if any."""
    counted = []
    for index, entry in enumerate(batch.entries):
        shift, volunteer = batch.target(entry, "shift"), batch.target(entry, "volunteer")
        if entry.item.get("status") == COUNTED and shift and volunteer:
            counted.append((index, entry.item, shift.id, volunteer.id))
    if not counted:
        return
    campaign = batch.work.campaign.id
    times = await shift_times(campaign, {shift for _, _, shift, _ in counted})
    claims = [
        Claim(
            index,
            volunteer,
            item.get("checked_in_at"),
            item.get("checked_out_at"),
            times[shift],
        )
        for index, item, shift, volunteer in counted
    ]
    replaced = {entry.stored["id"] for entry in batch.changed if entry.stored}
    for index in sorted(await clashing(campaign, claims, replaced)):
        batch.fail(index, "checked_in_at", "overlap", OVERLAP)
