"""People and programmes of a soak: what they ask of a server, and what was promised to them."""

from __future__ import annotations

import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.annex.middleware import LARGE
from bench.soak_campaigns import CAMPAIGN, OFFICES, SHIFTS, VOLUNTEERS, replaced_bundle

API = f"/api/v1/campaigns/{CAMPAIGN}"
# A server that was killed is back by then, on a busy machine too.
PATIENCE_SECONDS = 90
NOT_READY = (ConnectionError, http.client.HTTPException, TimeoutError, socket.timeout, OSError)


@dataclass(slots=True)
class Ledger:
    """What servers have acknowledged, and what was wrong with their answers.

    ``records`` are keys by the list of the bundle that must hold them, ``values`` the quantities of
    some of them. ``sent`` and ``replaced`` are the newest bundles that were sent and acknowledged.
    """

    nonces: set[str] = field(default_factory=set)
    records: dict[str, set[str]] = field(default_factory=dict)
    targets: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    versions: dict[tuple[str, int], str] = field(default_factory=dict)
    sent: int = 0
    replaced: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, status: int) -> None:
        """Count an answer."""
        with self.lock:
            key = f"{name} {status}"
            self.answers[key] = self.answers.get(key, 0) + 1

    def keep(self, part: str, key: str) -> None:
        """A record is promised."""
        with self.lock:
            self.records.setdefault(part, set()).add(key)

    def violate(self, sentence: str) -> None:
        """Something that must not be has been."""
        with self.lock:
            self.violations.append(sentence)

    @property
    def acknowledged(self) -> int:
        """How many writes were promised."""
        kept = sum(len(keys) for keys in self.records.values())
        return len(self.nonces) + kept + len(self.targets) + len(self.versions) + self.replaced


