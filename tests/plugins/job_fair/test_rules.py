from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.job_fair.rules import (
    ACCOMMODATIONS,
    DISCRIMINATORY_WORDING,
    HIRED_STAGES,
    INTENT_STAGES,
    MODES,
    STAGES,
    accommodation_label,
    discriminatory_wording,
)


def test_stages_stand_in_the_order_of_the_exchange_format() -> None:
    assert list(STAGES) == [
        "applied",
        "interviewed",
        "intent",
        "signed",
        "hired",
        "rejected",
        "withdrawn",
    ]
    assert list(MODES) == ["onsite", "online"]


def test_signed_and_hired_seekers_count_as_intents_and_only_the_hired_as_hired() -> None:
    assert INTENT_STAGES == ("intent", "signed", "hired")
    assert HIRED_STAGES == ("hired",)


def test_every_word_for_people_is_chinese_and_said_once() -> None:
    for labels in (STAGES, MODES, ACCOMMODATIONS):
        assert len(set(labels.values())) == len(labels)
        assert all("\u4e00" <= letter <= "\u9fff" for text in labels.values() for letter in text)


def test_an_accommodation_of_somebodys_own_stands_for_itself() -> None:
    assert accommodation_label("sign_language") == "手语翻译"
    assert accommodation_label("每两小时休息一次") == "每两小时休息一次"


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("包装工", ()),
        ("保安（身体健康，五官端正）", ("身体健康", "五官端正")),
        ("五官端正、身体健康的前台", ("身体健康", "五官端正")),
        ("四肢健全者优先", ("四肢健全",)),
        ("搬运工，无残疾", ("无残疾",)),
        ("搬运工，无残疾人证", ("无残疾",)),
        ("身 体 健 康", ("身体健康",)),
        ("身·体_健-康", ("身体健康",)),
        ("健康管理师", ()),
        ("不要求身体健康", ()),
        ("无需四肢健全", ()),
        ("有无残疾均可", ()),
        ("无残疾歧视岗位", ()),
        ("无残疾人歧视岗位", ()),
        # The waiver is of something else.
        ("学历不要求，身体健康", ("身体健康",)),
        ("学历不限身体健康", ("身体健康",)),
        # One waived, one not.
        ("不要求身体健康，但要五官端正", ("五官端正",)),
        ("有无残疾均可，搬运岗须无残疾", ("无残疾",)),
    ],
)
def test_wording_that_shuts_disabled_people_out(title: str, found: tuple[str, ...]) -> None:
    assert discriminatory_wording(title) == found


@given(
    st.sampled_from(DISCRIMINATORY_WORDING),
    st.lists(st.sampled_from([" ", "\u3000", "、", "-", "_", "·"]), min_size=3, max_size=3),
    st.text("招聘工人岗位", max_size=20),
)
def test_marks_between_the_letters_hide_nothing(word: str, marks: list[str], around: str) -> None:
    spread = "".join(letter + mark for letter, mark in zip(word, [*marks, ""], strict=False))
    assert discriminatory_wording(around + spread + around) == (word,)
