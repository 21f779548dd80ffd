"""Canonical JSON: the bytes that the standard library would indent, made faster."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents import canonical, canonical_bytes

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
