"""A spreadsheet of items, in which a reprint may name an original of the same file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.kit.records.resource import Target
from api.kit.records.sheets import ResourceIntake
from plugins.publicity.record_rules import PENDING
from plugins.publicity.records import ITEMS


class ItemIntake(ResourceIntake):
    """One item a row."""

    def __init__(self) -> None:
        super().__init__(ITEMS)

    def known(self, given: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, Target]]:
        """Originals that come with the file."""
        keys = [item["key"] for item in given if isinstance(item.get("key"), str)]
        return {"reprint_of": {key: Target(PENDING, key, "", None, reachable=True) for key in keys}}