class Client(threading.Thread):
    """One of them: draws what to do next until it is told to stop, and repeats what was cut off."""

    def __init__(self, port: int, tokens: tuple[str, str], ledger: Ledger, seed: int) -> None:
        """``port`` is where servers listen; the second token is that of somebody who reviews."""
        super().__init__(daemon=True)
        self.port, self.ledger = port, ledger
        self.token, self.reviewer = tokens
        self.draw = random.Random(seed)
        self.stopping = threading.Event()
        self.connection: http.client.HTTPConnection | None = None
        self.feed = ""

    def run(self) -> None:
        """Work until ``stopping``."""
        while not self.stopping.is_set():
            work = self.draw.choices(WORK, WEIGHTS)[0]
            try:
                work(self)
            except Exception as error:  # noqa: BLE001 — whatever it is, the soak ends with it
                self.ledger.violate(f"{work.__name__}: {type(error).__name__}: {error}")
                return

    def name_of(self, letter: str) -> str:
        """A key that nobody has used."""
        return f"{letter}{self.draw.getrandbits(64):016x}"

    def ask(
        self,
        name: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        allowed: tuple[int, ...] = (),
        token: str = "",
        padding: int = 0,
    ) -> tuple[int, Any]:
        """The answer, asked for again as long as no server gives one.

        A creating request bears one Idempotency-Key, so that it is done once however often it is
        sent. 503 says to come again; any other 5xx, and what is not expected, is a violation.
        """
        headers = {"authorization": f"Bearer {token or self.token}", "accept": "application/json"}
        if method != "GET":
            headers |= {"content-type": "application/json", "idempotency-key": self.name_of("i")}
        data = None if body is None else json.dumps(body).encode() + b" " * padding
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                status, answer = self._once(method, path, data, headers)
            except NOT_READY as error:
                self._drop()
                if time.monotonic() > deadline:
                    raise TimeoutError(f"no answer to {method} {path}: {error}") from error
                time.sleep(0.05)
                continue
            self.ledger.note(name, status)
            if status == 503 and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            if not (200 <= status < 300 or status in allowed):
                self.ledger.violate(f"{method} {path} answered {status}: {answer!r:.300}")
            return status, answer

    def _once(
        self, method: str, path: str, data: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Any]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.connection.request(method, path, data, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        is_json = "json" in (answer.headers["content-type"] or "")
        return answer.status, json.loads(content) if is_json and content else content

    def _drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def punch(client: Client) -> None:
    """Some volunteers come or go; what was cut off is sent again with the same nonces."""
    listed = []
    for _ in range(client.draw.choice((1, 1, 1, 5, 25))):
        hour, minute = client.draw.randrange(8, 18), client.draw.randrange(60)
        listed.append(
            {
                "nonce": str(UUID(int=client.draw.getrandbits(128))),
                "shift": f"h{client.draw.randrange(SHIFTS)}",
                "volunteer": f"v{client.draw.randrange(VOLUNTEERS)}",
                "direction": client.draw.choice(("in", "out")),
                "at": f"2026-05-17T{hour:02}:{minute:02}:00+08:00",
                "device": "soak",
            }
        )
    status, answer = client.ask("punches", "POST", f"{API}/volunteer/punches", {"punches": listed})
    if status != 200:
        return
    taken = {r["nonce"] for r in answer["results"] if r["result"] in ("accepted", "repeat")}
    with client.ledger.lock:
        client.ledger.nonces |= taken


def material(client: Client) -> None:
    """Leaflets are handed out."""
    key = client.name_of("m")
    body = {
        "key": key,
        "kind": "leaflet",
        "quantity": client.draw.randrange(1, 500),
        "on": "2026-05-17",
        "activity": None,
        "organisation": client.draw.choice(OFFICES),
    }
    if client.ask("materials", "POST", f"{API}/publicity/materials", body)[0] == 201:
        client.ledger.keep("publicity.materials", key)


def recipient(client: Client) -> None:
    """Somebody is to be visited."""
    key = client.name_of("r")
    body = {
        "key": key,
        "name": f"对象{key[-4:]}",
        "kind": client.draw.choice(("household", "person")),
        "organisation": client.draw.choice(OFFICES),
        "members": 2,
    }
    if client.ask("recipients", "POST", f"{API}/condolence/recipients", body)[0] == 201:
        client.ledger.keep("condolence.recipients", key)


def reported(client: Client) -> None:
    """An office reports a figure."""
    key = client.name_of("f")
    body = {
        "key": key,
        "metric": client.draw.choice(("publicity.leaflets", "volunteer.attendances", "own.sum")),
        "organisation": client.draw.choice(OFFICES),
        "value": str(client.draw.randrange(1000)),
        "basis": "additional",
        "source": "口头汇报",
        "approximate": client.draw.random() < 0.3,
    }
    if client.ask("reported", "POST", f"{API}/reported", body)[0] == 201:
        client.ledger.keep("reported", key)


def target(client: Client) -> None:
    """A target is set; of several who set it at once anyone may be the last."""
    office, value = client.draw.choice(OFFICES), str(client.draw.randrange(1, 10_000))
    place = "publicity.leaflets", office
    with client.ledger.lock:
        client.ledger.targets.setdefault(place, set()).add(value)
    body = [{"metric": place[0], "organisation": office, "value": value}]
    client.ask("targets", "PUT", f"{API}/targets", body)


def hand_in(client: Client) -> None:
    """An office hands its recap in; somebody else accepts and freezes it, or sends it back."""
    office = client.draw.choice(("t0", "t1"))
    place, where = f"{API}/recap/versions", f"?organisation={office}"
    body = {"correction": "数据重新核对"}
    status, made = client.ask("hand-in", "POST", place + where, body, allowed=(409, 422))
    if status != 201:
        return
    with client.ledger.lock:
        client.ledger.versions[office, made["number"]] = made["sha256"]
    version = f"{place}/{made['number']}"
    decision = {"decision": client.draw.choice(("accepted", "returned")), "reason": "已核对"}
    asked = f"{version}/decision{where}"
    client.ask("decide", "POST", asked, decision, allowed=(409,), token=client.reviewer)
    if decision["decision"] == "accepted":
        asked = f"{version}/freeze{where}"
        client.ask("freeze", "POST", asked, allowed=(409,), token=client.reviewer)


def replace(client: Client) -> None:
    """A programme sends a whole campaign again, each time with one more record."""
    with client.ledger.lock:
        client.ledger.sent += 1
        number = client.ledger.sent
    path = "/api/v1/bundles?replace=true"
    padding = LARGE if number % 2 else 0  # large ones are answered beside the server
    if client.ask("bundles", "POST", path, replaced_bundle(number), padding=padding)[0] != 201:
        return
    with client.ledger.lock:
        client.ledger.replaced += 1


def read(client: Client) -> None:
    """Figures, the recap, records, a calendar."""
    if not client.feed:
        body = {"organisation": "c0"}
        made = client.ask("feeds", "POST", f"{API}/feeds", body)[1]
        client.feed = made["path"] or ""  # a repeat is not told it again
    path = client.draw.choice(
        (f"{API}/figures", f"{API}/recap", f"{API}/volunteer/attendances", client.feed, "/health")
    )
    path = path or "/health"
    client.ask("reads", "GET", path)


WORK: tuple[Callable[[Client], None], ...] = (
    punch,
    material,
    recipient,
    reported,
    target,
    hand_in,
    replace,
    read,
)
WEIGHTS = (40, 12, 8, 8, 5, 2, 2, 23)
