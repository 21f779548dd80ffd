"""Taking one's data along, and leaving: what is erased, and what the law keeps without a name.

个人信息保护法 45 and 47; 志愿服务条例 19 asks organisations to keep what was served.
"""

from __future__ import annotations

import secrets
from typing import Any

from core import audit, campaigns, database, moments, passwords, privacy
from core.moments import offset_text
from core.permissions import SYSTEM, Actor
from core.refusals import Conflict, Refusal
from plugins.volunteer.certificates import register
from plugins.volunteer.hours import objections, reading
from plugins.volunteer.hours.facts import Explanation
from plugins.volunteer.hours.objections import Objection
from plugins.volunteer.people import ERASED
from plugins.volunteer.self_service.record_pages import persons
from plugins.volunteer.signing_up import joining
from plugins.volunteer.signing_up.engagements import WAITS, signed_up
from plugins.volunteer.signing_up.profiles import PURPOSE, Profile, find

PRESENT = "您已经签到、还没有签退，请先签退再注销"


async def told(profile: Profile) -> dict[str, Any]:
    """Everything that is kept about a volunteer, as plain JSON values."""
    people = await persons(profile.id)
    hours = await reading.of_volunteers(people)
    raised = await objections.of_volunteers(people)
    return {
        **about(profile),
        "shifts": [
            {
                "campaign": each.campaign,
                "shift": each.shift,
                "title": each.title,
                "place": each.where,
                "starts_at": offset_text(each.starts_at),
                "ends_at": offset_text(each.ends_at),
                "status": each.status,
                "waiting_place": each.place,
            }
            for each in await signed_up(profile.id)
        ],
        "records": [_record(each) for each in hours.explanations],
        "objections": [_objection(each) for found in raised.values() for each in found],
        "certificates": [
            {
                "number": each.number,
                "code": each.code,
                "minutes": each.minutes,
                "issued_at": offset_text(each.issued_at),
                "withdrawn_at": each.withdrawn_at and offset_text(each.withdrawn_at),
                "reason": each.reason,
            }
            for each in await register.of_profile(profile.id)
        ],
    }


def about(profile: Profile) -> dict[str, Any]:
    """What was stated at registration."""
    return {
        "number": profile.number,
        "name": profile.name,
        "phone": profile.phone,
        "organisation": profile.organisation_name,
        "born": profile.born and profile.born.isoformat(),
        "guardian": profile.guardian,
        "skills": list(profile.skills),
        "consent": profile.consent,
        "registered_at": offset_text(profile.created_at),
    }


def _record(each: Explanation) -> dict[str, Any]:
    return {
        "key": each.key,
        "shift": each.shift.label,
        "starts_at": offset_text(each.shift.starts),
        "ends_at": offset_text(each.shift.ends),
        "checked_in_at": each.came and offset_text(each.came),
        "checked_out_at": each.went and offset_text(each.went),
        "status": each.status,
        "credited_minutes": each.minutes,
        "policy": each.policy,
        "decided": each.decided,
        "punches": [
            {"at": offset_text(step.at), "what": step.what, "by": step.by, "state": step.state}
            for step in each.steps
        ],
    }


def _objection(each: Objection) -> dict[str, Any]:
    return {
        "record": each.attendance,
        "text": each.text,
        "raised_at": offset_text(each.raised_at),
        "due_on": each.due_on.isoformat(),
        "answer": each.answer,
        "outcome": each.outcome,
    }


async def note_export(actor: Actor, profile: Profile) -> None:
    """Log that a volunteer took his data along."""
    async with database.transaction():
        await audit.record(
            actor,
            f"{PURPOSE}.exported",
            PURPOSE,
            profile.number,
            organisation=profile.organisation_id,
        )


