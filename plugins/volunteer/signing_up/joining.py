"""Taking a place in a shift, waiting for one, and leaving; one at a time in each campaign."""

from __future__ import annotations

from typing import Any, Literal

from core import audit, campaigns, database, moments
from core.permissions import Actor
from core.refusals import Conflict
from plugins.volunteer.rules import AWAY, shift_label
from plugins.volunteer.signing_up import offers, profiles, waiting
from plugins.volunteer.signing_up.engagements import STILL_WAITS
from plugins.volunteer.signing_up.offers import Offer
from plugins.volunteer.signing_up.profiles import Profile

Joined = Literal["signed_up", "waiting", "already_signed_up", "already_waiting"]
Left = Literal["left", "left_waiting", "not_there"]
REFUSED = "组织者没有同意您参加这个班次，有疑问请联系负责的单位"
CHECKED_IN = "您已经签到，不能退出；有差错请联系负责的单位"


async def join(actor: Actor, profile: Profile, campaign: str, shift: str) -> Joined:
    """Sign somebody up for a shift, or put him on its waiting list when it is full.

    Whoever waits already comes first. Raises Missing for what is not on offer, Conflict with the
    code ``closed``, ``refused`` or ``overlap`` (the sentence names the other shift).
    """
    async with database.transaction():
        offer = await _held(campaign, shift)
        await waiting.hold_people({profile.id} | await waiting.profiles_waiting([offer.id]))
        await waiting.move_up(actor, [offer.id], held=True)
        offer = await offers.find(campaign, shift)
        volunteer = await profiles.person_in(offer.campaign_id, profile)
        if (standing := await _standing(offer, volunteer)) is not None:
            return standing
        if because := offer.closed_because(moments.now()):
            raise Conflict.of("closed", because)
        await _refuse_double_booking(offer, profile)
        if offer.full:
            await database.execute(
                "INSERT INTO volunteer_waiting (campaign, shift, volunteer, since)"
                " VALUES (:campaign, :shift, :volunteer, :now)"
                " ON CONFLICT (shift, volunteer) DO NOTHING",
                campaign=offer.campaign_id,
                shift=offer.id,
                volunteer=volunteer,
                now=moments.now(),
            )
            await _record(actor, offer, "waiting", profile)
            return "waiting"
        await waiting.take_places([(offer.campaign_id, offer.id, volunteer)])
        await _record(actor, offer, "joined", profile)
        return "signed_up"


async def leave(actor: Actor, profile: Profile, campaign: str, shift: str) -> Left:
    """Give a place back, or stop waiting; who waits longest moves up in the same unit of work.

    Until the shift begins. Raises Missing; Conflict with the code ``closed`` or ``checked_in``.
    """
    async with database.transaction():
        offer = await _held(campaign, shift)
        volunteer = await profiles.person_in(offer.campaign_id, profile)
        row = await _attendance(offer.id, volunteer)
        waited = await database.fetch_value(
            "SELECT 1 FROM volunteer_waiting WHERE shift = :shift AND volunteer = :volunteer",
            shift=offer.id,
            volunteer=volunteer,
        )
        if row is None and waited is None:
            return "not_there"
        if offer.starts_at <= moments.now():
            raise Conflict.of("closed", offer.closed_because(moments.now()))
        if row and (row["status"] != "signed_up" or row["checked_in_at"] is not None):
            message = REFUSED if row["status"] in AWAY else CHECKED_IN
            raise Conflict.of("checked_in", message)
        await database.execute(
            "DELETE FROM volunteer_waiting WHERE shift = :shift AND volunteer = :volunteer",
            shift=offer.id,
            volunteer=volunteer,
        )
        if row is None:
            await _record(actor, offer, "stopped_waiting", profile)
            return "left_waiting"
        await database.execute("DELETE FROM volunteer_attendance WHERE id = :id", id=row["id"])
        await _record(actor, offer, "left", profile)
        await waiting.move_up(actor, [offer.id, *await _waited_for(volunteer)])
        return "left"


async def _held(campaign: str, shift: str) -> Offer:
    """The shift, with its campaign held: writers of a campaign wait for one another."""
    offer = await offers.find(campaign, shift)
    await campaigns.touch(offer.campaign_id)
    return await offers.find(campaign, shift)


async def _attendance(shift: int, volunteer: int) -> dict[str, Any] | None:
    """The latest attendance of somebody in a shift."""
    return await database.fetch_one(
        "SELECT id, status, checked_in_at FROM volunteer_attendance WHERE shift = :shift"
        " AND volunteer = :volunteer ORDER BY ordinal DESC LIMIT 1",
        shift=shift,
        volunteer=volunteer,
    )


async def _waited_for(volunteer: int) -> list[int]:
    """The shifts that somebody waits for, and may be free for now."""
    rows = await database.fetch(
        f"SELECT w.shift FROM volunteer_waiting w WHERE w.volunteer = :volunteer AND {STILL_WAITS}",
        volunteer=volunteer,
    )
    return [row["shift"] for row in rows]


async def _standing(offer: Offer, volunteer: int) -> Joined | None:
    """Where somebody stands already; None when he is new to the shift. Raises Conflict."""
    row = await _attendance(offer.id, volunteer)
    if row is None:
        waits = await database.fetch_value(
            "SELECT 1 FROM volunteer_waiting WHERE shift = :shift AND volunteer = :volunteer",
            shift=offer.id,
            volunteer=volunteer,
        )
        return "already_waiting" if waits else None
    if row["status"] in AWAY:
        raise Conflict.of("refused", REFUSED)
    return "already_signed_up"


async def _refuse_double_booking(offer: Offer, profile: Profile) -> None:
    """Nobody stands in two places at one time, in whichever campaigns. Raises Conflict."""
    other = await database.fetch_one(
        "SELECT h.title, h.starts_at FROM volunteer_attendance a JOIN volunteer_shift h"
        " ON h.id = a.shift JOIN volunteer_person v ON v.id = a.volunteer"
        " WHERE v.profile = :profile AND a.status NOT IN ('rejected', 'no_show')"
        " AND h.cancelled_at IS NULL AND h.starts_at < :ends AND h.ends_at > :starts"
        " AND h.id <> :shift ORDER BY h.starts_at, h.id LIMIT 1",
        profile=profile.id,
        starts=offer.starts_at,
        ends=offer.ends_at,
        shift=offer.id,
    )
    if other:
        named = shift_label(other["title"], other["starts_at"])
        message = f"您在同一时间已经报名了“{named}”，要换到这一班，请先退出那一班"
        raise Conflict.of("overlap", message)


async def _record(actor: Actor, offer: Offer, done: str, profile: Profile) -> None:
    await audit.record(
        actor,
        f"volunteer.shifts.{done}",
        "volunteer.shifts",
        offer.key,
        organisation=offer.organisation_id,
        campaign=offer.campaign,
        after={"volunteer": profile.number},
    )
