"""What is wrong with a publicity section is named by place and code, all of it at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.bundle_sections import CheckContext
from core.shapes import Problems
from plugins.publicity.bundle import PublicitySection

ITEM: dict[str, Any] = {
    "key": "m1",
    "kind": "article",
    "title": "助残日纪实",
    "outlet": "某日报",
    "outlet_level": "city",
    "published_on": "2022-05-16",
    "url": "https://example.org/1",
    "reprint_of": None,
    "organisation": "city",
}
MATERIAL: dict[str, Any] = {
    "key": "b1",
    "kind": "leaflet",
    "quantity": 1000,
    "activity": "a02",
    "organisation": "c01",
    "on": "2022-05-15",
}
OUTREACH: dict[str, Any] = {
    "key": "o1",
    "organisation": "c01",
    "activity": None,
    "people": 500,
    "on": "2022-05-15",
}


def checked(section: Any) -> tuple[Any, list[tuple[str, str]]]:
    problems = Problems()
    context = CheckContext(problems, frozenset({"city", "c01"}), frozenset({"a02"}))
    path = ("plugins", "publicity")
    normalised = PublicitySection.shape(section, path, problems)
    if isinstance(normalised, dict):
        PublicitySection().check(normalised, path, context)
    found = [(p.pointer.removeprefix("/plugins/publicity"), p.code) for p in problems.found]
    return normalised, sorted(found)


def items(*changes: dict[str, Any]) -> dict[str, Any]:
    """A section of items that differ from ITEM, each with a key and a URL of its own."""
    made = [
        {**ITEM, "key": f"m{n}", "url": f"https://example.org/{n}"} for n in range(len(changes))
    ]
    return {"items": [{**item, **change} for item, change in zip(made, changes, strict=True)]}


def test_a_good_section_is_normalised() -> None:
    section = {"items": [ITEM], "materials": [MATERIAL], "outreach": [OUTREACH]}
    normalised, found = checked(section)
    assert found == []
    assert normalised == {
        "items": [{**ITEM, "published_on": date(2022, 5, 16)}],
        "materials": [{**MATERIAL, "on": date(2022, 5, 15)}],
        "outreach": [{**OUTREACH, "on": date(2022, 5, 15)}],
    }


def test_lists_may_be_left_out_and_so_may_a_title() -> None:
    assert checked({}) == ({"items": [], "materials": [], "outreach": []}, [])
    untitled = {name: value for name, value in ITEM.items() if name != "title"}
    normalised, found = checked({"items": [untitled]})
    assert found == []
    assert normalised["items"][0]["title"] == ""


@pytest.mark.parametrize(
    ("name", "good"), [("items", ITEM), ("materials", MATERIAL), ("outreach", OUTREACH)]
)
def test_every_other_member_is_required_and_no_more_are_known(name, good) -> None:
    _, found = checked({name: [{"note": "备注"}]})
    missing = [(f"/{name}/0/{member}", "missing") for member in good if member != "title"]
    assert found == sorted([*missing, (f"/{name}/0/note", "unknown_key")])


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("items", {"kind": "blog"}, ("kind", "value")),
        ("items", {"kind": None}, ("kind", "type")),
        ("items", {"outlet_level": "town"}, ("outlet_level", "value")),
        ("items", {"published_on": "2022-02-30"}, ("published_on", "value")),
        ("items", {"title": "字" * 501}, ("title", "too_long")),
        ("items", {"url": "https://example.org/" + "a" * 481}, ("url", "too_long")),
        ("items", {"url": 5}, ("url", "type")),
        ("items", {"organisation": "c99"}, ("organisation", "unknown_reference")),
        ("items", {"organisation": None}, ("organisation", "type")),
        ("items", {"reprint_of": "m9"}, ("reprint_of", "unknown_reference")),
        ("items", {"reprint_of": "m1"}, ("reprint_of", "cycle")),
        ("items", {"key": "稿1"}, ("key", "value")),
        ("items", {"activity": None}, ("activity", "unknown_key")),
        ("materials", {"kind": "flag"}, ("kind", "value")),
        ("materials", {"quantity": -1}, ("quantity", "value")),
        ("materials", {"quantity": 10**12 + 1}, ("quantity", "value")),
        ("materials", {"quantity": "5"}, ("quantity", "type")),
        ("materials", {"quantity": 5.0}, ("quantity", "type")),
        ("materials", {"activity": "a99"}, ("activity", "unknown_reference")),
        ("materials", {"organisation": "c99"}, ("organisation", "unknown_reference")),
        ("materials", {"on": "2022-5-1"}, ("on", "value")),
        ("outreach", {"people": True}, ("people", "type")),
        ("outreach", {"activity": "a99"}, ("activity", "unknown_reference")),
        ("outreach", {"organisation": "c99"}, ("organisation", "unknown_reference")),
        ("outreach", {"on": None}, ("on", "type")),
    ],
)
def test_a_bad_member_is_named(name, change, expected) -> None:
    good = {"items": ITEM, "materials": MATERIAL, "outreach": OUTREACH}[name]
    _, found = checked({name: [{**good, **change}]})
    assert found == [(f"/{name}/0/{expected[0]}", expected[1])]


def test_counts_go_up_to_a_million_millions() -> None:
    assert checked({"materials": [{**MATERIAL, "quantity": 10**12}]})[1] == []
    assert checked({"outreach": [{**OUTREACH, "people": 0}]})[1] == []


@pytest.mark.parametrize("name", ["items", "materials", "outreach"])
def test_what_is_no_list_of_objects_is_named_and_the_rest_is_checked(name) -> None:
    section = {"items": [], "materials": [], "outreach": [{**OUTREACH, "organisation": "c99"}]}
    rest = [] if name == "outreach" else [("/outreach/0/organisation", "unknown_reference")]
    assert checked({**section, name: 5})[1] == sorted([(f"/{name}", "type"), *rest])
    assert checked({**section, name: [5, None]})[1] == sorted(
        [(f"/{name}/0", "type"), (f"/{name}/1", "type"), *rest]
    )


@pytest.mark.parametrize("name", ["items", "materials", "outreach"])
def test_a_key_stands_once_in_its_list(name) -> None:
    good = {"items": {**ITEM, "url": None}, "materials": MATERIAL, "outreach": OUTREACH}[name]
    assert checked({name: [good, {**good, "key": "x"}, good]})[1] == [
        (f"/{name}/2/key", "duplicate")
    ]


def test_the_later_of_two_items_with_one_url_is_named() -> None:
    section = items(
        {"url": "https://www.example.org/a/?utm_source=x"},
        {"url": "http://EXAMPLE.org/a#top"},
        {"url": "https://example.org/A"},
        {"url": "example.org/a?spm=1", "reprint_of": "m0"},
    )
    assert checked(section)[1] == [
        ("/items/1/url", "duplicate_url"),
        ("/items/3/url", "duplicate_url"),
    ]


def test_items_without_a_url_are_no_duplicates() -> None:
    section = items({"url": None}, {"url": None}, {"url": ""}, {"url": ""}, {"url": " "})
    assert checked(section)[1] == []


def test_a_bad_item_hides_no_duplicate() -> None:
    section = items({"kind": "blog", "url": "example.org/a"}, {"url": 5}, {"url": "example.org/a"})
    assert checked(section)[1] == [
        ("/items/0/kind", "value"),
        ("/items/1/url", "type"),
        ("/items/2/url", "duplicate_url"),
    ]


def test_a_reprint_may_stand_before_its_original_and_be_reprinted() -> None:
    section = items({"reprint_of": "m2"}, {"reprint_of": "m0"}, {})
    assert checked(section)[1] == []


def test_every_item_of_a_loop_is_named_but_not_what_leads_into_it() -> None:
    section = items(
        {"reprint_of": "m1"}, {"reprint_of": "m2"}, {"reprint_of": "m1"}, {"reprint_of": "m3"}
    )
    assert checked(section)[1] == [
        ("/items/1/reprint_of", "cycle"),
        ("/items/2/reprint_of", "cycle"),
        ("/items/3/reprint_of", "cycle"),
    ]
