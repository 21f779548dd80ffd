"""Tables of publicity: what the media brought, what was handed out, whom it reached."""

from __future__ import annotations

from piccolo.columns import BigInt, BigSerial, Date, ForeignKey, OnDelete, Text, Varchar
from piccolo.table import Table

from core.tables import KEY_LENGTH, Campaign, Organisation
from events.tables import Activity
from plugins.publicity.rules import INDEX_LENGTH


class Item(Table, tablename="publicity_item"):
    """Something published: an article, a broadcast, a video, a brief, or a reprint of one.

    ``url_comparable`` is ``rules.url_index`` of ``url``: no two items of a campaign share one.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    kind = Varchar(16, null=False)
    title = Text(null=False, default="")
    outlet = Text(null=False)
    outlet_level = Varchar(16, null=False)
    published_on = Date(null=False)
    url = Text(null=True, default=None)
    url_comparable = Varchar(INDEX_LENGTH, null=True, default=None)
    # Checked when a statement ends, so that a campaign can go with its items and their reprints;
    # an original that still has a reprint stays all the same.
    reprint_of: ForeignKey = ForeignKey(
        "self", null=True, default=None, on_delete=OnDelete.no_action, index=True
    )
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)


class Material(Table, tablename="publicity_material"):
    """A quantity of one kind of printed or sent matter, put out by an office on a day."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    kind = Varchar(16, null=False)
    quantity = BigInt(null=False)
    activity = ForeignKey(
        Activity, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    happened_on = Date(null=False)


class Outreach(Table, tablename="publicity_outreach"):
    """How many people an office reached on a day."""

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=False)
    key = Varchar(KEY_LENGTH, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=False)
    activity = ForeignKey(
        Activity, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    people = BigInt(null=False)
    happened_on = Date(null=False)


TABLES: list[type[Table]] = [Item, Material, Outreach]
