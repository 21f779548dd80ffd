"""The Word document holds every word of any recap, and can be opened whatever the words are."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from core.recap.formats import docx
from core.recap.formats.docx.markup import legible
from core.recap.model import (
    AnnexEntry,
    Block,
    Cell,
    Document,
    Inlines,
    Items,
    Ledger,
    Notice,
    Paragraph,
    Photo,
    ReportedPart,
    Section,
    Table,
    Text,
    figure_span,
)
from tests.core.recap.docx_reading import lines, opened, part
from tests.core.recap.docx_samples import CASH, HIRED, PEOPLE, VERIFICATION, document

AWKWARD = [
    "\x00",
    "\x0b",
    "\x1f",
    "\ud800",
    "\ufffe",
    "𠮷",
    "😀",
    "]]>",
    "&amp;",
    "<w:p>",
    '"',
    "\n",
]
words = st.lists(st.one_of(st.text(max_size=6), st.sampled_from(AWKWARD)), max_size=6).map("".join)
FIGURES = (PEOPLE, CASH, HIRED)
inlines: st.SearchStrategy[Inlines] = st.lists(
    st.one_of(words.map(Text), st.sampled_from(FIGURES).map(figure_span)), max_size=4
).map(tuple)
cells = st.builds(Cell, inlines, st.booleans())


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 12))
    row = st.tuples(*[cells] * columns)
    header = draw(st.tuples(*[words] * columns))
    rows = tuple(draw(st.lists(row, max_size=3)))
    return Table(draw(words), header, rows, draw(st.booleans()))


blocks: st.SearchStrategy[Block] = st.one_of(
    inlines.map(Paragraph),
    tables(),
    st.builds(Ledger, st.lists(st.sampled_from(FIGURES)).map(tuple), words),
    st.builds(Items, st.lists(inlines, max_size=3).map(tuple)),
    st.builds(Notice, st.sampled_from(["finding", "failure", "information"]), inlines),
    st.builds(Photo, words, st.just("image/png"), st.just(3), st.just(2), words, words),
)
leaves = st.builds(Section, st.just("a"), words, st.lists(blocks, max_size=3).map(tuple))
sections = st.recursive(
    leaves,
    lambda below: st.builds(
        Section, st.just("b"), words, st.just(()), st.none(), st.lists(below, max_size=2).map(tuple)
    ),
    max_leaves=4,
)
entries = st.builds(
    AnnexEntry,
    st.sampled_from(FIGURES),
    words,
    words,
    st.lists(
        st.builds(
            ReportedPart,
            st.just(Decimal(5)),
            words,
            st.sampled_from(["additional", "total"]),
            st.booleans(),
            words,
        ),
        max_size=12,
    ).map(tuple),
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    made = document(
        *draw(st.lists(sections, max_size=2)),
        entries=tuple(draw(st.lists(entries, max_size=3, unique_by=lambda one: one.figure.metric))),
    )
    return replace(
        made,
        title=draw(words),
        subtitles=tuple(draw(st.lists(words, max_size=2))),
        particulars=tuple(draw(st.lists(st.tuples(words, words), max_size=2))),
        issuer=draw(words),
        recipient=draw(words),
        verification=draw(st.none() | st.just(replace(VERIFICATION, status=draw(words)))),
    )


def told(made: Document) -> list[str]:
    """Every stretch of words that somebody wrote into it."""
    found = [made.title, *made.subtitles, made.issuer]
    found += [text for pair in made.particulars for text in pair]
    waiting = list(made.sections)
    while waiting:
        section = waiting.pop()
        waiting += section.sections
        found.append(section.title)
        for block in section.blocks:
            match block:
                case Paragraph(inner) | Notice(_, inner):
                    found += [inline.text for inline in inner]
                case Items(items):
                    found += [inline.text for item in items for inline in item]
                case Table():
                    found += [block.caption, *block.header]
                    found += [i.text for row in block.rows for cell in row for i in cell.inlines]
                case Ledger():
                    found += [block.caption, *(figure.label for figure in block.figures)]
                case Photo():
                    found.append(block.caption)
    for entry in made.annex.entries:
        found += [entry.organisation_name, entry.definition]
        found += [text for one in entry.reported for text in (one.organisation, one.source)]
    return found


def compact(text: str) -> str:
    """A text without spaces and breaks, which lines and cells add or share."""
    return re.sub(r"\s", "", legible(text))


@settings(max_examples=40, deadline=None)
@given(documents())
def test_any_recap_becomes_a_document_with_all_its_words(made: Document) -> None:
    content = docx.render(made, {})
    found = compact("".join(lines(content)))
    for text in told(made):
        assert compact(text) in found
    xml = part(content, "word/document.xml")
    names = re.findall(r'<w:bookmarkStart w:id="\d+" w:name="([^"]+)"', xml)
    assert len(names) == len(set(names)) == len(made.annex.entries)
    assert set(re.findall(r'w:anchor="([^"]+)"', xml)) <= set(names)


def test_rare_characters_are_kept_and_those_that_xml_forbids_left_out() -> None:
    text = "𠮷㛃䶮😀\x00\x08甲\ufffe乙\ud800丙\t丁\r\n戊"
    made = docx.render(document(Section("a", text, (Paragraph((Text(text),)),))), {})
    assert opened(made).paragraphs[2].text == "一、𠮷㛃䶮😀甲乙丙 丁 戊"
    assert opened(made).paragraphs[3].text == "𠮷㛃䶮😀甲乙丙 丁 戊"
