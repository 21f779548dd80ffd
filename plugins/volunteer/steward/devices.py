"""Stewards' devices: set up with a password, known by a token, revoked when they are lost.

The token outlives a session, so that what was taken in a day without network is not lost. It is
worth as much as its account: where that is disabled or holds the permission no more, the device is
treated as revoked. ``key`` is no secret of worth: with it one only asks whether to wipe.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core import audit, database, moments
from core.campaigns import Campaign
from core.permissions import Actor, Grant, may, may_in_campaign, scope_sql
from core.refusals import Missing, Refusal
from core.sign_in import authenticate
from plugins.volunteer.punching.taken import PUNCH

LABEL_LONGEST = 30
NOTED_EVERY = timedelta(minutes=1)
NO_ACCOUNT = "签到设备要由工作人员用自己的账号启用"
REVOKED = "这台设备已经停用。"
MANAGE = "campaign.manage"


class RevokedError(Exception):
    """The device is to wipe itself."""


class UnknownDeviceError(Exception):
    """No device of this campaign has that token or key."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is in use, and for whom it speaks."""

    key: str
    label: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device as it is listed."""

    key: str
    label: str
    steward: str
    account: str
    office: str
    organisation_id: int
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None
    wiped_at: datetime | None
    revocable: bool = False
    """Whether who looks may revoke it."""


def _hash(token: str) -> str:
    """Tokens are random: no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


async def set_up(actor: Actor, campaign: Campaign, label: str, password: str) -> tuple[str, str]:
    """Make a device of the actor's; gives its key and its token, which is known once.

    The password that will open the device offline is the actor's own: it is tried like a sign-in,
    wrong ones count towards the lock. Raises Refusal.
    """
    if actor.account_id is None:
        raise Refusal.of("no_account", NO_ACCOUNT)
    label = label.strip()
    if not 1 <= len(label) <= LABEL_LONGEST:
        raise Refusal.of("value", f"请给这台设备起个名字，最多 {LABEL_LONGEST} 个字", "label")
    now = moments.now()
    await authenticate(actor.name, password, now)
    key, token = secrets.token_hex(8), secrets.token_urlsafe(32)
    async with database.transaction():
        office = await _office(actor, campaign)
        await database.execute(
            "INSERT INTO volunteer_device (key, campaign, account, organisation, label,"
            " token_hash, created_at, last_seen_at)"
            " VALUES (:key, :campaign, :account, :office, :label, :token_hash, :now, :now)",
            key=key,
            campaign=campaign.id,
            account=actor.account_id,
            office=office,
            label=label,
            token_hash=_hash(token),
            now=now,
        )
        await _record(actor, "set_up", campaign, key=key, office=office, label=label)
    return key, token


async def _office(actor: Actor, campaign: Campaign) -> int:
    """The topmost of his offices that takes part in the campaign. Raises Missing."""
    inside, values = scope_sql(actor, PUNCH)
    office = await database.fetch_value(
        "SELECT p.organisation FROM campaign_participant p JOIN campaign_closure c"
        " ON c.campaign = p.campaign AND c.descendant = p.organisation AND c.ancestor = :top"
        f" WHERE p.campaign = :campaign AND p.organisation IN ({inside})"
        " ORDER BY c.depth, p.organisation LIMIT 1",
        campaign=campaign.id,
        top=campaign.organisation_id,
        **values,
    )
    if office is None:
        raise Missing
    return int(office)


async def resolve(campaign: Campaign, token: str) -> Device:
    """The device of a token. Raises RevokedError, UnknownDeviceError."""
    rows = await database.fetch(
        "SELECT d.id, d.key, d.label, d.last_seen_at, d.revoked_at, a.id AS account_id, a.name,"
        " a.display_name, a.active, g.role, g.organisation FROM volunteer_device d"
        " JOIN account a ON a.id = d.account LEFT JOIN account_grant g ON g.account = a.id"
        " WHERE d.token_hash = :token_hash AND d.campaign = :campaign ORDER BY g.id",
        token_hash=_hash(token),
        campaign=campaign.id,
    )
    if not rows:
        raise UnknownDeviceError
    first, now = rows[0], moments.now()
    grants = tuple(Grant(row["role"], row["organisation"]) for row in rows if row["role"])
    actor = Actor(first["name"], first["display_name"], first["account_id"], grants, "session")
    if first["revoked_at"] or not first["active"]:
        raise RevokedError
    if not await may_in_campaign(actor, PUNCH, campaign.id):
        raise RevokedError
    if now - first["last_seen_at"] >= NOTED_EVERY:
        await database.execute(
            "UPDATE volunteer_device SET last_seen_at = :now WHERE id = :id",
            now=now,
            id=first["id"],
        )
    return Device(first["key"], first["label"], actor)


