"""Rules of condolence visits: words and limits, without any I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core.numbers import fen, money_text

KINDS = {"household": "家庭户", "person": "个人", "institution": "机构"}
STATUSES = {"planned": "计划", "delivered": "已送达", "returned": "退回"}
# Names of these kinds are somebody's; an institution's name is no secret.
PERSONAL = frozenset({"household", "person"})
# One line of goods worth more than a thousand million yuan is a typing error; below that no sum in
# the database can overflow.
GOODS_FEN_LIMIT = 10**13
GOODS_TOO_DEAR = "慰问品折价超过一千亿元"
# What of a round stands in calendars: a change of it is a revision there.
TOLD_BY_CALENDARS = ("occasion", "visited_on", "organisation")

_BETWEEN = re.compile(r"[；;\n]+")
_GOODS = re.compile(
    r"(?P<item>.+?)\s+(?P<quantity>[0-9]{1,13})\s*(?P<unit>\S*?)\s+"
    r"(?P<unit_value>[0-9]{1,13}(?:\.[0-9]{1,2})?)\s*元?"
)
GOODS_HINT = "写成“大米 1袋 60元”：名称、数量、单价，中间空格；几样之间用分号隔开"


def goods_value(quantity: int, unit_value: int) -> int:
    """What goods are worth: quantity × value of one, in 分."""
    return quantity * unit_value


def read_goods(text: str) -> list[dict[str, Any]]:
    """Goods as people type them, ``大米 1袋 60元；食用油 1桶 80元``, as a bundle holds them.

    Raises ValueError with a sentence that quotes what cannot be read.
    """
    goods = []
    for part in _BETWEEN.split(text):
        words = part.strip()
        if not words:
            continue
        match = _GOODS.fullmatch(words)
        if match is None:
            raise ValueError(f"慰问品“{words[:30]}”看不懂，请{GOODS_HINT}")
        unit_value = money_text(fen(match["unit_value"]))
        goods.append(
            {
                "item": match["item"],
                "quantity": int(match["quantity"]),
                "unit": match["unit"],
                "unit_value": unit_value,
            }
        )
    return goods


def goods_text(goods: Iterable[Mapping[str, Any]]) -> str:
    """Goods (``unit_value`` in 分) as ``read_goods`` reads them; "" for none."""
    return "；".join(
        f"{each['item']} {each['quantity']}{each['unit']} {_yuan(each['unit_value'])}元"
        for each in goods
    )


def bundled_goods(goods: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Goods with ``unit_value`` in 分 as a bundle holds them."""
    names = ("item", "quantity", "unit")
    return [
        {**{name: each[name] for name in names}, "unit_value": money_text(each["unit_value"])}
        for each in goods
    ]


def ordered_goods(goods: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Goods in the order in which a line keeps them."""
    return sorted(goods, key=lambda each: (each["item"], each["unit"], each["unit_value"]))


def _yuan(amount: int) -> str:
    text = money_text(amount)
    return text.removesuffix(".00")
