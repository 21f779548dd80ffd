"""Volunteers who registered themselves, and what they serve: for tests of their own pages."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import httpx
from litestar import Litestar

from api.kit.csrf import session_csrf_token
from core import accounts, bundles, database, moments, privacy
from core.permissions import SYSTEM, Actor, Grant
from core.process import Process
from core.sessions import open_session
from plugins.volunteer.rules import credited_minutes, shift_label
from plugins.volunteer.signing_up import consent, numbers, profiles
from plugins.volunteer.signing_up.profiles import Profile
from tests.fixtures.application import CAMPAIGN_2022

PASSWORD = "battery correct horse"
CAMPAIGN = "2022-city"
HOUR = timedelta(hours=1)


async def offices_alone(process: Process) -> str:
    """The demonstration's campaign with its offices and nothing in it: quick to make."""
    bundle: dict[str, Any] = json.loads(CAMPAIGN_2022.read_bytes())
    bundle |= {"activities": [], "targets": [], "reported": [], "plugins": {"volunteer": {}}}
    data = json.dumps(bundle).encode()
    return await bundles.import_bundle(data, process.plugins, process.catalogue, SYSTEM)


async def registered(
    name: str = "王小芳", phone: str = "13800000001", office: str = "x1"
) -> tuple[Actor, Profile]:
    """Somebody who has registered himself at an office; without a password, which takes time."""
    number, now = numbers.drawn(2026), moments.now()
    home = await database.fetch_value("SELECT id FROM organisation WHERE key = :key", key=office)
    async with database.transaction():
        account = await accounts.insert(
            SYSTEM,
            number,
            display_name=f"志愿者{number}",
            password_hash="",
            role="volunteer",
            organisation_id=home,
        )
        await database.execute(
            "INSERT INTO volunteer_profile (number, account, organisation, name_sealed, name_index,"
            " phone_sealed, phone_index, born_sealed, guardian_sealed, skills, consent, created_at)"
            " VALUES (:number, :account, :home, :name, :name_index, :phone, :phone_index, '', '',"
            " :skills, :consent, :now)",
            number=number,
            account=account,
            home=home,
            name=privacy.seal(name),
            name_index=privacy.index(name, "name"),
            phone=privacy.seal(phone),
            phone_index=privacy.index(phone, "phone"),
            skills=json.dumps(["手语"]),
            consent=json.dumps({"text": consent.VERSION, "at": str(now), "by": "self"}),
            now=now,
        )
    actor = Actor(number, number, account, (Grant("volunteer", home),), "session")
    profile = await profiles.mine(actor)
    assert profile is not None
    return actor, profile


async def browser_of(app: Litestar, actor: Actor) -> httpx.AsyncClient:
    """His browser, signed in; it follows no redirects."""
    token = await open_session(actor.account_id or 0, moments.now())
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),  # type: ignore[arg-type]
        base_url="http://localhost",
        headers={"accept": "text/html", "x-csrf-token": session_csrf_token(token)},
    )
    client.cookies.set("session", token)
    return client


async def shift(
    key: str,
    starts: datetime,
    *,
    hours: float = 3,
    office: str = "x1",
    title: str = "引导",
    capacity: int = 20,
) -> int:
    """A published shift of the demonstration campaign; gives its id."""
    made: int = await database.fetch_value(
        "INSERT INTO volunteer_shift (campaign, key, organisation, title, starts_at, ends_at,"
        " capacity, label, sequence, modified_at, place, skills, tasks, risks, insurance,"
        " published_at) SELECT c.id, :key, o.id, :title, :starts, :ends, :capacity, :label, 0,"
        " :now, '人民广场东门', '[]', '[]', '人多拥挤', '已投保', :now FROM campaign c,"
        " organisation o WHERE c.key = :campaign AND o.key = :office RETURNING id",
        key=key,
        title=title,
        starts=starts,
        ends=starts + hours * HOUR,
        capacity=capacity,
        label=shift_label(title, starts),
        now=moments.now(),
        campaign=CAMPAIGN,
        office=office,
    )
    return made


async def attend(
    profile: Profile,
    shift_id: int,
    *,
    status: str = "confirmed",
    late: timedelta = timedelta(0),
) -> str:
    """His attendance of a whole shift, or signed up for it alone; gives its key."""
    row = await database.fetch_one("SELECT * FROM volunteer_shift WHERE id = :id", id=shift_id)
    assert row is not None
    served = status in ("confirmed", "pending", "rejected")
    came = row["starts_at"] + late if served or status == "open" else None
    went = row["ends_at"] if served else None
    async with database.transaction():
        person = await profiles.person_in(row["campaign"], profile)
        key = f"t-{person}-{shift_id}"
        await database.execute(
            "INSERT INTO volunteer_attendance (campaign, key, shift, volunteer, ordinal,"
            " checked_in_at, checked_out_at, status, credited_minutes, policy, closed_by_itself)"
            " VALUES (:campaign, :key, :shift, :person, 0, :came, :went, :status, :minutes, '',"
            " :no)",
            campaign=row["campaign"],
            key=key,
            shift=shift_id,
            person=person,
            came=came,
            went=went,
            status=status,
            minutes=credited_minutes(came, went, row["starts_at"], row["ends_at"]),
            no=False,
        )
    return key


def on(day: str, hour: int = 8) -> datetime:
    """An hour of a day in China."""
    return moments.from_local(date.fromisoformat(day), hour)
