"""When two addresses are the same page, and which reprints go round in a circle."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.publicity.rules import (
    INDEX_LENGTH,
    comparable_url,
    looped,
    openable,
    outlets_named,
    url_index,
)

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
WORD = st.text(LETTERS, min_size=1, max_size=8)
HOST = st.lists(WORD, min_size=2, max_size=4).map(".".join).filter(lambda h: h[:4] != "www.")
SEGMENT = st.text(LETTERS + LETTERS.upper() + "._-~%残联", min_size=1, max_size=8)
PATH = st.lists(SEGMENT, max_size=4).map(lambda parts: "".join("/" + part for part in parts))
NAME = WORD.filter(lambda n: n not in ("spm", "gclid", "fbclid"))
PARAMETERS = st.lists(st.tuples(NAME, SEGMENT).map("=".join), max_size=4)
TRACKERS = st.sampled_from(
    ["utm_source=weixin", "utm_=", "utm_medium", "spm=a2.b3", "gclid=Cj0", "fbclid=Iw", "spm"]
)


def address(host: str, path: str, parameters: list[str]) -> str:
    return host + path + ("?" + "&".join(parameters) if parameters else "")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/1", "example.org/1"),
        ("http://www.Example.ORG/News/", "example.org/News"),
        ("//example.org/1", "example.org/1"),
        ("WWW.example.org", "example.org"),
        ("HTTPS://example.org/", "example.org"),
        ("https://example.org/a/?id=1", "example.org/a?id=1"),
        ("https://example.org/?id=1/", "example.org?id=1/"),
        ("https://example.org/a?utm_source=x&id=1&spm=2#top", "example.org/a?id=1"),
        ("https://example.org/a?gclid=1&fbclid=2&spm=3&utm_id=4", "example.org/a"),
        ("https://example.org/a?spma=1&xutm_id=2", "example.org/a?spma=1&xutm_id=2"),
        ("https://example.org:8443/a", "example.org:8443/a"),
        ("https://example.org/?to=https://www.b.cn/", "example.org?to=https://www.b.cn/"),
        ("http://[2001:DB8::1]:80/a/", "[2001:db8::1]:80/a"),
        ("  https://example.org/1 \n", "example.org/1"),
        ("http://例子.中国/新闻/", "例子.中国/新闻"),
        ("见《某日报》第3版", "见《某日报》第3版"),
        ("http://[", "http://["),
        (" https://[::1/a/#b ", "https://[::1/a/#b"),
    ],
)
def test_what_is_left_of_an_address(url: str, expected: str) -> None:
    assert comparable_url(url) == expected


@pytest.mark.parametrize("url", [None, "", " ", "\u3000\n", "http://", "https://www./", "#"])
def test_an_address_with_nothing_in_it_is_not_compared(url: str | None) -> None:
    assert comparable_url(url) is None
    assert url_index(url) is None


DECORATIONS = st.fixed_dictionaries(
    {
        "prefix": st.sampled_from(["", "//", "http://", "https://www.", "HTTP://", "WWW."]),
        "slash": st.sampled_from(["", "/", "//"]),
        "trackers": st.lists(st.tuples(st.integers(0, 4), TRACKERS), max_size=3),
        "fragment": st.sampled_from(["", "#", "#top", "#/a?b=1&utm_id=2"]),
        "capitals": st.booleans(),
    }
)


@given(HOST, PATH, PARAMETERS, DECORATIONS)
def test_decorations_make_no_difference(host, path, parameters, decorations) -> None:
    decorated = list(parameters)
    for place, tracker in decorations["trackers"]:
        decorated.insert(place, tracker)
    name = host.upper() if decorations["capitals"] else host
    full = address(decorations["prefix"] + name, path + decorations["slash"], decorated)
    assert comparable_url(full + decorations["fragment"]) == address(host, path, parameters)


@given(HOST, PATH, PATH, PARAMETERS, PARAMETERS)
def test_another_path_or_other_parameters_are_another_page(
    host, path, other_path, parameters, other_parameters
) -> None:
    one = comparable_url("https://" + address(host, path, parameters))
    other = comparable_url("https://" + address(host, other_path, other_parameters))
    assert (one == other) == ((path, parameters) == (other_path, other_parameters))


@given(HOST, PATH.filter(lambda path: path != path.swapcase()))
def test_capitals_of_a_path_tell_pages_apart(host, path) -> None:
    assert comparable_url(f"http://{host}{path}") != comparable_url(
        f"http://{host}{path.swapcase()}"
    )


SHARDS = st.one_of(
    st.sampled_from(["http://", "https:", "//", "/", "www.", "WWW.", "\u212a://", "\u0130", "::1"]),
    st.sampled_from(
        ["[", "]", "?", "&", "#", "=", "@", ":", "utm_a=1", "spm", "a", "残", "\u2100"]
    ),
    st.sampled_from([" ", "\u3000", "\x00", "\ud800"]),
)


@given(st.one_of(st.text(), st.lists(SHARDS, max_size=14).map("".join)))
def test_any_text_is_read_and_reading_twice_is_reading_once(url) -> None:
    once = comparable_url(url)
    assert once is None or (once == once.strip() and once)
    assert comparable_url(once) == once
    indexed = url_index(url)
    assert (indexed is None) == (once is None)
    assert indexed is None or len(indexed) <= INDEX_LENGTH


@pytest.mark.parametrize("shard", ["www.", "http://", "/ ", "a", "?&", "\u212a://", "utm_a=1&"])
def test_huge_text_is_read_in_no_time(shard: str) -> None:
    url = shard * (5_000_000 // len(shard))
    started = time.perf_counter()
    assert comparable_url(url) == url.strip()
    comparable_url(url[:2000])
    assert time.perf_counter() - started < 2


def test_a_long_address_is_indexed_by_its_hash_alike_for_all_its_forms() -> None:
    long = "example.org/" + "a" * 200
    assert (
        url_index(f"https://{long}/") == url_index(f"http://www.{long}#b") != url_index(long + "b")
    )
    assert str(url_index(long)).startswith("sha256:")
    assert url_index("https://example.org/1") == "example.org/1"


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ({}, set()),
        ({"a": "a"}, {"a"}),
        ({"a": "b", "b": "c"}, set()),
        ({"a": "b", "b": "a"}, {"a", "b"}),
        ({"x": "a", "a": "b", "b": "c", "c": "a", "y": "x"}, {"a", "b", "c"}),
        ({"a": "b", "b": "a", "c": "c", "d": "e", "e": "f"}, {"a", "b", "c"}),
    ],
)
def test_only_what_comes_back_to_itself_is_in_a_loop(links, expected) -> None:
    assert looped(links) == expected


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefghij")))
def test_a_loop_is_what_following_links_comes_back_to(links) -> None:
    def comes_back(start: str) -> bool:
        current = links[start]
        for _ in links:
            if current == start:
                return True
            current = links.get(current, "")
        return False

    assert looped(links) == {start for start in links if comes_back(start)}


def test_a_long_chain_of_reprints_is_followed_once() -> None:
    links = {str(n): str(n + 1) for n in range(200_000)}
    started = time.perf_counter()
    assert looped(dict(reversed(links.items()))) == looped(links) == set()
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("url", "opens"),
    [
        ("https://example.org/1", True),
        ("HTTP://example.org", True),
        (" https://example.org/1 ", True),
        ("https://例子.中国/新闻", True),
        ("https://", False),
        ("https:///path", False),
        ("http:example.org", False),
        ("//example.org", False),
        ("www.example.org", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://example.org/a b", False),
        ("x https://example.org", False),
        ("https://example.org\njavascript:alert(1)", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_are_opened(url: str | None, opens: bool) -> None:
    assert openable(url) is opens


@pytest.mark.parametrize(
    ("counts", "complete", "named"),
    [
        ({}, True, "各级媒体"),
        ({("city", ""): 3}, True, "各级媒体"),
        ({("city", "甲日报"): 1}, True, "甲日报"),
        ({("city", "甲日报"): 1}, False, "甲日报等媒体"),
        ({("city", "市级媒体"): 1}, False, "市级媒体等"),
        ({("city", "甲日报"): 1, ("city", ""): 1}, True, "甲日报等媒体"),
        ({("city", "甲"): 1, ("city", "乙"): 2, ("nation", "丙"): 1}, True, "丙、乙、甲"),
        (
            {("county", "丁"): 9, ("city", "甲"): 1, ("city", "乙"): 2, ("nation", "丙"): 1},
            True,
            "丙、乙、甲等媒体",
        ),
        ({("nation", "甲"): 1, ("city", "甲"): 1}, True, "甲"),
    ],
)
def test_the_highest_and_busiest_outlets_are_named(
    counts: dict[tuple[str, str], int], complete: bool, named: str
) -> None:
    assert outlets_named(counts, complete=complete) == named
