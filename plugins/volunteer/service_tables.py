"""Tables of service as it happens: waiting, punches, devices, objections, honours, certificates."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from core.tables import KEY_LENGTH, Account, Campaign, Organisation
from plugins.volunteer.tables import Attendance, Profile, Shift, Volunteer


class Waiting(Table, tablename="volunteer_waiting"):
    """Somebody who waits for a place in a full shift; the lowest id moves up first."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    shift = ForeignKey(Shift, null=False, on_delete=OnDelete.cascade, index=False)
    volunteer = ForeignKey(Volunteer, null=False, on_delete=OnDelete.cascade, index=True)
    since = Timestamptz(null=False)


class Device(Table, tablename="volunteer_device"):
    """A steward's device; only a hash of its token is kept. Revoked, it wipes itself."""

    id = BigSerial(primary_key=True)
    key = Varchar(KEY_LENGTH, null=False, unique=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    label = Text(null=False)
    token_hash = Varchar(64, null=False, unique=True)
    created_at = Timestamptz(null=False)
    last_seen_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    wiped_at = Timestamptz(null=True, default=None)


class Punch(Table, tablename="volunteer_punch"):
    """A coming or going as it was taken, refused ones too. Rows are never changed or removed.

    ``nonce`` makes a repeat known; ``at`` is the device's time, ``received_at`` the server's.
    ``shift_key`` and ``volunteer_key`` are as sent; ``shift`` and ``volunteer`` what they meant.
    ``source`` is steward, self, programme, correction or clock (an end nobody took); a correction
    names by ``corrects`` the punch it stands for, with its ``reason``.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    nonce = Varchar(64, null=False)
    shift_key = Varchar(KEY_LENGTH, null=False)
    volunteer_key = Varchar(KEY_LENGTH, null=False)
    shift = ForeignKey(Shift, null=True, default=None, on_delete=OnDelete.set_null, index=False)
    volunteer = ForeignKey(
        Volunteer, null=True, default=None, on_delete=OnDelete.set_null, index=False
    )
    attendance = ForeignKey(
        Attendance, null=True, default=None, on_delete=OnDelete.set_null, index=True
    )
    attendance_key = Varchar(KEY_LENGTH, null=True, default=None)
    direction = Varchar(4, null=False)
    at = Timestamptz(null=False)
    received_at = Timestamptz(null=False)
    device = Text(null=False, default="")
    source = Varchar(16, null=False)
    actor = Text(null=False)
    result = Varchar(16, null=False)
    code = Varchar(32, null=True, default=None)
    corrects = BigInt(null=True, default=None)
    reason = Text(null=False, default="")


class Conflict(Table, tablename="volunteer_conflict"):
    """What somebody has to look at: ``kind`` is two_places, out_before_in, clock or late."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    kind = Varchar(16, null=False)
    punch = ForeignKey(Punch, null=False, on_delete=OnDelete.cascade, index=True)
    other = BigInt(null=True, default=None)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    made_at = Timestamptz(null=False)
    resolution = Varchar(16, null=True, default=None)
    resolved_by = Text(null=True, default=None)
    resolved_at = Timestamptz(null=True, default=None)


class Objection(Table, tablename="volunteer_objection"):
    """A volunteer's objection to what is on record of him; to be answered within seven days."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False, unique=True)
    attendance = ForeignKey(Attendance, null=False, on_delete=OnDelete.cascade, index=True)
    volunteer = ForeignKey(Volunteer, null=False, on_delete=OnDelete.cascade, index=True)
    text = Text(null=False)
    raised_at = Timestamptz(null=False)
    due_on = Date(null=False)
    answer = Text(null=False, default="")
    answered_by = Text(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    upheld = Boolean(null=True, default=None)


class StarAward(Table, tablename="volunteer_star_award"):
    """A star on its way: proposed, announced (公示), final or withdrawn. ``scheme`` is JSON."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    volunteer = ForeignKey(Volunteer, null=False, on_delete=OnDelete.cascade, index=True)
    stars = Integer(null=False)
    minutes = BigInt(null=False)
    scheme = Text(null=False)
    state = Varchar(16, null=False)
    announced_on = Date(null=True, default=None)
    until = Date(null=True, default=None)
    decided_by = Text(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    reason = Text(null=False, default="")


class Certificate(Table, tablename="volunteer_certificate"):
    """A 志愿服务记录证明 as it was issued: canonical JSON, sealed, its SHA-256, and its code."""

    id = BigSerial(primary_key=True)
    number = Varchar(32, null=False, unique=True)
    code = Varchar(16, null=False, unique=True)
    profile = ForeignKey(Profile, null=False, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    content_sealed = Text(null=False)
    sha256 = Varchar(64, null=False)
    minutes = BigInt(null=False)
    issued_at = Timestamptz(null=False)
    withdrawn_at = Timestamptz(null=True, default=None)
    reason = Text(null=False, default="")


TABLES: list[type[Table]] = [
    Waiting,
    Device,
    Punch,
    Conflict,
    Objection,
    StarAward,
    Certificate,
]
