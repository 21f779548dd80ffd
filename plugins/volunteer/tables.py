"""Tables of volunteer service. Names of volunteers are sealed; credited time is whole minutes."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from core.tables import KEY_LENGTH, Account, Campaign, Organisation
from events.tables import Activity


class Profile(Table, tablename="volunteer_profile"):
    """Somebody who registered himself: one across all campaigns, with an account of his own.

    ``number`` is the volunteer's number, so that no citizen number is needed. Name, phone and what
    is known of the guardian are sealed; ``phone_index`` finds him when he signs in. ``consent`` is
    JSON: which text was agreed to, when, and by whom (himself, or the guardian of a minor).
    """

    id = BigSerial(primary_key=True)
    number = Varchar(16, null=False, unique=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    name_sealed = Text(null=False)
    name_index = Varchar(64, null=False, index=True)
    phone_sealed = Text(null=False)
    phone_index = Varchar(64, null=False, unique=True)
    born_sealed = Text(null=False, default="")
    guardian_sealed = Text(null=False, default="")
    skills = Text(null=False, default="[]")
    consent = Text(null=False)
    created_at = Timestamptz(null=False)
    left_at = Timestamptz(null=True, default=None)


class Volunteer(Table, tablename="volunteer_person"):
    """Somebody who serves in a campaign.

    ``name_sealed`` is encrypted, ``name_index`` its keyed hash for looking it up.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    name_sealed = Text(null=False)
    name_index = Varchar(64, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    profile: ForeignKey = ForeignKey(
        Profile, null=True, default=None, on_delete=OnDelete.set_null, index=True
    )


class Shift(Table, tablename="volunteer_shift"):
    """A task with its time and how many it takes; attendances count for its office.

    ``label`` is ``rules.shift_label``: how people tell shifts apart. ``sequence`` and
    ``modified_at`` tell calendar programmes what changed and when. ``skills`` and ``tasks`` are
    JSON lists of words (``tasks``: accessibility tasks); ``risks`` and ``insurance`` are what the
    law asks to say before anybody signs up (志愿服务条例 12, 17). What is published is open to the
    public; these columns stay out of bundles.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    activity = ForeignKey(
        Activity, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    title = Text(null=False)
    starts_at = Timestamptz(null=False)
    ends_at = Timestamptz(null=False)
    capacity = BigInt(null=False)
    label = Text(null=False, default="")
    sequence = Integer(null=False, default=0)
    modified_at = Timestamptz(null=True, default=None)
    place = Text(null=False, default="")
    skills = Text(null=False, default="[]")
    tasks = Text(null=False, default="[]")
    risks = Text(null=False, default="")
    insurance = Text(null=False, default="")
    published_at = Timestamptz(null=True, default=None)
    cancelled_at = Timestamptz(null=True, default=None)


class Attendance(Table, tablename="volunteer_attendance"):
    """A volunteer in a shift; counts once ``status`` is confirmed.

    The times are as they were taken. ``credited_minutes`` is ``rules.credited_minutes`` of them and
    of the shift's times, whatever the status, so it is computed again when either changes.
    ``ordinal`` tells apart the attendances of one volunteer in one shift; ``key`` is generated, is
    never given anew, and stays out of bundles. ``policy`` names the rule that credited the minutes,
    ``closed_by_itself`` an end that nobody took, ``decided_by`` who confirmed or refused.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    shift = ForeignKey(Shift, null=False, on_delete=OnDelete.restrict, index=False)
    volunteer = ForeignKey(Volunteer, null=False, on_delete=OnDelete.restrict, index=True)
    ordinal = Integer(null=False, default=0)
    checked_in_at = Timestamptz(null=True, default=None)
    checked_out_at = Timestamptz(null=True, default=None)
    status = Varchar(16, null=False)
    credited_minutes = BigInt(null=False, default=0)
    policy = Varchar(32, null=False, default="")
    closed_by_itself = Boolean(null=False, default=False)
    decided_by = Text(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)


class StarScheme(Table, tablename="volunteer_star_scheme"):
    """How a campaign gives stars: ``scheme`` is JSON as in a bundle. Without a row: the default."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    scheme = Text(null=False)


TABLES: list[type[Table]] = [Profile, Volunteer, Shift, Attendance, StarScheme]
