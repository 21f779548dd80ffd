"""Who may read a calendar feed: a secret in the feed's address, of which only a hash is kept.

A feed belongs to an office and shows what the campaign plans in it and below. Whoever has the
address can read it, without signing in, until it is changed (rotated) or ended (revoked).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from core import audit, database
from core.campaigns import Campaign
from core.permissions import Actor, may, scope_sql
from core.refusals import Fault, Missing, Refusal

SECRET_BYTES = 32
LABEL_LONGEST = 50
MANAGE = "feed.manage"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed without its secret."""

    id: int
    campaign_id: int
    campaign: str
    organisation_id: int
    organisation: str
    organisation_name: str
    label: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the holder of a secret may read, and the revision that it has now.

    Whatever a feed shows is of this campaign, and counts its changes; the name of an observance
    that an office keeps is not.
    """

    campaign_id: int
    campaign: str
    organisation_id: int
    organisation: str
    changes: int
    modified_at: datetime
    observance: str | None

    @property
    def revision(self) -> tuple[object, ...]:
        """Equal as long as nothing that the feed shows has changed."""
        return self.changes, self.modified_at, self.observance


SELECT = (
    "SELECT f.id, c.id AS campaign_id, c.key AS campaign, f.organisation AS organisation_id,"
    " o.key AS organisation, COALESCE(p.name, o.name) AS organisation_name, f.label, f.created_at,"
    " f.revoked_at FROM feed_token f JOIN campaign c ON c.id = f.campaign"
    " JOIN organisation o ON o.id = f.organisation LEFT JOIN campaign_participant p"
    " ON p.campaign = f.campaign AND p.organisation = f.organisation"
)


def token_hash(token: str) -> str:
    """What is kept of a secret. It is random, so it needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def path(token: str) -> str:
    """The path of the feed with that secret."""
    return f"/feeds/{token}.ics"


async def create(
    actor: Actor, campaign: Campaign, organisation: str, label: str = "", *, now: datetime
) -> str:
    """Make a feed of an office that takes part in the campaign; gives its secret, this once.

    Raises Missing for an office where the actor may not, Refusal for a label that is too long.
    """
    label = label.strip()
    if len(label) > LABEL_LONGEST:
        raise Refusal(Fault("/label", "too_long", f"说明最多 {LABEL_LONGEST} 个字"))
    token = secrets.token_urlsafe(SECRET_BYTES)
    async with database.transaction():
        office = await _office(actor, campaign, organisation)
        made = await database.fetch_value(
            "INSERT INTO feed_token (token_hash, campaign, organisation, account, label,"
            " created_at) VALUES (:token_hash, :campaign, :organisation, :account, :label, :now)"
            " RETURNING id",
            token_hash=token_hash(token),
            campaign=campaign.id,
            organisation=office,
            account=actor.account_id,
            label=label,
            now=now,
        )
        await audit.record(
            actor,
            "feed.created",
            "feed",
            str(made),
            organisation=office,
            campaign=campaign.key,
            after={"label": label},
        )
    return token


async def rotate(actor: Actor, campaign: Campaign, feed_id: int, *, now: datetime) -> str:
    """Give a feed a new secret, which is answered; the old address stops working at once."""
    token = secrets.token_urlsafe(SECRET_BYTES)
    async with database.transaction():
        feed = await _standing(actor, campaign, feed_id)
        await database.execute(
            "UPDATE feed_token SET token_hash = :token_hash, created_at = :now WHERE id = :id",
            token_hash=token_hash(token),
            now=now,
            id=feed.id,
        )
        await _record(actor, "feed.rotated", feed)
    return token


async def revoke(actor: Actor, campaign: Campaign, feed_id: int, *, now: datetime) -> None:
    """End a feed. Raises Missing."""
    async with database.transaction():
        feed = await _standing(actor, campaign, feed_id)
        await database.execute(
            "UPDATE feed_token SET revoked_at = :now WHERE id = :id", now=now, id=feed.id
        )
        await _record(actor, "feed.revoked", feed)


async def listed(actor: Actor, campaign: Campaign) -> list[Feed]:
    """The campaign's feeds that stand, of offices where the actor manages feeds."""
    scope, parameters = scope_sql(actor, MANAGE)
    rows = await database.fetch(
        f"{SELECT} WHERE f.campaign = :campaign AND f.revoked_at IS NULL"
        f" AND f.organisation IN ({scope}) ORDER BY f.id",
        campaign=campaign.id,
        **parameters,
    )
    return [Feed(**row) for row in rows]


async def resolve(token: str) -> Subscription:
    """What the holder of that secret may read, if it stands. One statement. Raises Missing."""
    row = await database.fetch_one(
        "SELECT c.id AS campaign_id, c.key AS campaign, o.id AS organisation_id,"
        " o.key AS organisation, c.changes, c.modified_at, b.rule AS observance FROM feed_token f"
        " JOIN campaign c ON c.id = f.campaign JOIN organisation o ON o.id = f.organisation"
        " LEFT JOIN office_observance b ON b.key = c.observance"
        " WHERE f.token_hash = :token_hash AND f.revoked_at IS NULL",
        token_hash=token_hash(token),
    )
    if row is None:
        raise Missing("没有这个日历，或者它已经停用")
    return Subscription(**row)


async def _office(actor: Actor, campaign: Campaign, organisation: str) -> int:
    found = await database.fetch_value(
        "SELECT p.organisation FROM campaign_participant p"
        " JOIN organisation o ON o.id = p.organisation"
        " WHERE p.campaign = :campaign AND o.key = :key",
        campaign=campaign.id,
        key=organisation,
    )
    if found is None or not await may(actor, MANAGE, found):
        raise Missing(f"活动“{campaign.key}”里没有编号为“{organisation}”的机构")
    return int(found)


async def _standing(actor: Actor, campaign: Campaign, feed_id: int) -> Feed:
    row = await database.fetch_one(
        f"{SELECT} WHERE f.id = :id AND f.campaign = :campaign AND f.revoked_at IS NULL",
        id=feed_id,
        campaign=campaign.id,
    )
    if row is None or not await may(actor, MANAGE, row["organisation_id"]):
        raise Missing("没有这个订阅地址，或者它已经停用")
    return Feed(**row)


async def _record(actor: Actor, action: str, feed: Feed) -> None:
    await audit.record(
        actor,
        action,
        "feed",
        str(feed.id),
        organisation=feed.organisation_id,
        campaign=feed.campaign,
        before={"label": feed.label},
    )
