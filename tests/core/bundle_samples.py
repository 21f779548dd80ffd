"""Bundles for tests of the exchange format: the campaigns of the repository, and a small one."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

from core import bundles, plugins
from core.observances import Catalogue
from core.refusals import Fault
from core.shapes import DocumentRefused, Problems

FOLDER = Path(__file__).parents[1] / "campaigns"
NAMES = ("2022-city", "2015-county", "2012-street", "generated-1")
WHOLE = ("organisations", "metrics", "activities")
MOST = 6


@cache
def catalogue() -> Catalogue:
    """The catalogue as it is delivered."""
    return Catalogue.load()


def faults(document: Any) -> list[Fault]:
    """Everything that is wrong with a document, in the order in which it is found."""
    problems = Problems()
    bundles.check(document, plugins.installed(), catalogue(), problems)
    return problems.found


def faults_of_bytes(data: bytes) -> list[Fault]:
    """The same for a file."""
    try:
        return faults(bundles.read_document(data))
    except DocumentRefused as refused:
        return list(refused.faults)


def places(found: list[Fault]) -> list[tuple[str, str]]:
    """Pointer and code of each fault."""
    return [(fault.pointer, fault.code) for fault in found]


def campaign(name: str) -> Any:
    """A campaign of the repository, to be changed at will."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def parts(pointer: str) -> list[str | int]:
    """Members and positions of a pointer: ``/reported/0/key`` → reported, 0, key."""
    return [int(part) if part.isdigit() else part for part in pointer.split("/")[1:]]


def get(document: Any, pointer: str) -> Any:
    """What stands at a pointer."""
    for part in parts(pointer):
        document = document[part]
    return document


def put(document: Any, pointer: str, value: Any) -> None:
    """Put a value at a pointer; ``-`` at its end appends to a list."""
    holder, last = _holder(document, pointer)
    if last == "-":
        holder.append(value)
    else:
        holder[last] = value


def remove(document: Any, pointer: str) -> None:
    """Remove a member or an item."""
    holder, last = _holder(document, pointer)
    del holder[last]


def _holder(document: Any, pointer: str) -> tuple[Any, Any]:
    *above, last = parts(pointer)
    for part in above:
        document = document[part]
    return document, last


def _shorten(value: Any) -> None:
    if isinstance(value, list):
        del value[MOST:]
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            _shorten(part)


def _item(pointer: str) -> tuple[str | int, ...]:
    place = parts(pointer)
    return tuple(place[: max(i for i, part in enumerate(place) if isinstance(part, int)) + 1])


@cache
def _small() -> Any:
    document = campaign("generated-1")
    for name, part in document.items():
        if name not in WHOLE and isinstance(part, dict | list):
            _shorten(part)
    # What now points at nothing goes too: the innermost item around it, the last ones first.
    items = {_item(fault.pointer) for fault in faults(document)}
    for item in sorted(items, key=lambda item: [(isinstance(p, str), p) for p in item])[::-1]:
        remove(document, "/" + "/".join(map(str, item)))
    put(document, "/activities/0/accessibility", ["sign_language"])
    put(document, "/plugins/job_fair/fairs/0/positions/0/accommodations", ["wheelchair"])
    rice = {"item": "大米", "quantity": 1, "unit": "袋", "unit_value": "60.00"}
    put(document, "/plugins/condolence/rounds/0/lines/0/goods", [rice])
    put(document, "/plugins/publicity/items/5/reprint_of", "m00385")
    assert faults(document) == []
    return document


def small() -> Any:
    """``generated-1`` with the first few records of each list: every member of the format in it."""
    return copy.deepcopy(_small())
