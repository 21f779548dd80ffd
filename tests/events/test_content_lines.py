from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.content_lines import clean, fold, text_value, uri_value

LINES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=400)


@given(LINES)
@example("S:" + "a" * 73)
@example("S:" + "a" * 74)
@example("S:" + "a" * 72 + "😀" + "b" * 80)
@example("S:" + "\\" * 200)
@example("S:" + "助" * 300)
def test_folding_is_undone_by_unfolding_and_keeps_to_75_octets(line: str) -> None:
    folded = fold(line)
    assert folded.replace(b"\r\n ", b"").decode() == line
    assert all(len(piece) <= 75 for piece in folded.split(b"\r\n"))
    for piece in folded.split(b"\r\n"):
        piece.decode()  # no character is cut


def test_a_line_of_75_octets_is_not_folded_and_one_of_76_is() -> None:
    assert fold("a" * 75) == b"a" * 75
    assert fold("a" * 76) == b"a" * 75 + b"\r\n a"


def test_an_escape_is_not_cut() -> None:
    assert fold("a" * 74 + r"\n" + "b") == b"a" * 74 + b"\r\n \\nb"
    assert fold("a" * 73 + r"\\" + "b") == b"a" * 73 + b"\\\\" + b"\r\n b"


@given(st.text(max_size=300))
def test_clean_text_folds_into_lines_of_which_none_is_blank(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()  # no half of a surrogate pair is left
    assert clean(cleaned) == cleaned
    assert len(cleaned.splitlines()) == cleaned.count("\n") + bool(cleaned)
    pieces = fold(f"X:{text_value(text)}").split(b"\r\n")
    assert all(piece.decode().strip() for piece in pieces)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲\r\n乙\r丙\x0b丁\x0c戊\x85己\u2028庚\u2029辛", "甲\n乙\n丙\n丁\n戊\n己\n庚\n辛"),
        ("响\x07铃\x00\x1b[1m\x7f\x9f", "响铃[1m"),
        ("半个\ud83d字", "半个\ufffd字"),
        ("  \u3000两头 \n", "两头"),
        ("甲" + " " * 20 + "乙", "甲" + " " * 20 + "乙"),
        ("甲" + "\u3000" * 30 + "乙", "甲" + "\u3000" * 20 + "乙"),
        ("甲" + " " * 15 + "\x00" + " " * 15 + "乙", "甲" + " " * 20 + "乙"),
        ("列一\t列二", "列一\t列二"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_commas_semicolons_backslashes_and_line_ends_are_escaped() -> None:
    assert text_value("甲,乙;丙\\丁\n戊:D:\\NAS") == r"甲\,乙\;丙\\丁\n戊:D:\\NAS"


def test_addresses_are_kept_and_what_they_may_not_hold_is_encoded() -> None:
    kept = "https://example.org/a/1?b=%E5%8A%A9&c=d,e;f#g"
    assert uri_value(kept) == kept
    assert uri_value(" https://example.org/助残 日\r\nX:1 ") == (
        "https://example.org/%E5%8A%A9%E6%AE%8B%20%E6%97%A5%0D%0AX:1"
    )