async def check(campaign: Campaign, key: str) -> None:
    """Raise RevokedError when the device is to wipe itself, UnknownDeviceError for no device."""
    row = await database.fetch_one(
        "SELECT d.revoked_at, a.active FROM volunteer_device d JOIN account a ON a.id = d.account"
        " WHERE d.key = :key AND d.campaign = :campaign",
        key=key,
        campaign=campaign.id,
    )
    if row is None:
        raise UnknownDeviceError
    if row["revoked_at"] or not row["active"]:
        raise RevokedError


async def listed(actor: Actor, campaign: Campaign) -> list[DeviceView]:
    """The devices of a campaign at the actor's offices, those in use first. Two statements."""
    inside, values = scope_sql(actor, PUNCH)
    manages, more = scope_sql(actor, MANAGE, "manage_offices")
    rows = await database.fetch(
        "SELECT d.key, d.label, a.display_name AS steward, a.name AS account, o.name AS office,"
        " d.organisation AS organisation_id, d.created_at, d.last_seen_at, d.revoked_at,"
        f" d.wiped_at, CASE WHEN d.organisation IN ({manages}) THEN 1 ELSE 0 END AS manages"
        " FROM volunteer_device d JOIN account a ON a.id = d.account"
        " JOIN organisation o ON o.id = d.organisation"
        f" WHERE d.campaign = :campaign AND d.organisation IN ({inside})"
        " ORDER BY CASE WHEN d.revoked_at IS NULL THEN 0 ELSE 1 END, d.id DESC LIMIT 200",
        campaign=campaign.id,
        **values,
        **more,
    )
    return [_view(row.pop("manages"), DeviceView(**row), actor) for row in rows]


def _view(manages: int, view: DeviceView, actor: Actor) -> DeviceView:
    return replace(view, revocable=bool(manages) or view.account == actor.name)


async def revoke(actor: Actor, campaign: Campaign, key: str) -> str:
    """Take a device out of use: one's own, or as an organiser; gives its label. Raises Missing."""
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT id, account, organisation, label, revoked_at FROM volunteer_device"
            " WHERE key = :key AND campaign = :campaign",
            key=key,
            campaign=campaign.id,
        )
        if row is None or not await may(actor, PUNCH, row["organisation"]):
            raise Missing("没有这台设备")
        own = row["account"] == actor.account_id
        if not own and not await may(actor, MANAGE, row["organisation"]):
            raise Refusal.of("forbidden", "别人的设备要由组织者停用")
        if row["revoked_at"] is None:
            await database.execute(
                "UPDATE volunteer_device SET revoked_at = :now WHERE id = :id",
                now=moments.now(),
                id=row["id"],
            )
            office, label = row["organisation"], row["label"]
            await _record(actor, "revoked", campaign, key=key, office=office, label=label)
    return str(row["label"])


async def wiped(campaign: Campaign, key: str) -> None:
    """Note that a device says it has wiped itself; one in use is thereby given up."""
    async with database.transaction():
        row = await database.fetch_one(
            "SELECT d.id, d.organisation, d.label, d.wiped_at, a.id AS account_id, a.name,"
            " a.display_name FROM volunteer_device d JOIN account a ON a.id = d.account"
            " WHERE d.key = :key AND d.campaign = :campaign",
            key=key,
            campaign=campaign.id,
        )
        if row is None or row["wiped_at"] is not None:
            return
        await database.execute(
            "UPDATE volunteer_device SET wiped_at = :now, revoked_at = COALESCE(revoked_at, :now)"
            " WHERE id = :id",
            now=moments.now(),
            id=row["id"],
        )
        owner = Actor(row["name"], row["display_name"], row["account_id"], (), "token")
        office, label = row["organisation"], row["label"]
        await _record(owner, "wiped", campaign, key=key, office=office, label=label)


async def _record(
    actor: Actor, action: str, campaign: Campaign, *, key: str, office: int, label: str
) -> None:
    await audit.record(
        actor,
        f"volunteer.device.{action}",
        "volunteer_device",
        key,
        organisation=office,
        campaign=campaign.key,
        after={"label": label},
    )
