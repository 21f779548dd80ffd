"""The table of volunteers' own calendar addresses."""

from __future__ import annotations

from piccolo.columns import BigSerial, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from plugins.volunteer.tables import Profile


class OwnFeed(Table, tablename="volunteer_own_feed"):
    """The calendar address of a volunteer; only a hash of its secret is kept.

    ``alarm_minutes`` before the start of a shift the phone is to ring; null for never.
    """

    id = BigSerial(primary_key=True)
    profile = ForeignKey(Profile, null=False, on_delete=OnDelete.cascade, unique=True, index=False)
    token_hash = Varchar(64, null=False, unique=True)
    alarm_minutes = Integer(null=True, default=None)
    created_at = Timestamptz(null=False)


TABLES: list[type[Table]] = [OwnFeed]
