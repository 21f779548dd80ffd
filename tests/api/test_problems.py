from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kit import paging
from api.kit.conditional import strong_etag
from api.kit.headers import ALWAYS
from api.kit.problems import Problem
from core import audit, database, sessions
from core.permissions import SYSTEM
from tests.core.test_sign_in import NOW

HTML = {"accept": "text/html"}


@pytest.fixture
async def programme(sqlite_offices, visit):
    token = await sessions.create_token(
        SYSTEM, "programme", "clerk", sqlite_offices["city"], now=NOW
    )
    async with visit(token=token) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/nowhere", 404, "not_found"),
        ("/api/v1/accounts", 401, "unauthenticated"),
        ("/fail/refusal", 422, "invalid"),
        ("/fail/conflict", 409, "duplicate"),
        ("/fail/missing", 404, "not_found"),
        ("/fail/bug", 500, "internal_error"),
        ("/api/v1/list?size=x", 422, "invalid"),
    ],
)
async def test_every_error_is_a_problem_document_or_a_page_with_the_same_sentence(
    sqlite_offices, visit, path, status, code
):
    async with visit() as stranger, visit(**HTML) as browser:
        answer = await stranger.get(path)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert problem["type"] == f"urn:tongxing:problem:{code}"
        if path.startswith("/fail"):
            page = await browser.get(path)
            assert page.status_code == status
            assert page.headers["content-type"].startswith("text/html")
            assert problem["detail"] in page.text


async def test_an_unknown_page_is_a_page(sqlite_offices, visit):
    async with visit(**HTML) as browser:
        page = await browser.get("/nowhere")
    assert page.status_code == 404
    assert "没有找到" in page.text


async def test_every_reason_is_listed(sqlite_offices, visit):
    async with visit() as stranger:
        errors = (await stranger.get("/fail/refusal")).json()["errors"]
    assert errors == [
        {"pointer": "/a", "code": "value", "message": "甲不对"},
        {"pointer": "/b", "code": "missing", "message": "缺乙"},
    ]


async def test_an_unexpected_error_is_logged_by_place_and_never_by_its_words(
    sqlite_offices, visit, caplog
):
    with caplog.at_level(logging.ERROR):
        async with visit() as stranger:
            answer = await stranger.get("/fail/bug")
    assert "110101199001011237" not in caplog.text + answer.text
    assert "RuntimeError" in caplog.text
    assert "in fail" in caplog.text or " fail" in caplog.text
    assert answer.json()["request_id"] in caplog.text


