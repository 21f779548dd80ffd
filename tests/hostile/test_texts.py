"""Characters that show something else than is there are refused where they are sent."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.fixtures.county_records import OWN
from tests.fixtures.every_route import CAMPAIGN, World, _must
from tests.fixtures.permission_table import cases
from tests.fixtures.route_bodies import BODIES

# Turned around, hidden, cut off: what no name and no sentence needs.
REFUSED = {
    "NUL": "甲\0乙",
    "escape": "甲\x1b[31m乙",
    "override": "甲\u202e乙",
    "isolate": "甲\u2067乙",
    "nonchar": "甲\ufffe乙",
    "surrogate": "甲\ud800乙",
}
# Long words of the languages of several nationalities, rare characters, signs: what people do have.
TAKEN = ("𠮷野", "㛃", "ئابدۇللا", "བཀྲ་ཤིས།", "می\u200cخواهم", "👨‍👩‍👧", "Ａ１", "e\u0301")


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


def texts(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of texts that hold Chinese, and so are no keys."""
    if isinstance(body, dict | list):
        pairs = body.items() if isinstance(body, dict) else enumerate(body)
        for name, value in pairs:
            yield from texts(value, (*path, name))
    elif isinstance(body, str) and not body.isascii():
        yield path


def put(body: Any, path: tuple[Any, ...], text: str) -> Any:
    changed = copy.deepcopy(body)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = text
    return changed


async def test_hostile_texts_are_refused_by_their_place(world: World) -> None:
    headers = await world.bearer("administrator", "city")
    asked = [("POST", f"{CAMPAIGN}/{path}", {**item, "key": "new"}) for path, item in OWN]
    known = {case.route: case for case in cases()}
    for route, body in BODIES.items():
        if route in known and known[route].is_data:
            address = known[route].address
            for name, value in world.known.items():
                address = address.replace(f"@{name}", value)
            asked.append((known[route].method, address, body))
    wrong, tried = [], 0
    for method, address, body in asked:
        for path in texts(body):
            for name, text in REFUSED.items():
                content = json.dumps(put(body, path, text))
                answer = await world.nobody.request(
                    method, address, headers=headers, content=content
                )
                tried += 1
                # What is only looked at, or cleaned before it is kept, gives nothing of it back.
                harmless = text not in json.dumps(answer.json(), ensure_ascii=False)
                if answer.status_code not in {400, 422} and not harmless:
                    wrong.append(f"{name} {answer.status_code} {method} {address} {path}")
    assert wrong == [], "\n".join(wrong)
    assert tried > 30


async def test_what_people_are_called_is_taken_and_comes_back(world: World) -> None:
    headers = await world.bearer("administrator", "city")
    for number, text in enumerate(TAKEN):
        item = {"key": f"n{number}", "name": text, "kind": "household", "organisation": "x1"}
        made = await world.nobody.post(
            f"{CAMPAIGN}/condolence/recipients", json={**item, "members": 1}, headers=headers
        )
        _must(made, 201)
        full = await world.nobody.post(
            f"{CAMPAIGN}/condolence/recipients/n{number}/unmask", headers=headers
        )
        assert full.json()["name"] == text


KEYS = ("甲", "ａ", "а", "a\u200b", "a\u202e", "a/b", "..%2f", "a b", "a\n", "ﬁ", "a" * 65, "é")


async def test_a_key_is_plain(world: World) -> None:
    headers = await world.bearer("administrator", "city")
    for path, item in OWN:
        for key in KEYS:
            answer = await world.nobody.post(
                f"{CAMPAIGN}/{path}", json={**item, "key": key}, headers=headers
            )
            assert answer.status_code == 422, (path, key, answer.text)
