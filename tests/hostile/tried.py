"""Requests as the OpenAPI document allows them, and as it does not, asked by everybody.

Schemathesis makes them. Most are led to something that exists, since a random key finds nothing
but 404, and nothing that they write stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import hypothesis
import schemathesis
from hypothesis import strategies
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode

from core import database
from tests.fixtures.every_route import UndoneError, World
from tests.fixtures.permission_table import Case
from tests.fixtures.route_bodies import BODIES

# Who asks in turn: a role and its office; nobody at all is ("", "").
ASKERS = (
    ("administrator", "city"),
    ("volunteer", "x1"),
    ("viewer", "x1"),
    ("clerk", "x1"),
    ("organiser", "city"),
    ("reviewer", "city"),
    ("monitor", "city"),
    ("", ""),
    ("administrator", "city"),
    ("organiser", "city"),
)
# What members of bodies and parameters are called that name something.
KNOWN = {
    "organisation": ("x1", "city", "x2"),
    "campaign": ("2022-city",),
    "metric": ("condolence.people", "culture.shows"),
    "activity": ("a-x1", "v00"),
    "parent": ("city",),
}
HELD_AGAINST = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
Draw = Callable[[strategies.SearchStrategy[Any]], Any]


@dataclass(slots=True)
class Answers:
    """What came of the requests: how often each status, and what was wrong, once each."""

    counted: dict[int, int] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """How many requests were made."""
        return sum(self.counted.values())


@dataclass(slots=True)
class Trial:
    """The application, what it says of itself, and an example of each address."""

    world: World
    loop: asyncio.AbstractEventLoop
    document: dict[str, Any]
    cases: Iterable[Case]
    answers: Answers = field(default_factory=Answers)

    def run(self, *, examples: int, every: int = 1) -> Answers:
        """Try each operation, or every so manieth, with so many requests.

        Hypothesis wants a plain function: this runs in a thread beside the loop, where the
        application and its database are.
        """
        known = {case.route: case for case in self.cases}
        for number, operation in enumerate(self._operations()):
            route = f"{operation.method.upper()} {operation.path}"
            if number % every == 0 and route in known:
                self._try(operation, known[route], examples)
        return self.answers

    def _operations(self) -> Iterator[Any]:
        schema = schemathesis.openapi.from_dict(self.document)
        for result in schema.get_all_operations():
            made: Any = result
            yield made.ok()

    def _try(self, operation: Any, case: Case, examples: int) -> None:
        settings = hypothesis.settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )

        @settings
        @hypothesis.given(strategies.data())
        def one(data: Any) -> None:
            mode = data.draw(strategies.sampled_from(list(GenerationMode)))
            self._ask(data.draw(operation.as_strategy(generation_mode=mode)), case, data.draw)

        one()

    def _ask(self, made: Any, case: Case, draw: Draw) -> None:
        role, office = ASKERS[self.answers.asked % len(ASKERS)]
        given = made.as_transport_kwargs(base_url="http://localhost")
        given.pop("cookies", None)
        if draw(strategies.integers(0, 3)):
            _lead(self.world, case, given, draw)
        with suppress(httpx.InvalidURL):  # longer than this client sends
            answer = self._wait(_undone(self.world, role, office, given))
            status = answer.status_code
            self.answers.counted[status] = self.answers.counted.get(status, 0) + 1
            if told := _complaint(made, answer):
                said = f"{case.route} by {role or 'nobody'}: {answer.request.url}\n{told}\n"
                self.answers.wrong.setdefault(
                    f"{case.route} {told[:150]}", said + answer.text[:300]
                )

    def _wait(self, work: Coroutine[Any, Any, httpx.Response]) -> httpx.Response:
        future: Future[httpx.Response] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(60)


async def _undone(world: World, role: str, office: str, given: dict[str, Any]) -> httpx.Response:
    """Ask, and undo what was written."""
    headers = {n: v for n, v in given.pop("headers").items() if n.lower() != "authorization"}
    if role:
        headers |= await world.bearer(role, office)
    answers = []
    with suppress(UndoneError):
        async with database.transaction():
            answers.append(await world.nobody.request(**given, headers=headers))
            raise UndoneError
    return answers[0]


def _lead(world: World, case: Case, given: dict[str, Any], draw: Draw) -> None:
    """Lead a request to the example's address, at times with some of the body that fits it."""
    address, _, query = case.address.partition("?")
    for name, value in world.known.items():
        address = address.replace(f"@{name}", value)
    given["url"] = "http://localhost" + address
    given["params"] = _named(given.get("params") or {}, draw)
    if query and draw(strategies.booleans()):
        given["params"] |= dict([query.split("=")])
    if given.get("json") is not None:
        given["json"] = _named(given["json"], draw)
        fits = BODIES.get(case.route)
        if isinstance(fits, dict) and isinstance(given["json"], dict):
            kept = {n: v for n, v in fits.items() if draw(strategies.integers(0, 3))}
            given["json"] |= kept


def _named(value: Any, draw: Draw, name: str = "") -> Any:
    """The value, its well-known members naming something that is there."""
    if isinstance(value, dict):
        return {key: _named(each, draw, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_named(each, draw, name) for each in value]
    return draw(strategies.sampled_from(KNOWN[name])) if name in KNOWN else value


def _complaint(made: Any, answer: httpx.Response) -> str:
    """What is wrong with an answer, or ""."""
    try:
        made.validate_response(answer, checks=[CHECKS.get_one(name) for name in HELD_AGAINST])
    except (Failure, FailureGroup) as failure:
        found = getattr(failure, "exceptions", [failure])
        return "; ".join(f"{each.title}: {each.message}" for each in found)
    return ""
