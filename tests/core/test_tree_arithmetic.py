"""The arithmetic of figures on small trees, worked out by hand from the exchange format's law."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import Metric
from core.tree_arithmetic import Reported, Tree, Value, evaluate, ratio_value, subtree_sums

CITY, A, B, TOWN = 1, 2, 3, 4
# A city with two counties; a town below the first.
TREE = Tree.build(CITY, {CITY: None, A: CITY, B: CITY, TOWN: A})


def metric(aggregation: str, scale: int = 1) -> Metric:
    return Metric("m", "甲", "件", aggregation, scale=scale)


def reported(
    organisation: int,
    value: float,
    basis: str = "additional",
    activity: str | None = None,
    *,
    key: str = "f",
    approximate: bool = False,
) -> Reported:
    stated = Fraction(str(value))
    return Reported(key, organisation, activity, stated, basis == "total", approximate)


def values(
    aggregation: str,
    rows: list[Reported],
    amounts: dict[int, int] | None = None,
    in_activity: dict[str, dict[int, int]] | None = None,
    scale: int = 1,
) -> dict[int, Any]:
    """The value at each office, as a number."""
    found = evaluate(metric(aggregation, scale), TREE, amounts or {}, in_activity or {}, rows)
    return {office: float(value.value) for office, value in sorted(found.items())}


def test_a_tree_has_children_before_parents() -> None:
    order = list(TREE.upwards)
    assert sorted(order) == [CITY, A, B, TOWN]
    assert order.index(TOWN) < order.index(A) < order.index(CITY)
    assert Tree.build(A, {A: CITY, TOWN: A}).upwards == (TOWN, A)
    assert Tree.build(9, {A: None}).upwards == ()


def test_sums_add_own_amounts_additions_and_the_values_below() -> None:
    assert values("sum", [], {TOWN: 3, B: 4}) == {CITY: 7, A: 3, B: 4, TOWN: 3}
    additional = [reported(A, 10), reported(A, 0.5), reported(CITY, 1)]
    assert values("sum", additional, {TOWN: 3, B: 4}) == {CITY: 18.5, A: 13.5, B: 4, TOWN: 3}


def test_a_total_stands_for_the_office_and_all_below_it() -> None:
    rows = [reported(A, 100, "total"), reported(A, 7), reported(TOWN, 5)]
    found = evaluate(metric("sum"), TREE, {TOWN: 3, B: 4}, {}, rows)
    assert found[A].value == 100
    assert found[A].itemised == 3
    assert found[A].parts == 15
    assert found[A].from_total
    assert found[CITY].value == 104
    assert found[TOWN].value == 8


def test_a_total_below_the_parts_stands_all_the_same() -> None:
    found = evaluate(metric("sum"), TREE, {TOWN: 30}, {}, [reported(CITY, 20, "total")])
    assert found[CITY].value == 20
    assert found[CITY].parts == found[CITY].itemised == 30


def test_a_total_for_an_activity_adds_what_it_has_not_on_record() -> None:
    in_activity = {"fair": {TOWN: 3, A: 1}, "walk": {TOWN: 2}}
    amounts = {TOWN: 5, A: 1}
    row = reported(A, 10, "total", "fair")
    # On record below A for the fair: 3 + 1; the total of 10 adds 6.
    assert values("sum", [row], amounts, in_activity) == {CITY: 12, A: 12, TOWN: 5}
    less = reported(A, 2, "total", "fair")
    assert values("sum", [less], amounts, in_activity) == {CITY: 6, A: 6, TOWN: 5}


def test_amounts_are_stated_in_the_unit_of_the_metric() -> None:
    assert values("sum", [reported(CITY, 0.25)], {A: 150, B: 5}, scale=100) == {
        CITY: 1.8,
        A: 1.5,
        B: 0.05,
    }


def test_distinct_subjects_are_counted_once_over_the_tree() -> None:
    """The same person in both counties: one in the city, though one in each county."""
    assert values("distinct", [], {CITY: 1, A: 1, B: 1}) == {CITY: 1, A: 1, B: 1}


def test_of_distinct_subjects_only_those_not_on_record_go_up() -> None:
    # A states 50 in all, of whom 20 are on record: 30 unseen ones reach the city, which has 25.
    rows = [reported(A, 50, "total"), reported(CITY, 2)]
    assert values("distinct", rows, {CITY: 25, A: 20, B: 10}) == {CITY: 57, A: 50, B: 10}
    # Stating fewer than are on record takes nothing from the city.
    assert values("distinct", [reported(A, 5, "total")], {CITY: 25, A: 20}) == {CITY: 25, A: 5}


def test_of_distinct_subjects_a_total_for_an_activity_adds_the_unseen() -> None:
    rows = [reported(A, 12, "total", "fair")]
    found = values("distinct", rows, {CITY: 9, A: 9}, {"fair": {A: 4, CITY: 4}})
    assert found == {CITY: 17, A: 17}


def test_last_is_the_greatest_key_or_the_sum_below() -> None:
    rows = [
        reported(A, 7, key="f2"),
        reported(A, 9, "total", "fair", key="f10"),
        reported(B, 4, key="z"),
        reported(TOWN, 100),
    ]
    # "f2" is greater than "f10" by code point; A's own figure hides the town's.
    assert values("last", rows) == {CITY: 11, A: 7, B: 4, TOWN: 100}
    assert values("last", [reported(TOWN, 100)]) == {CITY: 100, A: 100, TOWN: 100}


def test_max_is_the_greatest_in_the_subtree() -> None:
    rows = [reported(A, 7), reported(TOWN, 9), reported(B, 8), reported(CITY, 1)]
    assert values("max", rows) == {CITY: 9, A: 9, B: 8, TOWN: 9}


def test_none_stays_where_it_was_reported() -> None:
    rows = [reported(A, 7, key="a"), reported(A, 3, key="b"), reported(TOWN, 9)]
    assert values("none", rows) == {A: 3, TOWN: 9}


def test_ratios_stand_where_both_parts_do() -> None:
    above = {CITY: Value.of(Fraction(1)), A: Value.of(Fraction(0)), B: Value.of(Fraction(2))}
    below = {
        CITY: Value.of(Fraction(3), approximate=True),
        A: Value.of(Fraction(5)),
        TOWN: Value.of(Fraction(1)),
    }
    found = ratio_value(above, {**below, B: Value.of(Fraction(0))})
    assert {office: value.value for office, value in found.items()} == {CITY: Fraction(1, 3), A: 0}
    assert found[CITY].approximate
    assert not found[A].approximate


@pytest.mark.parametrize("aggregation", ["sum", "distinct", "last", "max", "none"])
def test_nothing_gives_nothing(aggregation: str) -> None:
    assert values(aggregation, [], {}) == {}
    assert values(aggregation, [], {A: 0}) == {}


@pytest.mark.parametrize("aggregation", ["sum", "distinct", "last", "max", "none"])
def test_a_reported_nought_is_a_figure(aggregation: str) -> None:
    assert values(aggregation, [reported(A, 0)])[A] == 0


def approximate(aggregation: str, rows: list[Reported], amounts: dict[int, int]) -> set[int]:
    found = evaluate(metric(aggregation), TREE, amounts, {"fair": {}}, rows)
    return {office for office, value in found.items() if value.approximate}


def test_a_figure_is_approximate_only_if_one_that_contributes_is() -> None:
    about = reported(TOWN, 5, approximate=True)
    assert approximate("sum", [about], {}) == {CITY, A, TOWN}
    # A total above hides it; an exact one does, an approximate one is so itself.
    assert approximate("sum", [about, reported(A, 9, "total")], {}) == {TOWN}
    assert approximate("sum", [reported(A, 9, "total", approximate=True)], {B: 1}) == {CITY, A}
    # Of distinct subjects a total of fewer than are on record adds nothing above.
    few = reported(A, 3, "total", approximate=True)
    assert approximate("distinct", [few], {CITY: 8, A: 8}) == {A}
    # Nothing is added by a total for an activity that states no more than is on record.
    assert approximate("sum", [reported(A, 0, "total", "fair", approximate=True)], {A: 2}) == set()
    assert approximate("last", [about, reported(A, 1)], {}) == {TOWN}
    assert approximate("max", [about, reported(B, 5)], {}) == {A, TOWN}


offices = st.sampled_from([CITY, A, B, TOWN])
rows_without_totals = st.lists(
    st.builds(
        lambda office, value, key: Reported(key, office, None, value, False, False),
        offices,
        st.fractions(0, 1000),
        st.text("abc", min_size=1, max_size=3),
    ),
    max_size=8,
)
own = st.dictionaries(offices, st.integers(0, 1000))


@given(rows=rows_without_totals, amounts=own)
def test_without_totals_a_sum_is_everything_below(
    rows: list[Reported], amounts: dict[int, int]
) -> None:
    below = {CITY: {CITY, A, B, TOWN}, A: {A, TOWN}, B: {B}, TOWN: {TOWN}}
    found = evaluate(metric("sum"), TREE, amounts, {}, rows)
    for office, subtree in below.items():
        expected = sum((r.value for r in rows if r.organisation in subtree), Fraction(0))
        expected += sum(amounts.get(each, 0) for each in subtree)
        assert found.get(office, Value.of(Fraction(0))).value == expected


@given(rows=rows_without_totals, amounts=own, total=st.integers(0, 5000), office=offices)
def test_a_total_replaces_and_passes_on_its_difference(
    rows: list[Reported], amounts: dict[int, int], total: int, office: int
) -> None:
    without = evaluate(metric("sum"), TREE, amounts, {}, rows)
    stated = Reported("total", office, None, Fraction(total), True, False)
    found = evaluate(metric("sum"), TREE, amounts, {}, [*rows, stated])
    nothing = Value.of(Fraction(0))
    assert found[office].value == total
    assert found[office].parts == without.get(office, nothing).value
    difference = total - without.get(office, nothing).value
    assert found[CITY].value == without.get(CITY, nothing).value + difference


@given(amounts=own)
def test_sums_of_subtrees_leave_out_what_comes_to_nothing(amounts: dict[int, int]) -> None:
    sums = subtree_sums(TREE, amounts)
    assert all(value > 0 for value in sums.values())
    assert sums.get(CITY, 0) == sum(amounts.values())
