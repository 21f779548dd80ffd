"""Tables of the recap: what an office writes, what it hands up, what was printed of it.

They belong to core's Piccolo app. Uniqueness over several columns stands in the migrations.
"""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
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


class RecapTemplateRow(Table, tablename="recap_template"):
    """How an office, and those below it, want a part of their recaps worded."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=False)
    part = Varchar(KEY_LENGTH, null=False)
    text = Text(null=False)
    changed_by = Text(null=False)
    changed_at = Timestamptz(null=False)


class RecapManuscript(Table, tablename="recap_manuscript"):
    """What an office adds to its recap of a campaign; ``revision`` counts every change."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    title = Text(null=False, default="")
    recipient = Text(null=False, default="")
    revision = BigInt(null=False, default=0)
    changed_by = Text(null=False)
    changed_at = Timestamptz(null=False)


class RecapPart(Table, tablename="recap_part"):
    """One part of a recap at its place: a generated one, or one that the author writes."""

    id = BigSerial(primary_key=True)
    manuscript = ForeignKey(RecapManuscript, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    position = Integer(null=False)
    title = Text(null=False, default="")
    text = Text(null=False, default="")
    hidden = Boolean(null=False, default=False)


class RecapImage(Table, tablename="recap_image"):
    """A picture's bytes, sealed: base64 of a re-encoded JPEG or PNG, without what a camera adds."""

    id = BigSerial(primary_key=True)
    sha256 = Varchar(64, null=False, unique=True)
    media_type = Varchar(32, null=False)
    width = Integer(null=False)
    height = Integer(null=False)
    content_sealed = Text(null=True, default=None)
    created_at = Timestamptz(null=False)


class RecapPhoto(Table, tablename="recap_photo"):
    """A photo in a manuscript; ``consent`` says who agreed to its use, or that nobody is shown."""

    id = BigSerial(primary_key=True)
    manuscript = ForeignKey(RecapManuscript, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    position = Integer(null=False)
    image = ForeignKey(RecapImage, null=False, on_delete=OnDelete.restrict, index=True)
    caption = Text(null=False)
    description = Text(null=False)
    consent = Text(null=False)
    added_by = Text(null=False)
    added_at = Timestamptz(null=False)


class RecapVersion(Table, tablename="recap_version"):
    """A recap as it was handed in: canonical JSON, its SHA-256, and what became of it.

    ``state`` is submitted, accepted, returned or frozen. ``replaces`` is the id of the version that
    this one corrects. ``unaccepted`` says why it was handed in over parts that nobody accepted.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    number = Integer(null=False)
    state = Varchar(16, null=False)
    code = Varchar(16, null=False, unique=True)
    replaces: ForeignKey = ForeignKey(
        "self", null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    content = Text(null=False)
    sha256 = Varchar(64, null=False)
    fingerprint = Varchar(64, null=False)
    campaign_changes = BigInt(null=False)
    unaccepted = Text(null=False, default="")
    submitted_by = Text(null=False)
    submitted_at = Timestamptz(null=False)
    decided_by = Text(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    reason = Text(null=False, default="")
    frozen_by = Text(null=True, default=None)
    frozen_at = Timestamptz(null=True, default=None)


class RecapDeadline(Table, tablename="recap_deadline"):
    """The day by which the offices of a campaign hand in their recaps."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, unique=True)
    due_on = Date(null=False)


class RecapPrint(Table, tablename="recap_print"):
    """A recap that was made into a file, known by the code that it carries."""

    id = BigSerial(primary_key=True)
    code = Varchar(16, null=False, unique=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    fingerprint = Varchar(64, null=False)
    title = Text(null=False)
    made_by = Text(null=False)
    made_at = Timestamptz(null=False)


class Rendering(Table, tablename="recap_rendering"):
    """A file in the making, outside the request; kept for a day once it is done.

    ``state`` is queued, running, done or failed; ``done_steps`` of ``all_steps`` are behind it and
    ``step`` says in Chinese what it does now. ``heartbeat_at`` tells that its process lives.
    """

    id = BigSerial(primary_key=True)
    key = Varchar(KEY_LENGTH, null=False, unique=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    version = ForeignKey(
        RecapVersion, null=True, default=None, on_delete=OnDelete.cascade, index=True
    )
    form = Varchar(8, null=False)
    base_url = Text(null=False, default="")
    state = Varchar(16, null=False)
    done_steps = Integer(null=False, default=0)
    all_steps = Integer(null=False, default=1)
    step = Text(null=False, default="")
    fault = Text(null=False, default="")
    filename = Text(null=False, default="")
    content = Bytea(null=True, default=None)
    actor = Text(null=False)
    account = BigInt(null=True, default=None)
    created_at = Timestamptz(null=False)
    started_at = Timestamptz(null=True, default=None)
    heartbeat_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)


TABLES: list[type[Table]] = [
    RecapTemplateRow,
    RecapManuscript,
    RecapPart,
    RecapImage,
    RecapPhoto,
    RecapVersion,
    RecapDeadline,
    RecapPrint,
    Rendering,
]
