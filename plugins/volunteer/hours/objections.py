"""Objections: a volunteer says that a record of him is wrong, and is answered within seven days.

Asking for the correction of wrong records is his right (志愿服务记录与证明出具办法), whatever the
state of the campaign.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from api.kit.records import Work, find
from core import audit, campaigns, database, moments, privacy
from core.permissions import Actor, scope_sql
from core.refusals import Conflict, Fault, Missing, Refusal
from plugins.volunteer.authority import CONFIRM, OWN_HOURS, owns
from plugins.volunteer.hours.reading import LABEL
from plugins.volunteer.records import ATTENDANCES, EDIT, VIEW

DAYS = 7
LONGEST = 500
PURPOSE = "volunteer.objections"
NOT_FOUND = "没有这条异议，或者它不在您的范围之内"
TWICE = "这条记录已经有一条异议在等答复"

SELECT = (
    "SELECT j.id, j.key, j.campaign, j.text, j.raised_at, j.due_on, j.answer, j.answered_by,"
    f" j.answered_at, j.upheld, j.volunteer AS volunteer_id, a.key AS attendance, {LABEL} AS shift,"
    " v.key AS volunteer, v.name_sealed, o.id AS office_id, COALESCE(p.name, o.name) AS office"
    " FROM volunteer_objection j JOIN volunteer_attendance a ON a.id = j.attendance"
    " JOIN volunteer_shift h ON h.id = a.shift JOIN volunteer_person v ON v.id = j.volunteer"
    " JOIN organisation o ON o.id = h.organisation LEFT JOIN campaign_participant p"
    " ON p.campaign = h.campaign AND p.organisation = h.organisation"
)


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection as it is shown; ``name`` is masked, ``attendance`` and others are keys."""

    id: int
    key: str
    attendance: str
    shift: str
    volunteer: str
    name: str
    office: str
    office_id: int
    text: str
    raised_at: datetime
    due_on: date
    answer: str
    answered_by: str | None
    answered_at: datetime | None
    upheld: bool | None
    volunteer_id: int

    @property
    def open(self) -> bool:
        """Whether it waits for an answer."""
        return self.answered_at is None

    def overdue(self, today: date) -> bool:
        """Whether the day by which it was to be answered is over."""
        return self.open and self.due_on < today

    @property
    def outcome(self) -> str:
        """How it ended, in Chinese."""
        if self.open:
            return "等待答复"
        return "异议成立" if self.upheld else "异议不成立"


def _objection(row: dict[str, Any]) -> Objection:
    names = Objection.__slots__
    values = {name: row[name] for name in names if name in row}
    values["name"] = privacy.mask_name(privacy.unseal(row["name_sealed"]))
    values["upheld"] = None if row["upheld"] is None else bool(row["upheld"])
    return Objection(**values)


def due(raised_at: datetime) -> date:
    """The day by which an answer is owed: the seventh after that of raising it, in China."""
    return moments.day_of(raised_at) + timedelta(days=DAYS)


def _checked(text: str, member: str) -> str:
    said = text.strip()
    if not said:
        raise Refusal(Fault(f"/{member}", "missing", "请写明内容"))
    if len(said) > LONGEST:
        sentence = f"最多 {LONGEST} 个字，现在有 {len(said)} 个"
        raise Refusal(Fault(f"/{member}", "too_long", sentence))
    return said


async def raise_(actor: Actor, attendance: str, text: str) -> str:
    """A volunteer objects to what is recorded of himself; gives the objection's key.

    ``attendance`` is its key. Raises Missing when it is not his own, Refusal, Conflict while
    another objection to it waits.
    """
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT a.id, a.key, a.volunteer AS volunteer_id, a.campaign, h.organisation AS office,"
            " c.key AS campaign_key FROM volunteer_attendance a"
            " JOIN volunteer_shift h ON h.id = a.shift JOIN campaign c ON c.id = a.campaign"
            " JOIN volunteer_person v ON v.id = a.volunteer"
            " JOIN volunteer_profile f ON f.id = v.profile"
            " WHERE a.key = :key AND f.account = :account",
            key=attendance,
            account=actor.account_id,
        )
        if row is None:
            raise Missing("没有这条服务记录，或者它不是您的")
        return await _store(actor, row, text)


async def note(work: Work, attendance: str, text: str) -> str:
    """Note an objection that a volunteer raised by word of mouth; gives its key.

    Raises Missing outside the actor's offices, Refusal, Conflict.
    """
    async with database.transaction():
        row = await find(work, ATTENDANCES, attendance, EDIT)
        volunteer = await database.fetch_value(
            "SELECT volunteer FROM volunteer_attendance WHERE id = :id", id=row["id"]
        )
        about = {
            **row,
            "volunteer_id": volunteer,
            "campaign": work.campaign.id,
            "campaign_key": work.campaign.key,
        }
        return await _store(work.actor, about, text)


