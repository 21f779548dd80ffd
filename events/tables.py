"""The table of activities."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from core.tables import KEY_LENGTH, Campaign, Organisation


class Activity(Table, tablename="activity"):
    """Something that happens at a time and a place. Lists of words are JSON.

    ``sequence`` grows with each change of time, place or state, as calendar programmes ask for;
    ``accessibility`` is what is offered, ``accessibility_asked`` what participants asked for.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    title = Text(null=False)
    kind = Varchar(KEY_LENGTH, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    starts_at = Timestamptz(null=False)
    ends_at = Timestamptz(null=False)
    place = Text(null=False, default="")
    accessibility = Text(null=False, default="[]")
    hosts = Text(null=False, default="")
    address = Text(null=False, default="")
    capacity = BigInt(null=True, default=None)
    person_in_charge = Text(null=False, default="")
    accessibility_asked = Text(null=False, default="[]")
    notes = Text(null=False, default="")
    state = Varchar(16, null=False, default="draft")
    sequence = Integer(null=False, default=0)
    modified_at = Timestamptz(null=False)
    cancelled_at = Timestamptz(null=True, default=None)


TABLES: list[type[Table]] = [Activity]
