"""What a station shows of its shift, and what a volunteer at it has to know of himself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import database
from core.refusals import Missing

TITLE = "COALESCE(NULLIF(h.title, ''), '志愿服务')"


@dataclass(frozen=True, slots=True)
class Station:
    """A shift as somebody at its place sees it."""

    id: int
    key: str
    campaign_id: int
    campaign: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    cancelled: bool
    office: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many were expected, are here, and have gone; each person once."""

    expected: int
    here: int
    gone: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A punch that was taken or refused before."""

    direction: str
    code: str | None
    at: datetime


async def find(shift_id: int) -> Station:
    """The station of a shift. Raises Missing."""
    row = await database.fetch_one(
        f"SELECT h.id, h.key, h.campaign AS campaign_id, c.key AS campaign, {TITLE} AS title,"
        " h.place, h.starts_at, h.ends_at, h.cancelled_at, o.name AS office"
        " FROM volunteer_shift h JOIN campaign c ON c.id = h.campaign"
        " JOIN organisation o ON o.id = h.organisation WHERE h.id = :id",
        id=shift_id,
    )
    if row is None:
        raise Missing("没有这个班次")
    return Station(cancelled=row.pop("cancelled_at") is not None, **row)


async def counts(shift_id: int) -> Counts:
    """Who is expected, here and gone. One statement."""
    row = await database.fetch_one(
        "SELECT COUNT(DISTINCT CASE WHEN status <> 'rejected' THEN volunteer END) AS expected,"
        " COUNT(DISTINCT CASE WHEN status = 'open' THEN volunteer END) AS here,"
        " COUNT(DISTINCT CASE WHEN checked_out_at IS NOT NULL THEN volunteer END) AS gone"
        " FROM volunteer_attendance WHERE shift = :shift",
        shift=shift_id,
    )
    return Counts(**row) if row else Counts(0, 0, 0)


async def is_here(shift_id: int, volunteer_id: int) -> bool:
    """Whether somebody has come to a shift and has not gone."""
    found = await database.fetch_value(
        "SELECT 1 FROM volunteer_attendance WHERE shift = :shift AND volunteer = :volunteer"
        " AND status = 'open' LIMIT 1",
        shift=shift_id,
        volunteer=volunteer_id,
    )
    return found is not None


async def taken(campaign_id: int, nonce: str, volunteer_id: int) -> Taken | None:
    """What became of a punch of this volunteer; None when there is none of that nonce."""
    row = await database.fetch_one(
        "SELECT direction, code, at FROM volunteer_punch WHERE campaign = :campaign"
        " AND nonce = :nonce AND volunteer = :volunteer",
        campaign=campaign_id,
        nonce=nonce,
        volunteer=volunteer_id,
    )
    return Taken(**row) if row else None