def is_uncorrected(objections: Sequence[Objection], corrected_at: datetime | None) -> bool:
    """Whether an objection to a record was upheld and the record was not corrected since."""
    upheld = [each.answered_at for each in objections if each.upheld and each.answered_at]
    return bool(upheld) and (corrected_at is None or corrected_at < max(upheld))


async def _store(actor: Actor, row: dict[str, Any], text: str) -> str:
    said = _checked(text, "text")
    await campaigns.touch(row["campaign"])  # writers of a campaign wait for one another
    waiting = await database.fetch_value(
        "SELECT 1 FROM volunteer_objection WHERE attendance = :id AND answered_at IS NULL LIMIT 1",
        id=row["id"],
    )
    if waiting is not None:
        raise Conflict.of("waiting", TWICE)
    key, now = f"y-{uuid4().hex[:12]}", moments.now()
    await database.execute(
        "INSERT INTO volunteer_objection (campaign, key, attendance, volunteer, text, raised_at,"
        " due_on, answer) VALUES (:campaign, :key, :attendance, :volunteer, :text, :now, :due, '')",
        campaign=row["campaign"],
        key=key,
        attendance=row["id"],
        volunteer=row["volunteer_id"],
        text=said,
        now=now,
        due=due(now),
    )
    await audit.record(
        actor,
        f"{PURPOSE}.raised",
        PURPOSE,
        key,
        organisation=row["office"],
        campaign=row["campaign_key"],
        after={"attendance": row["key"], "due_on": due(now)},
    )
    return key


async def answer(work: Work, key: str, text: str, *, upheld: bool) -> Objection:
    """Answer an objection. Raises Missing, Refusal, Conflict for one that has its answer.

    Nobody answers an objection to his own record.
    """
    async with database.transaction():
        await campaigns.touch(work.campaign.id)
        found = await find_one(work, key, CONFIRM)
        said = _checked(text, "answer")
        if not found.open:
            raise Conflict.of("answered", "这条异议已经答复过了")
        if await owns(work.actor, found.volunteer_id):
            raise Conflict.of("forbidden", OWN_HOURS)
        await database.execute(
            "UPDATE volunteer_objection SET answer = :answer, answered_by = :actor,"
            " answered_at = :now, upheld = :upheld WHERE id = :id",
            id=found.id,
            answer=said,
            actor=work.actor.name,
            now=moments.now(),
            upheld=upheld,
        )
        await audit.record(
            work.actor,
            f"{PURPOSE}.answered",
            PURPOSE,
            key,
            organisation=found.office_id,
            campaign=work.campaign.key,
            after={"attendance": found.attendance, "upheld": upheld, "answer": said},
        )
        return await find_one(work, key, CONFIRM)


async def find_one(work: Work, key: str, permission: str = VIEW) -> Objection:
    """An objection within the actor's offices. Raises Missing."""
    sql, values = scope_sql(work.actor, permission)
    row = await database.fetch_one(
        f"{SELECT} WHERE j.campaign = :campaign AND j.key = :key AND o.id IN ({sql})",
        campaign=work.campaign.id,
        key=key,
        **values,
    )
    if row is None:
        raise Missing(NOT_FOUND)
    return _objection(row)


async def listed(work: Work, *, after: int = 0, limit: int, waiting: bool) -> list[Objection]:
    """Those within the actor's offices: waiting ones first due first, or answered ones.

    ``after`` is the id of the last one seen. One statement.
    """
    sql, values = scope_sql(work.actor, VIEW)
    # Due a fixed time after they were raised: the order of ids is that of the days.
    state, direction, order = (
        ("j.answered_at IS NULL", ">", "j.id")
        if waiting
        else ("j.answered_at IS NOT NULL", "<", "j.id DESC")
    )
    place = f" AND j.id {direction} :after" if after else ""
    rows = await database.fetch(
        f"{SELECT} WHERE j.campaign = :campaign AND {state} AND o.id IN ({sql}){place}"
        f" ORDER BY {order} LIMIT :limit",
        campaign=work.campaign.id,
        limit=limit,
        **({"after": after} if after else {}),
        **values,
    )
    return [_objection(row) for row in rows]


async def of_volunteers(volunteers: Collection[int]) -> dict[str, list[Objection]]:
    """All objections of these volunteers (ids), by the key of the attendance. One statement."""
    rows = await database.fetch(
        f"{SELECT} WHERE j.volunteer IN (:ids) ORDER BY j.id", ids=sorted(volunteers)
    )
    found: dict[str, list[Objection]] = {}
    for row in rows:
        one = _objection(row)
        found.setdefault(one.attendance, []).append(one)
    return found
