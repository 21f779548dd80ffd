"""The section of a bundle read slowly, straight from the law: what our statements are held to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from core.checking.slow_reading import Record, SlowReader

OF_RECIPIENT = {"household": "households", "person": "people", "institution": "institutions"}


def records(section: dict[str, Any]) -> Iterator[Record]:
    """Every record of the section, metric by metric."""
    kinds = {recipient["key"]: recipient["kind"] for recipient in section.get("recipients", [])}
    for round_ in section.get("rounds", []):
        place = round_["organisation"], round_["activity"]
        for line in round_.get("lines", []):
            if line["status"] != "delivered":
                continue
            who = OF_RECIPIENT[kinds[line["recipient"]]]
            yield Record(f"condolence.{who}", *place, Fraction(1), line["recipient"])
            yield Record("condolence.visits", *place, Fraction(1))
            yield Record("condolence.cash", *place, Fraction(line["cash"]))
            for goods in line.get("goods", []):
                worth = goods["quantity"] * Fraction(goods["unit_value"])
                yield Record("condolence.goods_value", *place, worth)
                yield Record("condolence.goods_items", *place, Fraction(goods["quantity"]))


READER = SlowReader(
    records,
    sums=[
        "condolence.visits",
        "condolence.cash",
        "condolence.goods_value",
        "condolence.goods_items",
    ],
    distincts=["condolence.households", "condolence.people", "condolence.institutions"],
)
