"""Core's tables. Keys are people's stable names for things; ids never leave the database.

Moments are UTC, days are days in Asia/Shanghai, decimal values of reported figures and targets are
kept as the text they were typed in. Uniqueness over several columns stands in the migrations, as
unique indexes, since Piccolo cannot declare it on SQLite.
"""

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

KEY_LENGTH = 64


class Organisation(Table, tablename="organisation"):
    """An office (残联 or below) as it is today; campaigns keep their own picture of the tree."""

    id = BigSerial(primary_key=True)
    key = Varchar(KEY_LENGTH, null=False, unique=True)
    name = Text(null=False)
    level = Varchar(16, null=False)
    parent: ForeignKey = ForeignKey("self", null=True, default=None, on_delete=OnDelete.restrict)
    closed_on = Date(null=True, default=None)


class OrganisationClosure(Table, tablename="organisation_closure"):
    """Every (ancestor, descendant) pair of today's tree, each office with itself at depth 0."""

    id = BigSerial(primary_key=True)
    ancestor = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=False)
    descendant = ForeignKey(Organisation, null=False, on_delete=OnDelete.cascade, index=True)
    depth = Integer(null=False)


class Campaign(Table, tablename="campaign"):
    """A campaign of one office and those below it, such as the 助残日 of a year."""

    id = BigSerial(primary_key=True)
    key = Varchar(KEY_LENGTH, null=False, unique=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    observance = Varchar(KEY_LENGTH, null=True, default=None)
    year = Integer(null=False)
    title = Text(null=True, default=None)
    theme = Text(null=False, default="")
    starts_on = Date(null=False)
    ends_on = Date(null=False)
    state = Varchar(16, null=False, default="draft")
    changes = BigInt(null=False, default=0)
    modified_at = Timestamptz(null=False)


class CampaignPlugin(Table, tablename="campaign_plugin"):
    """Which plugins a campaign uses."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    plugin = Varchar(KEY_LENGTH, null=False)


class CampaignOrganisation(Table, tablename="campaign_participant"):
    """An office as a campaign knows it: later moves and new names leave a finished one alone."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    parent = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.restrict)
    name = Text(null=False)
    level = Varchar(16, null=False)


class CampaignClosure(Table, tablename="campaign_closure"):
    """The closure of a campaign's own tree; figures are counted over it."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    ancestor = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    descendant = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    depth = Integer(null=False)


class MetricRow(Table, tablename="metric"):
    """A metric that a campaign declares itself, besides those of plugins."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    label = Text(null=False)
    unit = Text(null=False)
    aggregation = Varchar(16, null=False)
    numerator = Varchar(KEY_LENGTH, null=True, default=None)
    denominator = Varchar(KEY_LENGTH, null=True, default=None)


class Target(Table, tablename="target"):
    """What an office is to reach of a metric. Never added up the tree."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    metric = Varchar(KEY_LENGTH, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    value = Text(null=False)


class ReportedFigure(Table, tablename="reported_figure"):
    """A figure somebody typed in, with its source; ``activity`` is an activity's key."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    metric = Varchar(KEY_LENGTH, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    activity = Varchar(KEY_LENGTH, null=True, default=None)
    value = Text(null=False)
    basis = Varchar(16, null=False)
    approximate = Boolean(null=False, default=False)
    source = Text(null=False, default="")


class Account(Table, tablename="account"):
    """Somebody who signs in."""

    id = BigSerial(primary_key=True)
    name = Varchar(KEY_LENGTH, null=False, unique=True)
    display_name = Text(null=False, default="")
    password_hash = Text(null=False)
    active = Boolean(null=False, default=True)
    failures = Integer(null=False, default=0)
    locked_until = Timestamptz(null=True, default=None)
    created_at = Timestamptz(null=False)


class AccountGrant(Table, tablename="account_grant"):
    """A role that an account holds over an office and everything below it."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    role = Varchar(16, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)


class Session(Table, tablename="session"):
    """A signed-in browser; only a hash of its token is kept."""

    id = BigSerial(primary_key=True)
    token_hash = Varchar(64, null=False, unique=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz(null=False)
    last_seen_at = Timestamptz(null=False)
    expires_at = Timestamptz(null=False)


class ApiToken(Table, tablename="api_token"):
    """A bearer token for a programme, with one role over one office; only its hash is kept."""

    id = BigSerial(primary_key=True)
    name = Varchar(KEY_LENGTH, null=False, unique=True)
    token_hash = Varchar(64, null=False, unique=True)
    role = Varchar(16, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    created_at = Timestamptz(null=False)
    last_used_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)


class FeedToken(Table, tablename="feed_token"):
    """Who may read a calendar feed: the hash of the token in the feed's path."""

    id = BigSerial(primary_key=True)
    token_hash = Varchar(64, null=False, unique=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    label = Text(null=False, default="")
    created_at = Timestamptz(null=False)
    revoked_at = Timestamptz(null=True, default=None)


class AuditEntry(Table, tablename="audit_entry"):
    """Who did what to which thing, for which office, with what it was before and after (JSON)."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(null=False)
    actor = Text(null=False)
    account = BigInt(null=True, default=None)
    organisation = ForeignKey(
        Organisation, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    campaign = Varchar(KEY_LENGTH, null=True, default=None)
    action = Varchar(KEY_LENGTH, null=False)
    thing = Varchar(KEY_LENGTH, null=False)
    thing_key = Text(null=False, default="")
    before = Text(null=True, default=None)
    after = Text(null=True, default=None)


class AuditSeal(Table, tablename="audit_seal"):
    """A block of entries of the log, closed: each seal holds the one before it.

    ``marks`` is a line an entry, its id and the first digits of its hash, by which the one that
    was touched is found; ``content`` is the SHA-256 over all of them whole, ``digest`` that of this
    row and the seal before it, ``stamp`` what only the holder of the key file can have written.
    """

    id = BigSerial(primary_key=True)
    number = Integer(null=False, unique=True)
    first_entry = BigInt(null=False)
    last_entry = BigInt(null=False)
    entries = Integer(null=False)
    marks = Text(null=False)
    content = Varchar(64, null=False)
    digest = Varchar(64, null=False)
    stamp = Varchar(64, null=False)
    sealed_at = Timestamptz(null=False)


class IdempotencyKey(Table, tablename="idempotency_key"):
    """The first answer to a creating request, given again to its repeats."""

    id = BigSerial(primary_key=True)
    actor = Text(null=False)
    key = Varchar(255, null=False)
    request_hash = Varchar(64, null=False)
    status = Integer(null=False)
    body = Text(null=False)
    created_at = Timestamptz(null=False)


class OfficeObservance(Table, tablename="office_observance"):
    """A day that an office keeps besides the catalogue; ``rule`` is JSON in its form."""

    id = BigSerial(primary_key=True)
    key = Varchar(KEY_LENGTH, null=False, unique=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    rule = Text(null=False)


class Upload(Table, tablename="upload"):
    """A file between its preview and its import, sealed, for an hour at most.

    ``purpose`` says what it is to become; ``parameters`` is JSON of the address it came by.
    """

    id = BigSerial(primary_key=True)
    token_hash = Varchar(64, null=False, unique=True)
    actor = Text(null=False)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    purpose = Varchar(KEY_LENGTH, null=False)
    parameters = Text(null=False, default="{}")
    filename = Text(null=False)
    content_sealed = Text(null=False)
    created_at = Timestamptz(null=False)


class Installation(Table, tablename="installation"):
    """One row a name: facts of this installation, such as its identifier in calendar UIDs."""

    name = Varchar(KEY_LENGTH, primary_key=True)
    value = Text(null=False)


TABLES: list[type[Table]] = [
    Organisation,
    OrganisationClosure,
    Campaign,
    CampaignPlugin,
    CampaignOrganisation,
    CampaignClosure,
    MetricRow,
    Target,
    ReportedFigure,
    Account,
    AccountGrant,
    Session,
    ApiToken,
    FeedToken,
    AuditEntry,
    AuditSeal,
    IdempotencyKey,
    OfficeObservance,
    Upload,
    Installation,
]
