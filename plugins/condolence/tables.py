"""Tables of condolence visits. Names of recipients are sealed; money is 分."""

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


class Recipient(Table, tablename="condolence_recipient"):
    """A household, person or institution that is visited in a campaign.

    ``name_sealed`` is encrypted, ``name_index`` its keyed hash for looking it up.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    kind = Varchar(16, null=False)
    name_sealed = Text(null=False)
    name_index = Varchar(64, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    members = BigInt(null=True, default=None)


class Round(Table, tablename="condolence_round"):
    """One round of visits by an office on a day, with who paid for it.

    ``sequence`` and ``modified_at`` tell calendar programmes what changed and when.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    occasion = Text(null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    activity = ForeignKey(
        Activity, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    visited_on = Date(null=False)
    funder = Text(null=False, default="")
    sequence = Integer(null=False, default=0)
    modified_at = Timestamptz(null=True, default=None)


class Line(Table, tablename="condolence_line"):
    """What one recipient gets in a round; counts once ``status`` is delivered."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    round = ForeignKey(Round, null=False, on_delete=OnDelete.restrict, index=False)
    recipient = ForeignKey(Recipient, null=False, on_delete=OnDelete.restrict, index=True)
    cash = BigInt(null=False, default=0)
    status = Varchar(16, null=False)


class Goods(Table, tablename="condolence_goods"):
    """Things given with a line; ``position`` tells apart what looks alike."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    line = ForeignKey(Line, null=False, on_delete=OnDelete.restrict, index=False)
    position = Integer(null=False)
    item = Text(null=False)
    quantity = BigInt(null=False)
    unit = Text(null=False)
    unit_value = BigInt(null=False)


TABLES: list[type[Table]] = [Recipient, Round, Line, Goods]
