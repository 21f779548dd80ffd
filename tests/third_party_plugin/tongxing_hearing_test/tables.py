"""The table of screenings. Its name begins with the plugin's key: so no two plugins can clash."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from core.tables import KEY_LENGTH, Campaign, Organisation
from events.tables import Activity


class Screening(Table, tablename="hearing_test_screening"):
    """Hearing tests that an office held on a day: how many came, how many were referred.

    ``sequence`` grows with each change of the day, as calendar programmes ask for.
    """

    id = BigSerial(primary_key=True)
    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.cascade, index=True)
    key = Varchar(KEY_LENGTH, null=False)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, index=True)
    activity = ForeignKey(
        Activity, null=True, default=None, on_delete=OnDelete.restrict, index=True
    )
    held_on = Date(null=False)
    people = BigInt(null=False)
    referred = BigInt(null=False)
    sequence = Integer(null=False, default=0)
    modified_at = Timestamptz(null=False)


TABLES: list[type[Table]] = [Screening]
