"""The order of a recap's parts: nothing is lost, nothing stands twice, whatever is moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.recap.manuscript import parts
from core.recap.manuscript.parts import Part
from core.recap.model import Paragraph, Photo, Section, Text, said

CHILDREN = {"work.alpha": "甲", "work.beta": "乙", "work.other": "其他工作"}
EVERY = parts.usual_order(CHILDREN)
PHOTO = Photo("0" * 64, "image/jpeg", 800, 600, "现场", "许多人")


def section(key: str, *below: Section) -> Section:
    return Section(key, key.upper(), (Paragraph((Text(key),)),), sections=below)


def made() -> list[Section]:
    work = Section("work", "活动开展情况", (), sections=(section("alpha"), section("beta")))
    return [section("overview"), work, section("targets"), section("findings")]


def keys(stored: tuple[Part, ...] = (), *photos: Photo) -> list[str]:
    return [each.key for each in parts.arranged(made(), stored, photos)]


def texts(found: tuple[Section, ...], key: str) -> list[str]:
    (one,) = [each for each in found if each.key == key]
    return [said(block.inlines) for block in one.blocks if isinstance(block, Paragraph)]


steps = st.lists(
    st.tuples(st.sampled_from([*EVERY, "free-1", "nothing"]), st.sampled_from([-1, 1]))
)


@given(steps, st.sets(st.sampled_from(EVERY)))
def test_any_sequence_of_moves_keeps_every_part_once(
    moves: list[tuple[str, int]], unseen: set[str]
) -> None:
    whole = parts.completed((Part("free-1", "志愿服务"), Part("work.gone")), CHILDREN)
    before = sorted(part.key for part in whole)
    assert before == sorted([*EVERY, "free-1", "work.gone"])
    for key, step in moves:
        seen = [part.key for part in whole if part.key not in unseen]
        order = [part.key for part in whole]
        whole = parts.moved(whole, key, step, seen)
        assert sorted(part.key for part in whole) == before
        row = [k for k in order if k in seen and parts.is_child(k) == parts.is_child(key)]
        after = [k for k in (part.key for part in whole) if k in row]
        if key in row and 0 <= row.index(key) + step < len(row):
            row.insert(row.index(key) + step, row.pop(row.index(key)))
        assert after == row


@given(st.permutations(EVERY), st.sets(st.sampled_from(EVERY)))
def test_every_section_is_printed_once_where_its_author_wants_it(
    order: list[str], hidden: set[str]
) -> None:
    stored = tuple(
        Part(key, text="写了" if Part(key).is_written else "", hidden=key in hidden)
        for key in order
    )
    found = parts.arranged(made(), stored, (PHOTO,))
    there = {"overview", "work", "targets", "photos"} | {k for k in EVERY if Part(k).is_written}
    if {"work.alpha", "work.beta"} <= hidden:
        there -= {"work"}
    wanted = [key for key in order if key in there - hidden]
    assert [each.key for each in found] == [*wanted, "findings"]
    below = [child.key for each in found for child in each.sections]
    if "work" in wanted:
        children = [k for k in order if k in CHILDREN and k not in hidden and k != "work.other"]
        assert below == [key.removeprefix("work.") for key in children]


@given(st.lists(st.sampled_from([*EVERY, "x", "y"]), unique=True), st.permutations([*EVERY, "z"]))
def test_what_is_woven_in_keeps_the_order_of_what_was_there(
    order: list[str], further: list[str]
) -> None:
    found = parts.woven(order, further)
    assert sorted(found) == sorted({*order, *further})
    assert [key for key in found if key in order] == order


def test_nobody_having_written_leaves_the_recap_as_it_was_made() -> None:
    assert parts.arranged(made(), ()) == tuple(made())
    assert keys((), PHOTO) == ["overview", "work", "targets", "photos", "findings"]


def test_written_parts_stand_among_the_others_and_empty_ones_are_not_printed() -> None:
    stored = (
        Part("problems", text="一是人手少。\n\n  二是经费紧。 "),
        Part("thanks", text=" \n "),
        Part("free-2", "媒体报道", "三家媒体作了报道。"),
    )
    assert keys(stored) == ["overview", "work", "targets", "problems", "free-2", "findings"]
    found = parts.arranged(made(), stored)
    assert [each.title for each in found[3:5]] == ["存在问题", "媒体报道"]
    assert texts(found, "problems") == ["一是人手少。", "二是经费紧。"]


def test_a_part_that_nobody_has_moved_stands_behind_the_one_before_it() -> None:
    moved = (Part("targets"), Part("overview"), Part("results", text="好。"))
    assert keys(moved) == ["targets", "overview", "work", "results", "findings"]


def test_a_section_that_nobody_knows_keeps_its_neighbour() -> None:
    sections = [section("overview"), section("new"), section("targets")]
    order = (Part("targets"), Part("overview"))
    found = [each.key for each in parts.arranged(sections, order)]
    assert found == ["targets", "overview", "new"]


def test_titles_may_be_others_also_below() -> None:
    stored = (Part("work", "主要做法"), Part("work.beta", "走进万家"))
    (work,) = [each for each in parts.arranged(made(), stored) if each.key == "work"]
    assert (work.title, [each.title for each in work.sections]) == (
        "主要做法",
        ["ALPHA", "走进万家"],
    )


def test_two_sections_of_one_name_are_both_printed() -> None:
    work = Section("work", "活动", (), sections=(section("alpha"), section("alpha")))
    (found,) = parts.arranged([work], (Part("work.alpha"),))
    assert [child.key for child in found.sections] == ["alpha", "alpha"]


def test_free_parts_get_keys_of_their_own() -> None:
    assert parts.free_key([]) == "free-1"
    assert parts.free_key([Part("free-1"), Part("free-3")]) == "free-2"
    assert not Part("free-0").is_free
    assert not Part("overview").is_written
