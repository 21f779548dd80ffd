"""Documents as JSON: nothing is lost, and the fingerprint is of what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.documents import canonical
from core.figures import Figure
from core.recap import model
from core.recap.life import snapshot
from core.recap.model import Document, Notice, Paragraph, Section, Text, Verification

words = st.text(alphabet='助残日 "\n\u2028<&𠀀1', max_size=6)
numbers = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9))
figures = st.builds(Figure, **dict.fromkeys(("metric", "label", "unit"), words),
    aggregation=st.just("sum"), organisation=words, value=numbers,
    **{name: st.none() | numbers for name in ("itemised", "evidence", "target", "completion")},
    approximate=st.booleans())  # fmt: skip
inlines = st.lists(
    st.builds(model.Text, words) | st.builds(model.FigureSpan, words, words, words), max_size=3
).map(tuple)


def several(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=2).map(tuple)


cells = st.builds(model.Cell, inlines, st.booleans())
tables = st.builds(model.Table, words, several(words), several(several(cells)), st.booleans())
series = st.builds(model.Series, words, several(st.none() | numbers))
charts = st.builds(model.Chart, words, words, st.sampled_from(["bars", "pairs"]), several(words),
    several(series), words, words, tables)  # fmt: skip
photos = st.builds(model.Photo, words, words, st.integers(1, 9), st.integers(1, 9), words, words)
blocks = st.one_of(
    st.builds(Paragraph, inlines),
    tables,
    st.builds(model.Ledger, several(figures), words),
    charts,
    photos,
    st.builds(model.Items, several(inlines)),
    st.builds(Notice, st.sampled_from(["finding", "failure", "information"]), inlines),
)
sections = st.recursive(
    st.builds(Section, words, words, several(blocks), st.none() | words),
    lambda below: st.builds(Section, words, words, several(blocks), words, several(below)),
    max_leaves=4,
)
reported = st.builds(model.ReportedPart, numbers, words, st.sampled_from(["additional", "total"]),
    st.booleans(), words, st.none() | words)  # fmt: skip
entries = st.builds(model.AnnexEntry, figures, words, words, several(reported))
documents = st.builds(
    Document, campaign=words, organisation=words, title=words, subtitles=several(words),
    particulars=several(st.tuples(words, words)), sections=several(sections),
    annex=st.builds(model.Annex, several(entries), words), issuer=words,
    date=st.dates(), generated_at=st.datetimes(timezones=st.just(UTC)), recipient=words,
    verification=st.none() | st.builds(Verification, words, words, words),
)  # fmt: skip
PLAIN = Document(
    "c", "o", "总结", (), (("主题", "康复"),),
    (Section("overview", "总体情况", (Paragraph((Text("做了。"),)),)),),
    model.Annex(()), "市残联", date(2026, 5, 31), datetime(2026, 5, 31, tzinfo=UTC),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(documents)
def test_nothing_is_lost(document: Document) -> None:
    stored = canonical(snapshot.to_json(document))
    again = snapshot.from_json(json.loads(stored))
    assert again == document
    assert canonical(snapshot.to_json(again)) == stored


def test_every_block_and_inline_of_the_model_has_a_kind() -> None:
    declared = set(model.Block.__args__) | set(model.Inline.__args__)
    assert set(snapshot.KINDS.values()) == declared


def test_the_fingerprint_tells_contents_apart_and_not_prints() -> None:
    first = snapshot.fingerprint(PLAIN)
    found = Section("findings", "需要核对的事项", (Notice("finding", (Text("少了"),)),))
    printed = replace(
        PLAIN,
        date=date(2026, 6, 1),
        generated_at=datetime(2026, 6, 1, tzinfo=UTC),
        verification=Verification("7K2M", "", "草稿"),
        sections=(*PLAIN.sections, found),
    )
    assert snapshot.fingerprint(printed) == first
    for changed in (
        replace(PLAIN, title="另一份总结"),
        replace(PLAIN, recipient="省残联"),
        replace(PLAIN, sections=()),
        replace(PLAIN, issuer="县残联"),
    ):
        assert snapshot.fingerprint(changed) != first


def test_an_older_snapshot_takes_what_came_later_as_absent() -> None:
    told = snapshot.to_json(PLAIN)
    del told["recipient"], told["verification"]
    assert snapshot.from_json(told) == PLAIN


@pytest.mark.parametrize(
    "spoil",
    [
        {"title": None},
        {"date": "yesterday"},
        {"sections": [{"key": "x"}]},
        {"sections": [{"key": "x", "title": "y", "blocks": [{"type": "poem"}]}]},
        {"sections": [{"key": "x", "title": "y", "blocks": [
            {"type": "notice", "kind": "threat", "inlines": []}]}]},
        {"particulars": [["one"]]},
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(spoil: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        snapshot.from_json(snapshot.to_json(PLAIN) | spoil)


def test_numbers_are_plain() -> None:
    told = snapshot._told(Decimal("1E+3")), snapshot._told(Decimal("0.50"))
    assert told == ("1000", "0.5")
