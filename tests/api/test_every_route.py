"""Every route asked by every role from its own office, from above, from beside, and by nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx
import pytest
from litestar import Litestar

from core.permissions import ROLES as KNOWN_ROLES
from core.permissions import registry
from tests.fixtures.every_route import World, answered, content, installed, logged
from tests.fixtures.permission_table import ROLES, Case, cases

WORDS = re.compile(r"[\u4e00-\u9fff]{2}")
# Where somebody stands to what he asks for, and whether it is there for him.
PLACES: dict[str, dict[str, bool]] = {
    "free": {"x1": True, "city": True, "x2": True},
    "campaign": {"x1": True, "city": True, "elsewhere": False},
    "lead": {"city": True, "x1": False, "elsewhere": False},
    "root": {"city": True, "x1": False, "x2": False},
    "x1": {"x1": True, "city": True, "x2": False},
}
# These answer 404 themselves, to everybody: the example names nothing.
NAMES_NOTHING = frozenset(
    {
        "/schema/{path}",
        "/feeds/{name}",
        "/feeds/volunteer/{name}",
        "/schema",
        "/static/{name}",
        "/volunteer/certificates/{code}",
    }
)


def test_the_table_holds_every_route_once(built_app: Litestar) -> None:
    table = [case.route for case in installed(built_app)]
    assert sorted(answered(built_app) - set(table)) == []
    assert sorted(set(table) - answered(built_app)) == []
    assert sorted(route for route in set(table) if table.count(route) > 1) == []


def test_the_table_holds_every_permission_with_its_roles(built_app: Litestar) -> None:
    assert built_app.routes
    held = {
        permission.key: permission.roles
        for role in KNOWN_ROLES
        for permission in registry().of_role(role)
    }
    expected = {
        key: roles
        for key, roles in ROLES.items()
        if key not in {"public", "signed_in"}
        and (key in held or key.split(".")[0] != "hearing_test")
    }
    assert held == expected


def refused_well(case: Case, answer: httpx.Response) -> bool:
    """Whether a refusal is told as it should be: a problem, or a page of Chinese."""
    if not case.is_data:
        return "text/html" in answer.headers["content-type"] and bool(WORDS.search(answer.text))
    if answer.headers["content-type"] != "application/problem+json":
        return False
    told = answer.json()
    return (
        told["status"] == answer.status_code
        and bool(told["code"])
        and bool(WORDS.search(told["detail"]))
        and told["type"].startswith("urn:")
    )


def complaint(case: Case, answer: httpx.Response, wanted: int, who: str) -> str:
    """What is wrong with an answer, or "". ``wanted`` is 200 for whatever is no refusal."""
    status = answer.status_code
    told = f"{case.method} {case.address} by {who}: {status}, not {wanted}"
    if wanted != 200:
        if status == 303 == wanted:
            return "" if answer.headers["location"].startswith("/sign-in") else told
        if status != wanted:
            return told
        return "" if refused_well(case, answer) else f"{told}: told badly: {answer.text[:200]}"
    refused = {401, 403} if case.pattern in NAMES_NOTHING else {401, 403, 404, 405}
    signed_out = status == 303 and answer.headers["location"].startswith("/sign-in")
    if status in refused or status >= 500 or (signed_out and case.pattern != "/sign-out"):
        return told
    return ""


def expected(case: Case, role: str, *, there: bool) -> int:
    if role not in ROLES[case.permission]:
        return 403
    return 200 if there else 404


async def ask_all(world: World, table: Iterable[Case], roles: Iterable[str]) -> list[str]:
    """Ask every case as everybody; what is wrong with the answers."""
    found = []
    for case in table:
        if case.permission != "public":
            answer = await world.ask(world.nobody, case)
            found.append(complaint(case, answer, 401 if case.is_data else 303, "nobody"))
        for role in roles:
            for number, (place, there) in enumerate(PLACES[case.reach].items()):
                wanted = expected(case, role, there=there)
                if case.is_data:
                    answer = await world.as_programme(case, role, place)
                    found.append(complaint(case, answer, wanted, f"programme {role} of {place}"))
                if number == 0 or not case.is_data:
                    answer = await world.as_person(case, role, place)
                    found.append(complaint(case, answer, wanted, f"{role} of {place}"))
    return [each for each in found if each]


async def unchanged_by(world: World, table: Iterable[Case], roles: list[str]) -> None:
    for role in roles:  # so that nobody is made while they ask
        for place in ("x1", "x2", "city", "elsewhere"):
            await world.browser(role, place)
            await world.bearer(role, place)
    before, done = await content(), await logged()
    wrong = await ask_all(world, table, roles)
    assert wrong == [], "\n".join(wrong)
    # Whoever was refused has written nothing; of those who read, the log keeps who took it all.
    assert await content() == before
    assert set(await logged() - done) <= {"campaign.exported", "recap.printed"}


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_every_route_answers_whom_it_should(world: World, built_app: Litestar) -> None:
    await unchanged_by(world, installed(built_app), sorted(KNOWN_ROLES))


@pytest.mark.postgres
@pytest.mark.parametrize("engine_name", ["postgresql"])
async def test_a_sample_answers_alike_on_postgresql(world: World, built_app: Litestar) -> None:
    await unchanged_by(world, installed(built_app)[::5], ["clerk", "viewer"])


async def test_a_file_is_shown_to_its_sender_only(world: World) -> None:
    theirs = next(case for case in cases() if "volunteers/import/{token}" in case.pattern)
    sender = await world.upload(theirs, "clerk-x1")
    for role, place, status in (("clerk", "x1", 200), ("organiser", "city", 404)):
        browser = await world.browser(role, place)
        answer = await browser.get(theirs.address.replace("@upload", sender))
        assert answer.status_code == status
