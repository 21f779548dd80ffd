"""Registering: somebody becomes a volunteer with an account of his own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from core import accounts, audit, database, moments, passwords, privacy
from core.documents import compact
from core.permissions import Actor
from core.refusals import Conflict, Fault, Refusal
from core.sign_in import SignInRefusedError, authenticate
from plugins.volunteer.signing_up import ages, consent, numbers, profiles

ROLE = "volunteer"
NAME_LONGEST = 30
SKILLS = ("手语", "盲文", "推轮椅", "引路", "陪伴", "字幕速记", "医护", "心理疏导", "驾驶", "摄影")
MOST_SKILLS = 20
SKILL_LONGEST = 20
# The same sentence whatever was wrong with a phone that is known: it tells no more than it must.
SENTENCE = "没能登记。这个手机号登记过的，请直接登录；忘了密码请联系所属的单位。"
NO_OFFICE = "请选择一个正在招募志愿者的单位"


@dataclass(frozen=True, slots=True)
class Registration:
    """What somebody states of himself. Of an adult ``born`` and the guardian's are not asked."""

    name: str
    phone: str
    organisation: str
    password: str = field(repr=False)
    agrees: bool = False
    adult: bool = False
    minor: bool = False
    born: date | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    guardian_agrees: bool = False
    skills: Sequence[str] = ()


def faults(given: Registration, on: date) -> list[Fault]:
    """Everything wrong with a registration but what only the database knows."""
    found: list[Fault] = []

    def fault(member: str, message: str) -> None:
        found.append(Fault(f"/{member}", "value", message))

    if not given.name.strip() or len(given.name) > NAME_LONGEST:
        fault("name", f"请填写姓名，最多 {NAME_LONGEST} 个字")
    if numbers.mobile(given.phone) is None:
        fault("phone", "请填写11位手机号")
    if not given.agrees:
        fault("agrees", "同意以后才能登记")
    if len(given.skills) > MOST_SKILLS or any(len(each) > SKILL_LONGEST for each in given.skills):
        fault("skills", f"技能最多 {MOST_SKILLS} 项，每项最多 {SKILL_LONGEST} 个字")
    if weak := passwords.weakness(given.password, numbers.mobile(given.phone) or ""):
        found.append(weak)
    if given.minor:
        found += _faults_of_minor(given, on)
    elif not given.adult:
        fault("adult", "请确认已满18周岁；未满的，请和监护人一起登记")
    return found


def _faults_of_minor(given: Registration, on: date) -> list[Fault]:
    found = []
    wrong = "请填写出生日期" if given.born is None else ages.fault(given.born, on)
    if wrong:
        found.append(Fault("/born", "value", wrong))
    if not given.guardian_name.strip() or len(given.guardian_name) > NAME_LONGEST:
        found.append(Fault("/guardian_name", "value", "请填写监护人的姓名"))
    if numbers.mobile(given.guardian_phone) is None:
        found.append(Fault("/guardian_phone", "value", "请填写监护人的11位手机号"))
    if not given.guardian_agrees:
        found.append(Fault("/guardian_agrees", "value", "要由监护人同意以后才能登记"))
    return found


async def register(given: Registration, now: datetime) -> tuple[int, str]:
    """Make a profile with its account; gives the account's id and the volunteer's number.

    Somebody who is registered and gives his own password is signed in instead; a wrong one counts
    towards the lock of his account. Raises Refusal with every fault.
    """
    if found := faults(given, moments.day_of(now)):
        raise Refusal(*found)
    phone = numbers.mobile(given.phone) or ""
    if known := await profiles.account_name(phone):
        return await _signed_in(known, given.password, now)
    password_hash = await passwords.hashed(given.password)
    async with database.transaction():
        made = await enrol(given, phone, password_hash, now)
    if made is None:
        raise Refusal.of("refused", SENTENCE)
    return made


async def _signed_in(account: str, password: str, now: datetime) -> tuple[int, str]:
    try:
        return await authenticate(account, password, now), account
    except SignInRefusedError:
        raise Refusal.of("refused", SENTENCE) from None


async def enrol(
    given: Registration, phone: str, password_hash: str, now: datetime
) -> tuple[int, str] | None:
    """Write a checked registration in the caller's unit of work; gives account and number.

    None when somebody of that phone was faster, or has left and his phone is not free again.
    Raises Refusal for an office that does not exist.
    """
    office = await database.fetch_value(
        "SELECT id FROM organisation WHERE key = :key AND closed_on IS NULL",
        key=given.organisation,
    )
    if office is None:
        raise Refusal.of("unknown_reference", NO_OFFICE, "organisation")
    number = await _free_number(now)
    profile = await _add_profile(given, number, phone, office, now)
    if profile is None:
        return None
    himself = Actor(number, number, None, (), "system")
    account = await accounts.insert(
        himself,
        number,
        display_name=f"志愿者{number}",
        password_hash=password_hash,
        role=ROLE,
        organisation_id=office,
    )
    await database.execute(
        "UPDATE volunteer_profile SET account = :account WHERE id = :id",
        account=account,
        id=profile,
    )
    await audit.record(
        himself,
        "volunteer.profile.registered",
        profiles.PURPOSE,
        number,
        organisation=office,
        after={"consent": consent.VERSION, "minor": given.minor},
    )
    return account, number


async def _add_profile(
    given: Registration, number: str, phone: str, office: int, now: datetime
) -> int | None:
    """The id of a new profile; None when the phone is somebody's already."""
    agreed = {
        "text": consent.VERSION,
        "at": moments.offset_text(now),
        "by": "guardian" if given.minor else "self",
    }
    made: int | None = await database.fetch_value(
        "INSERT INTO volunteer_profile (number, organisation, name_sealed, name_index,"
        " phone_sealed, phone_index, born_sealed, guardian_sealed, skills, consent, created_at)"
        " VALUES (:number, :office, :name, :name_index, :phone, :phone_index, :born, :guardian,"
        " :skills, :consent, :now) ON CONFLICT (phone_index) DO NOTHING RETURNING id",
        number=number,
        office=office,
        name=privacy.seal(given.name.strip()),
        name_index=privacy.index(given.name.strip(), "name"),
        phone=privacy.seal(phone),
        phone_index=privacy.index(phone, "phone"),
        **_of_minor(given),
        skills=json.dumps(list(given.skills), ensure_ascii=False),
        consent=compact(agreed),
        now=now,
    )
    return made


def _of_minor(given: Registration) -> dict[str, str]:
    """What is kept of a minor alone, sealed; of an adult nothing."""
    if not given.minor or given.born is None:
        return {"born": "", "guardian": ""}
    guardian = {
        "name": given.guardian_name.strip(),
        "phone": numbers.mobile(given.guardian_phone) or "",
    }
    return {
        "born": privacy.seal(given.born.isoformat()),
        "guardian": privacy.seal(compact(guardian)),
    }


async def _free_number(now: datetime) -> str:
    """A number that nobody has, as a volunteer or as the name of an account."""
    year = moments.local(now).year
    for _ in range(20):
        number = numbers.drawn(year)
        taken = await database.fetch_value(
            "SELECT 1 FROM volunteer_profile WHERE number = :number"
            " UNION ALL SELECT 1 FROM account WHERE name = :number",
            number=number,
        )
        if taken is None:
            return number
    raise Conflict.of("no_number", "志愿者编号暂时发不出来，请再试一次")