async def test_a_bodys_faults_are_all_told_with_their_places(programme):
    body = {
        "name": "too long a name",
        "lines": [{"quantity": -1}, {"quantity": 1, "extra": 2}, {}, 5],
        "more": 1,
    }
    answer = await programme.post("/api/v1/things", json=body)
    assert answer.status_code == 422
    assert {(each["pointer"], each["code"]) for each in answer.json()["errors"]} == {
        ("/name", "too_long"),
        ("/lines/0/quantity", "value"),
        ("/lines/1/extra", "unknown_key"),
        ("/lines/2/quantity", "missing"),
        ("/lines/3", "type"),
        ("/more", "unknown_key"),
    }


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b"[]", 422), (b"", 422), (b"null", 422), (b"\xff", 400), (b"[" * 9999, 400)],
)
async def test_what_is_no_such_body_is_refused(programme, content, status):
    headers = {"content-type": "application/json"}
    answer = await programme.post("/api/v1/things", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail"]


async def test_a_wrong_method_and_a_body_too_large_are_told(programme):
    assert (await programme.put("/api/v1/things", json={})).json()["code"] == "method_not_allowed"
    large = await programme.post("/api/v1/things", json={"name": "x" * 12_000_000})
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", ["/health", "/sign-in", "/nowhere", "/fail/bug", "/static/no.css"])
async def test_every_answer_carries_the_headers(sqlite_offices, visit, path):
    async with visit() as stranger, visit(base="https://localhost") as secure:
        headers = (await stranger.get(path)).headers
        assert {name: headers[name] for name in ALWAYS} == ALWAYS
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert "strict-transport-security" not in headers
        assert "max-age" in (await secure.get(path)).headers["strict-transport-security"]


async def test_unchanged_json_is_not_sent_again(sqlite_offices, visit):
    async with visit() as stranger:
        first = await stranger.get("/api/v1/list?size=2")
        tag = first.headers["etag"]
        assert tag == strong_etag(first.content)
        assert "no-cache" in first.headers["cache-control"]
        for given_tag in (tag, f'"x", {tag}', f"W/{tag}", "*"):
            again = await stranger.get("/api/v1/list?size=2", headers={"if-none-match": given_tag})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["x-content-type-options"] == "nosniff"
        other = await stranger.get("/api/v1/list?size=3", headers={"if-none-match": tag})
        assert other.status_code == 200


async def test_static_files_are_kept_for_ever_when_their_address_names_their_content(
    sqlite_offices, visit
):
    async with visit(**HTML) as browser:
        page = (await browser.get("/sign-in")).text
        address = page.split('rel="stylesheet" href="', 1)[1].split('"', 1)[0]
        named = await browser.get(address)
        assert named.headers["content-type"].startswith("text/css")
        assert "immutable" in named.headers["cache-control"]
        plain = await browser.get("/static/tongxing.css")
        assert plain.headers["cache-control"] == "no-cache"
        tag = {"if-none-match": plain.headers["etag"]}
        assert (await browser.get("/static/tongxing.css", headers=tag)).status_code == 304
        assert "session" not in str(plain.headers.get_list("set-cookie"))


@pytest.mark.parametrize(
    "path", ["../kit/pages.py", "..%2fkit%2fpages.py", ".hidden", "", "%2e%2e/site.py", "a\0b"]
)
async def test_nothing_but_static_files_is_served(sqlite_offices, visit, path):
    async with visit() as stranger:
        assert (await stranger.get(f"/static/{path}".replace("\0", "%00"))).status_code == 404


async def test_health_is_good_while_the_database_answers(sqlite_offices, visit):
    async with visit() as stranger:
        assert (await stranger.get("/health")).status_code == 200


async def test_health_is_bad_when_the_database_does_not_answer(visit):
    async with visit() as stranger:
        database.connect("postgresql://nobody@127.0.0.1:1/nowhere")
        unreachable = await stranger.get("/health")
    assert (unreachable.status_code, unreachable.json()["code"]) == (503, "database_unavailable")


async def test_robots_may_fetch_feeds_and_nothing_else(sqlite_offices, visit):
    async with visit() as stranger:
        lines = (await stranger.get("/robots.txt")).text.splitlines()
    assert lines == ["User-agent: *", "Allow: /feeds/", "Disallow: /"]


async def test_the_openapi_document_names_every_json_address_and_no_page(sqlite_offices, visit):
    async with visit() as stranger:
        document = (await stranger.get("/schema/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"] == "同行"
    paths = set(document["paths"])
    assert "/api/v1/accounts" in paths
    assert not [path for path in paths if not path.startswith(("/api/", "/feeds/", "/health"))]


async def test_a_repeat_gives_the_first_answer_and_does_nothing(offices, visit):
    token = await sessions.create_token(SYSTEM, "programme", "clerk", offices["city"], now=NOW)
    key = {"idempotency-key": "k1"}
    async with visit(token=token) as programme:
        first = await programme.post("/api/v1/things", json={"name": "a"}, headers=key)
        again = await programme.post("/api/v1/things", json={"name": "a"}, headers=key)
        other = await programme.post("/api/v1/things", json={"name": "b"}, headers=key)
        without = [await programme.post("/api/v1/things", json={"name": "a"}) for _ in range(2)]
    assert first.json() == {"name": "a", "secret": "s"}
    assert again.json() == {"name": "a", "secret": None}
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["location"] == first.headers["location"] == "/api/v1/things/a"
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert [each.status_code for each in without] == [201, 201]
    wanted = audit.Filter(action="thing.created")
    assert len(await audit.entries(SYSTEM, wanted)) == 3
    assert '"s"' not in str(await database.fetch("SELECT body FROM idempotency_key"))


async def test_requests_sent_side_by_side_with_one_key_do_the_work_once(offices, visit):
    token = await sessions.create_token(SYSTEM, "programme", "clerk", offices["city"], now=NOW)
    async with visit(token=token, **{"idempotency-key": "k1"}) as programme:
        sent = [programme.post("/api/v1/things", json={"name": "a"}) for _ in range(5)]
        answers = await asyncio.gather(*sent)
    assert [each.status_code for each in answers] == [201] * 5
    assert len([each for each in answers if "idempotency-replayed" in each.headers]) == 4
    assert len(await audit.entries(SYSTEM, audit.Filter(action="thing.created"))) == 1


async def test_a_failed_attempt_keeps_nothing(offices, visit):
    token = await sessions.create_token(SYSTEM, "programme", "clerk", offices["city"], now=NOW)
    key = {"idempotency-key": "k1"}
    async with visit(token=token) as programme:
        failed = await programme.post("/api/v1/things", json={"name": "boom"}, headers=key)
        assert failed.status_code == 422
        assert await database.fetch("SELECT id FROM idempotency_key") == []
        assert await audit.entries(SYSTEM, audit.Filter(action="thing.created")) == []
        done = await programme.post("/api/v1/things", json={"name": "a"}, headers=key)
        assert done.status_code == 201


async def test_a_key_is_its_actors_own(offices, visit):
    key = {"idempotency-key": "k1"}
    for name in ("pa", "qa"):
        token = await sessions.create_token(SYSTEM, name, "clerk", offices["city"], now=NOW)
        async with visit(token=token) as programme:
            answer = await programme.post("/api/v1/things", json={"name": name}, headers=key)
            assert answer.json()["name"] == name


# As in a database: no NUL in texts, no number beyond 64 bits.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)


@given(st.lists(st.one_of(TEXTS, NUMBERS), max_size=4))
def test_a_cursor_gives_its_values_back(values):
    kinds = [type(value) for value in values]
    cursor = paging.encode(values)
    assert paging.decode(cursor, kinds) == values
    assert cursor.replace("-", "").replace("_", "").isalnum()


@given(st.text(min_size=1))
def test_a_made_up_cursor_is_refused_or_of_the_right_kind(text):
    try:
        values = paging.decode(text, (str, int))
    except Problem as problem:
        refusal = problem
    else:
        assert values is not None
        assert [type(value) for value in values] == [str, int]
        return
    assert (refusal.status, refusal.errors[0].pointer) == (422, "/cursor")


def test_a_page_ends_where_the_next_begins():
    page, following = paging.cut([1, 2, 3], 2, lambda row: (row,))
    assert page == [1, 2]
    assert paging.decode(following or "", (int,)) == [2]
    assert paging.cut([1, 2], 2, lambda row: (row,)) == ([1, 2], None)
