"""Statements written once with names, as each driver takes them."""

from __future__ import annotations

import pytest

from core import database
from core.database.statements import expanded, numbered
from core.process import Process

LISTED = "SELECT 1 FROM t WHERE a IN (:ids) AND b = :b"


def test_a_list_is_written_out_a_parameter_a_member() -> None:
    sql, values = expanded(LISTED, {"ids": [7, 8], "b": 1})
    assert sql == "SELECT 1 FROM t WHERE a IN (:ids_0, :ids_1) AND b = :b"
    assert values == {"ids_0": 7, "ids_1": 8, "b": 1}


def test_a_list_stands_for_its_members_wherever_it_stands() -> None:
    sql, _ = expanded("a NOT IN (:ids) OR b IN (0, :ids)", {"ids": [7, 8]})
    assert sql == "a NOT IN (:ids_0, :ids_1) OR b IN (0, :ids_0, :ids_1)"
    assert expanded("a IN (:ids)", {"ids": []}) == ("a IN (NULL)", {})


def test_a_name_has_one_number_however_often_it_stands() -> None:
    assert numbered("a = :a OR b = :b OR c = :a") == ("a = $1 OR b = $2 OR c = $1", ("a", "b"))


@pytest.mark.parametrize(("ids", "found"), [([], []), ([2], [2]), ([1, 3, 9], [1, 3])])
async def test_lists_select_on_both_engines(
    ids: list[int], found: list[int], process: Process
) -> None:
    await database.execute("CREATE TABLE listed (id INTEGER, name VARCHAR(9))")
    rows = [{"id": number, "name": f"n{number}"} for number in (1, 2, 3)]
    await database.execute_many("INSERT INTO listed VALUES (:id, :name)", rows)
    names = [f"n{number}" for number in ids]
    for column, given in (("id", ids), ("name", names), ("name", tuple(names))):
        selected = await database.fetch(
            f"SELECT id FROM listed WHERE {column} IN (:given) ORDER BY id", given=given
        )
        assert [row["id"] for row in selected] == found
