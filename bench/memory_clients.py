"""Who uses the server of ``bench.memory``: readers, calendars, volunteers, and large files."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from bench import punches

PEOPLE = 500
PASSWORD = "measured-and-forgotten-1"
SUMMARY = "全市共走访慰问残疾人家庭1200户，发放慰问金36万元，户均300元。" * 20
FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
READ = (
    "/campaigns", "/campaigns/bench", "/campaigns/bench/recap", "/campaigns/bench/figures",
    "/campaigns/bench/activities", "/campaigns/bench/condolence/recipients",
    "/campaigns/big/condolence/recipients", "/campaigns/big/condolence/rounds",
    "/campaigns/big", "/campaigns/big/recap", "/campaigns/big/figures",
    "/api/v1/campaigns/big/figures", "/api/v1/campaigns/big/recap",
    "/api/v1/campaigns/bench/figures", "/api/v1/campaigns/bench/recap", "/metrics",
    "/campaigns/bench/volunteer", "/calendar", "/no-such-page",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What the clients need to know."""

    address: str
    token: str
    feeds: tuple[str, ...]
    upload: bytes


@dataclass(frozen=True, slots=True)
class Visitor:
    """One of those who ask, with a connection of his own and what he draws by."""

    place: Place
    client: httpx.Client
    draw: random.Random


def reads(visitor: Visitor) -> Iterator[httpx.Response]:
    """Somebody who looks around."""
    yield from _signed_in(visitor.client)
    while True:
        yield visitor.client.get(visitor.draw.choice(READ), headers={"accept": "text/html"})


def signs_in(visitor: Visitor) -> Iterator[httpx.Response]:
    """Somebody who comes and goes, and mistypes now and then."""
    while True:
        visitor.client.cookies.clear()
        yield from _signed_in(visitor.client, visitor.draw.choice([PASSWORD, PASSWORD, "mistyped"]))


def _signed_in(client: httpx.Client, password: str = PASSWORD) -> Iterator[httpx.Response]:
    page = client.get("/sign-in")
    token = FIELD.search(page.text)
    form = {"name": "bench", "password": password, "csrf_token": token[1] if token else ""}
    yield client.post("/sign-in", data=form, headers={"origin": str(client.base_url)})


def calendars(visitor: Visitor) -> Iterator[httpx.Response]:
    """Calendar programmes, half of which have the feed."""
    known: dict[str, str] = {}
    while True:
        path = visitor.draw.choice(visitor.place.feeds)
        having = visitor.draw.random() < 0.5
        answer = visitor.client.get(
            path, headers={"if-none-match": known.get(path, "") if having else ""}
        )
        known[path] = answer.headers.get("etag", "")
        yield answer


def punching(visitor: Visitor) -> Iterator[httpx.Response]:
    """Volunteers who come and go."""
    came: set[int] = set()
    while True:
        person = visitor.draw.randrange(PEOPLE)
        direction = "out" if person in came else "in"
        came ^= {person}
        punch = {
            "nonce": str(uuid4()),
            "shift": "h1",
            "volunteer": f"v{person}",
            "direction": direction,
            "at": (punches.START + timedelta(hours=direction == "out")).isoformat(),
            "device": "bench",
        }
        yield visitor.client.post(
            "/api/v1/campaigns/bench/volunteer/punches",
            json={"punches": [punch]},
            headers={"x-device-time": datetime.now(UTC).isoformat()},
        )


def files(visitor: Visitor) -> Iterator[httpx.Response]:
    """Large things in and out, one after the other."""
    while True:
        yield visitor.client.get("/api/v1/campaigns/big/bundle")
        yield visitor.client.post("/api/v1/bundles?replace=true", content=visitor.place.upload)
        order = {"format": visitor.draw.choice(["docx", "pdf", "xlsx"])}
        yield visitor.client.post("/api/v1/campaigns/bench/recap/renderings", json=order)
        yield visitor.client.get("/campaigns/bench/recap.html")
        yield visitor.client.get("/campaigns/big/condolence/recipients/export.xlsx")
        yield visitor.client.post("/api/v1/campaigns/bench/proofread", json={"text": SUMMARY})
        yield visitor.client.post("/api/v1/bundles", content=b'{"a": [' * 100_000)


Client = Callable[[Visitor], Iterator[httpx.Response]]
CLIENTS: dict[str, Client] = {
    "reads": reads,
    "signs in": signs_in,
    "calendars": calendars,
    "punches": punching,
    "files": files,
}
BROWSERS = ("reads", "signs in")
