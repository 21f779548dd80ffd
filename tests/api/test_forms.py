from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from api.kit.forms import Form, filled
from core.refusals import Fault, Refusal
from core.spreadsheets import Column


def test_what_clerks_type_is_read_as_in_a_cell():
    form = filled(
        [
            ("count", "１２"),
            ("cash", "￥1,234.50"),
            ("day", "2026年5月17日"),
            ("at", "2026-05-17T14:00"),
            ("text", " 甲\u200b\x07乙 "),
            ("key", "a-1"),
            ("ratio", "0.5"),
        ]
    )
    assert form.count("count") == 12
    assert form.money("cash") == 123450
    assert form.day("day") == date(2026, 5, 17)
    assert form.moment("at") == datetime(2026, 5, 17, 6, tzinfo=UTC)
    assert form.text("text") == "甲乙"
    assert form.key("key") == "a-1"
    assert str(form.decimal("ratio")) == "0.5"
    assert form.ok


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("count", "1.5"),
        ("count", "-1"),
        ("money", "1.234"),
        ("money", "五百"),
        ("day", "2026-02-30"),
        ("moment", "2026-05-17"),
        ("key", "甲"),
        ("text", "x" * 501),
    ],
)
def test_a_faulty_field_is_noted_and_keeps_what_was_typed(kind, typed):
    form = filled([("field", typed)])
    assert not getattr(form, kind)("field")
    assert set(form.errors) == {"field"}
    assert form.values["field"] == typed


def test_blank_is_nothing_unless_required():
    form = filled([("a", "  "), ("b", "")])
    assert form.count("a") is None
    assert form.text("b") == ""
    assert form.ok
    form.day("a", required=True)
    form.text("missing", required=True)
    assert set(form.errors) == {"a", "missing"}
    assert [each["name"] for each in form.summary] == ["a", "missing"]


def test_choices_take_only_what_was_offered():
    form = Form(values={"one": "x", "two": "a"}, lists={"many": ["b", "a", "b"], "bad": ["z"]})
    assert form.choice("two", {"a": "甲"}) == "a"
    assert form.chosen("many", ["a", "b", "c"]) == ("a", "b")
    assert form.ok
    assert form.choice("one", {"a": "甲"}) is None
    assert form.chosen("bad", ["a"]) == ()
    assert set(form.errors) == {"one", "bad"}


def test_a_column_of_choices_takes_code_and_label():
    column = Column("kind", "类别", "choice", choices={"家庭": "household"})
    assert filled([("kind", "household")]).take(column) == "household"
    assert filled([("kind", "家庭")]).take(column) == "household"
    form = filled([("kind", "其他")])
    assert form.take(column) is None
    assert not form.ok


def test_a_secret_is_as_typed_and_never_comes_back():
    form = filled([("password", " with blanks ")])
    assert form.secret("password") == " with blanks "
    assert form.values["password"] == ""


def test_a_rules_faults_go_to_their_fields_or_to_the_whole():
    form = filled([("name", "x")])
    form.absorb(Refusal(Fault("/name", "value", "不对"), Fault("/other", "value", "别处不对")))
    assert form.errors == {"name": "不对", "": "别处不对"}
