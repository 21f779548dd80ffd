"""The table of those who answer for certificates."""

from __future__ import annotations

from piccolo.columns import BigSerial, ForeignKey, OnDelete, Text, Timestamptz
from piccolo.table import Table

from core.tables import Organisation


class Issuer(Table, tablename="volunteer_issuer"):
    """Who answers for the certificates of an office: 负责人, 经办人, 联系方式 (民发〔2015〕149号).

    They are printed on every certificate that the office issues afterwards.
    """

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(
        Organisation, null=False, on_delete=OnDelete.cascade, unique=True, index=False
    )
    responsible = Text(null=False)
    handler = Text(null=False)
    contact = Text(null=False)
    changed_at = Timestamptz(null=False)


TABLES: list[type[Table]] = [Issuer]
