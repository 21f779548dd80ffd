"""Bundles that are wrong in one place: every fault is found, named by place and code, and alone."""

from __future__ import annotations

from typing import Any

import pytest

from core.documents import NotANumber
from core.refusals import Fault
from tests.core.broken_bundles import CASES as OTHERS
from tests.core.broken_bundles import Case
from tests.core.broken_duplicates import DUPLICATES
from tests.core.broken_files import BYTES
from tests.core.bundle_form import FORM, WRONG, Member, members
from tests.core.bundle_samples import (
    NAMES,
    campaign,
    faults,
    faults_of_bytes,
    get,
    places,
    put,
    remove,
    small,
)

MEMBERS = members()
CASES = [*OTHERS, *DUPLICATES]
# Null is for the one office without a superior, and for a campaign that has a title.
NULL_FOR_OTHERS = {
    "/organisations/15/parent": [("/organisations/15/parent", "duplicate")],
    "/campaign/observance": [("/campaign/title", "missing")],
}
every_member = pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.pointer)


def faults_with(document: Any, pointer: str, value: Any) -> list[Fault]:
    """What is wrong with the document while ``value`` stands at ``pointer``."""
    before = get(document, pointer)
    put(document, pointer, value)
    found = faults(document)
    put(document, pointer, before)
    return found


def complaint(found: list[Fault], member: Member, code: str, before: Any) -> str:
    """Nothing, if the fault was found and all the rest is references to what is gone with it."""
    rest = [fault for fault in found if (fault.pointer, fault.code) != (member.pointer, code)]
    if len(rest) != len(found) - 1:
        return f"{member.pointer} {code} is not, once, among {places(found)}"
    gone = f"“{before}”" if isinstance(before, str) else "“"
    other = [f for f in rest if f.code != "unknown_reference" or gone not in f.message]
    return f"{member.pointer} {code}, but also {places(other)}" if other else ""


def complaints(member: Member, values: list[tuple[Any, str]]) -> list[str]:
    """What is not as it should be when each of the values stands in the member's place."""
    document = small()
    before = get(document, member.pointer)
    found = [
        complaint(faults_with(document, member.pointer, value), member, code, before)
        for value, code in values
    ]
    assert faults(document) == []
    return [line for line in found if line]


@pytest.mark.parametrize("name", NAMES)
def test_the_campaigns_that_are_broken_here_are_sound(name: str) -> None:
    assert places(faults(campaign(name))) == []


def test_the_form_has_every_member_of_the_small_bundle() -> None:
    """Else a member would go unproven."""
    document = small()
    for place, form in FORM.items():
        stated = {name for name in form if "/" not in name}
        there = set(get(document, place)) - {"numerator", "denominator", "title"}
        lacking = there - stated
        if place != "/metrics/4":
            assert (place, lacking) == (place, set())
        for name in form:
            get(document, f"{place}/{name}")


@every_member
def test_a_value_of_another_type_is_refused(member: Member) -> None:
    values: list[tuple[Any, str]] = [(value, "type") for value in member.wrong_types()]
    values += [(NotANumber(text), "syntax") for text in ("NaN", "Infinity", "-Infinity")]
    assert complaints(member, values) == []


@every_member
def test_a_wrong_value_of_the_right_type_is_refused(member: Member) -> None:
    assert complaints(member, WRONG[member.kind]) == []


@pytest.mark.parametrize(
    "member", [member for member in MEMBERS if member.nullable], ids=lambda member: member.pointer
)
def test_null_stands_where_it_may(member: Member) -> None:
    """That it stands nowhere else is among the wrong types."""
    found = places(faults_with(small(), member.pointer, None))
    assert found == NULL_FOR_OTHERS.get(member.pointer, [])


@every_member
def test_a_member_is_left_out_only_where_it_may_be(member: Member) -> None:
    document = small()
    before = get(document, member.pointer)
    remove(document, member.pointer)
    found = faults(document)
    if member.required:
        assert complaint(found, member, "missing", before) == ""
    else:
        assert {fault.code for fault in found} <= {"unknown_reference"}
        assert member.kind == "list" or found == []


@pytest.mark.parametrize("place", FORM)
@pytest.mark.parametrize("name", ["extra", "", "a/b~c", "关键", "Key", "key "])
def test_an_unknown_member_is_refused_at_its_place(place: str, name: str) -> None:
    document = small()
    get(document, place)[name] = None
    escaped = name.replace("~", "~0").replace("/", "~1")
    code = "unknown_plugin" if place == "/plugins" else "unknown_key"
    assert places(faults(document)) == [(f"{place}/{escaped}", code)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_bundle_is_refused_for_its_one_defect(case: Case) -> None:
    assert places(faults(case.document())) == case.expected


@pytest.mark.parametrize("name", BYTES)
def test_a_broken_file_is_refused(name: str) -> None:
    data, expected = BYTES[name]
    assert places(faults_of_bytes(data)) == expected


def test_every_fault_has_a_sentence_of_its_own() -> None:
    """In Chinese, ending without a stop, and not longer than a line or two."""
    sentences = {f.message for case in CASES for f in faults(case.document())}
    sentences |= {f.message for data, _ in BYTES.values() for f in faults_of_bytes(data)}
    strange = [s for s in sentences if not any("一" <= c <= "鿿" for c in s) or s.endswith("。")]
    assert strange == []
    assert max(map(len, sentences)) < 120


def test_all_faults_are_told_at_once() -> None:
    """Every defect that can stand beside the others, each in a place of its own."""
    document = small()
    first_url = get(document, "/plugins/publicity/items/0/url")
    expected = set()
    for pointer, value, code in [
        ("/version", 2, "value"),
        ("/organisations/3/level", "city", "level"),
        ("/campaign/ends_on", "2026-02-01", "ends_before_starts"),
        ("/metrics/0/key", "condolence.cash", "duplicate"),
        ("/targets/0/value", "-3", "value"),
        ("/activities/2/starts_at", "2026-03-12T09:00:00", "value"),
        ("/reported/1/organisation", "nowhere", "unknown_reference"),
        ("/plugins/condolence/rounds/0/lines/1/cash", "1.234", "value"),
        ("/plugins/job_fair/fairs/0/positions/0/openings", True, "type"),
        ("/plugins/volunteer/shifts/0/title", None, "type"),
        ("/plugins/publicity/items/1/url", first_url, "duplicate_url"),
        ("/plugins/knitting", {}, "unknown_plugin"),
        ("/extra", 1, "unknown_key"),
    ]:
        put(document, pointer, value)
        expected.add((pointer, code))
    found = set(places(faults(document)))
    assert expected <= found
    # The metric that lost its key leaves those who named it behind.
    assert {code for _, code in found - expected} == {"unknown_reference"}
