"""Values that no column holds, wherever an address may carry them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from litestar import Litestar

from api.kit.guards import handlers
from tests.fixtures.every_route import World, installed
from tests.fixtures.permission_table import Case

HUGE = (2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 10**30)


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


CURSORS = tuple(
    cursor(*values)
    for values in (
        *((huge,) for huge in HUGE[::2]),
        ("a", HUGE[0]),
        ("a", HUGE[2]),
        (HUGE[2], HUGE[4]),
        ("a", "b"),
        ("\0",),
        ("\0", 1),
        ("\0", "b"),
    )
)


NUMBERS = {"feed", "grant_id", "number", "shift"}


def parameters(app: Litestar) -> dict[str, set[str]]:
    """What each handler that reads takes, by its route."""
    return {
        f"{method} {re.sub(r':(str|int|path)', '', path)}": set(
            handler.parsed_fn_signature.parameters
        )
        for path, method, handler in handlers(app.routes)
    }


def addresses(case: Case, taken: set[str]) -> list[str]:
    """The addresses to try of a case: numbers in the path, in the query and in the cursor."""
    path = case.address.partition("?")[0]
    made = []
    if NUMBERS & set(re.findall(r"\{(\w+)\}", case.pattern)):
        filled = case.pattern.replace("{campaign}", "2022-city")
        made += [re.sub(r"\{(\w+)\}", str(huge), filled) for huge in HUGE]
    if "@" in path:
        return made
    if "cursor" in taken:
        made += [f"{path}?cursor={each}" for each in CURSORS]
    return made + [f"{path}?{n}={huge}" for n in ("year", "limit") if n in taken for huge in HUGE]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_number_or_a_text_that_no_column_holds_is_refused(
    world: World, built_app: Litestar
) -> None:
    headers = await world.bearer("administrator", "city")
    taken, wrong, asked = parameters(built_app), [], 0
    for case in installed(built_app):
        if not case.reads or case.permission == "volunteer.self":
            continue
        browser = await world.browser("administrator", "city")
        for address in addresses(case, taken[case.route]):
            client, given = (world.nobody, headers) if case.is_data else (browser, {})
            answer = await client.get(address, headers=given)
            asked += 1
            if answer.status_code not in {200, 404, 410, 422}:
                wrong.append(f"{answer.status_code} {address}")
    assert wrong == [], "\n".join(wrong)
    assert asked > 100
