"""Rules of condolence visits: words and limits, without any I/O."""

from __future__ import annotations

KINDS = {"household": "家庭户", "person": "个人", "institution": "机构"}
STATUSES = {"planned": "计划", "delivered": "已送达", "returned": "退回"}
# One line of goods worth more than a thousand million yuan is a typing error; below that no sum in
# the database can overflow.
GOODS_FEN_LIMIT = 10**13


def goods_value(quantity: int, unit_value: int) -> int:
    """What goods are worth: quantity × value of one, in 分."""
    return quantity * unit_value