async def leave(actor: Actor, profile: Profile, password: str) -> None:
    """Erase a volunteer who asks for it himself and shows his password; his account ends.

    Raises Refusal for a wrong password, Conflict while he is checked in.
    """
    stored = await database.fetch_value(
        "SELECT password_hash FROM account WHERE id = :id", id=actor.account_id
    )
    if not await passwords.matches(stored, password):
        raise Refusal.of("wrong_password", "密码不对", "password")
    if any(each.status == "open" for each in await signed_up(profile.id)):
        raise Conflict.of("checked_in", PRESENT)
    await erase(profile, actor)


async def _give_places_back(actor: Actor, profile: Profile) -> None:
    """Leave every shift to come, so that those who wait move up."""
    now = moments.now()
    for each in await signed_up(profile.id):
        ahead = each.starts_at > now and each.cancelled_at is None
        if ahead and each.status in (WAITS, "signed_up"):
            await joining.leave(actor, profile, each.campaign, each.shift)


async def erase(profile: Profile, actor: Actor = SYSTEM) -> None:
    """Take away who a volunteer is, in every campaign; what he served stays, under his number.

    Places in shifts to come are given back. His certificates stay verifiable, without his name.
    """
    async with database.transaction():
        rows = await database.fetch(
            "SELECT id, campaign FROM volunteer_person WHERE profile = :profile",
            profile=profile.id,
        )
        for campaign in sorted({row["campaign"] for row in rows}):
            await campaigns.touch(campaign)
        # All campaigns are held, in order, before the people who wait in them.
        await _give_places_back(actor, profile)
        await _wipe_people([row["id"] for row in rows])
        await _wipe_profile(profile)
        await register.rewrite_without_name(profile.id)
        await audit.record(
            actor,
            f"{PURPOSE}.erased",
            PURPOSE,
            profile.number,
            organisation=profile.organisation_id,
        )


async def _wipe_people(people: list[int]) -> None:
    await database.execute(
        "UPDATE volunteer_person SET name_sealed = :name, name_index = '' WHERE id IN (:people)",
        name=privacy.seal(ERASED),
        people=people,
    )
    await database.execute(
        "DELETE FROM volunteer_waiting WHERE volunteer IN (:people)", people=people
    )
    await database.execute(
        "UPDATE volunteer_objection SET text = :text WHERE volunteer IN (:people)",
        text=ERASED,
        people=people,
    )


async def _wipe_profile(profile: Profile) -> None:
    """What is left of a profile: its number, its office, and that its owner once agreed."""
    await database.execute(
        "UPDATE volunteer_profile SET name_sealed = :name, name_index = '', phone_sealed = :phone,"
        " phone_index = :nobody, born_sealed = '', guardian_sealed = '', skills = '[]',"
        " left_at = :now WHERE id = :id",
        name=privacy.seal(ERASED),
        phone=privacy.seal(""),
        nobody=f"left-{secrets.token_hex(16)}",
        now=moments.now(),
        id=profile.id,
    )
    await database.execute(
        "DELETE FROM volunteer_own_feed WHERE profile = :profile", profile=profile.id
    )
    if profile.account_id is not None:
        await database.execute(
            "UPDATE account SET active = :active, password_hash = '', display_name = :name"
            " WHERE id = :id",
            active=False,
            name=f"志愿者{profile.number}（已注销）",
            id=profile.account_id,
        )
        await database.execute("DELETE FROM session WHERE account = :id", id=profile.account_id)


async def personal_data(person: str, action: str) -> list[dict[str, Any]]:
    """What volunteers of that name stated of themselves; erased when asked (个人信息保护法 47)."""
    rows = await database.fetch(
        "SELECT id FROM volunteer_profile WHERE name_index = :name AND left_at IS NULL ORDER BY id",
        name=privacy.index(person, "name"),
    )
    found = []
    for row in rows:
        profile = await find(row["id"])
        found.append({"record": "志愿者登记", "key": profile.number, **about(profile)})
        if action == "erase":
            await erase(profile)
            found[-1] = {"record": "志愿者登记", "key": profile.number, "name": ERASED}
    return found
