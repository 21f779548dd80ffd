"""Tables of job fairs. Names of seekers are sealed; everything counts for the fair's office."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from core.tables import KEY_LENGTH, Campaign, Organisation
from events.tables import Activity


class Employer(Table, tablename="job_fair_employer"):
    """Who offers work in a campaign. It belongs to no office."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    name = Text(null=False)


class Seeker(Table, tablename="job_fair_seeker"):
    """A disabled person who looks for work, and the office that looks after them.

    ``name_sealed`` is encrypted, ``name_index`` its keyed hash for looking it up.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    name_sealed = Text(null=False)
    name_index = Varchar(64, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)


class Fair(Table, tablename="job_fair_fair"):
    """One fair of an office on a day; ``mode`` is a key of rules.MODES.

    ``sequence`` and ``modified_at`` tell calendar programmes what changed and when.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    activity = ForeignKey(
        Activity, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    mode = Varchar(16, null=False)
    held_on = Date(null=False)
    sequence = Integer(null=False, default=0)
    modified_at = Timestamptz(null=True, default=None)


class JobType(Table, tablename="job_fair_job_type"):
    """A 工种 as it is written, letter by letter; a row, so that it can be counted once."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    name = Text(null=False)


class Position(Table, tablename="job_fair_position"):
    """What an employer offers at a fair, for ``openings`` people.

    ``accommodations`` is a JSON list of words in order of code points.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    fair = ForeignKey(Fair, null=False, on_delete=OnDelete.restrict, index=True)
    employer = ForeignKey(Employer, null=False, on_delete=OnDelete.restrict, index=True)
    job_type = ForeignKey(JobType, null=False, on_delete=OnDelete.restrict, index=True)
    title = Text(null=False)
    openings = BigInt(null=False)
    accommodations = Text(null=False, default="[]")


class Attendance(Table, tablename="job_fair_attendance"):
    """A seeker was at a fair; once a fair."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    fair = ForeignKey(Fair, null=False, on_delete=OnDelete.restrict, index=False)
    seeker = ForeignKey(Seeker, null=False, on_delete=OnDelete.restrict, index=True)


class Application(Table, tablename="job_fair_application"):
    """A seeker applied for a position; ``stage`` is a key of rules.STAGES.

    A seeker may apply for the same position again: ``ordinal`` tells such applications apart.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    seeker = ForeignKey(Seeker, null=False, on_delete=OnDelete.restrict, index=False)
    position = ForeignKey(Position, null=False, on_delete=OnDelete.restrict, index=True)
    ordinal = Integer(null=False)
    stage = Varchar(16, null=False)


TABLES: list[type[Table]] = [Employer, Seeker, Fair, JobType, Position, Attendance, Application]
