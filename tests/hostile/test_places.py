"""A body that cannot be read, sent by everybody: whoever may not see the place is told 404."""

from __future__ import annotations

import itertools

import pytest
from litestar import Litestar

from tests.api.test_every_route import PLACES
from tests.fixtures.every_route import World, content, installed
from tests.fixtures.permission_table import ROLES

WHERE = sorted({place for places in PLACES.values() for place in places})
BODIES = (b'{"nothing": 1}', b"[[", b"[7]", b"\xff")


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_the_place_goes_before_the_body(world: World, built_app: Litestar) -> None:
    document = (await world.nobody.get("/schema/openapi.json")).json()
    wrong, asked = [], 0
    for role, place in itertools.product(("organiser", "administrator"), WHERE):
        await world.bearer(role, place)
    before = await content()
    for case in installed(built_app):
        operation = document["paths"].get(case.pattern, {}).get(case.method.lower(), {})
        if "requestBody" not in operation or case.permission in {"public", "volunteer.self"}:
            continue
        role = "organiser" if "organiser" in ROLES[case.permission] else "administrator"
        for place, there in PLACES[case.reach].items():
            headers = await world.bearer(role, place)
            address = case.address
            for name, value in world.known.items():
                address = address.replace(f"@{name}", value)
            for body in BODIES:
                answer = await world.nobody.request(
                    case.method, address, headers=headers, content=body
                )
                asked += 1
                wanted = {400, 422} if there else {404}
                if answer.status_code not in wanted:
                    wrong.append(
                        f"{answer.status_code} {case.route} by {role} of {place}: {body!r}"
                    )
    assert wrong == [], "\n".join(wrong)
    assert asked > 300
    assert await content() == before
