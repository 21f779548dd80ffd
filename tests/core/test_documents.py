"""Canonical JSON: the bytes that the standard library would indent, made faster."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents import canonical, canonical_bytes, canonical_pieces

WORDS = st.text(st.characters())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
    max_leaves=30,
)


def by_the_library(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False) + "\n"


@settings(max_examples=30)
@given(VALUES, st.sampled_from([1, 256, 257, 512, 513]))
def test_in_pieces_it_is_the_same(value: Any, count: int) -> None:
    def several() -> list[Any]:
        return [copy.deepcopy(value) for _ in range(count)]

    for whole in (several(), {"a": {"b": several(), "": {}}, "\n": copy.deepcopy(value)}, value):
        expected = canonical_bytes(whole)
        assert b"".join(canonical_pieces(whole)) == expected


def test_pieces_of_a_long_list_are_small_and_take_the_document_apart() -> None:
    whole = {"rows": [{"name": "某"}] * 10_000}
    assert max(map(len, canonical_pieces(whole))) < 10_000
    assert whole == {}


@given(VALUES)
def test_it_is_what_the_library_writes(value: Any) -> None:
    assert canonical(value) == by_the_library(value)


@pytest.mark.parametrize(
    "value", [{}, [], {"空": []}, {"b": 1e16, "a": 2**70}, "\x00\x1f\x7f\u2028𠮷\ud800", [[[]]]]
)
def test_it_is_that_at_the_borders_too(value: Any) -> None:
    assert canonical(value) == by_the_library(value)
    assert canonical_bytes(value) == by_the_library(value).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("value", [float("nan"), [float("inf")]])
def test_what_json_does_not_know_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(value)
