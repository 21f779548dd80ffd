"""Sentences right and wrong: precision and recall, kind by kind, printed and held above 0.95.

`corpus.toml` was written before the rules were tuned on it. The `held_out` sets were written later
and first run as they were: precision 1.00 and recall 0.97, then 0.95 and 0.67 (other phrasings),
then 1.00 and 0.93, then 0.93 and 0.93. What they showed was mended; they stay as tests.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.proofread.checking import text_findings

FOLDER = Path(__file__).parent
SETS = ("corpus", "held_out", "held_out_second", "held_out_third", "held_out_fourth")
LEAST = 0.95


def read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def found(text: str) -> Counter[str]:
    return Counter(f"{finding.finding} {finding.quote}" for finding in text_findings(text))


RIGHT = [(name, text) for name in SETS for text in read(name)["right"]]
WRONG = [(name, case["text"], case["expected"]) for name in SETS for case in read(name)["wrong"]]


def test_the_corpus_is_large_and_half_wrong() -> None:
    assert len(RIGHT) + len(WRONG) >= 400
    assert 0.4 < len(WRONG) / (len(RIGHT) + len(WRONG)) < 0.6
    assert len({text for _, text in RIGHT} | {text for _, text, _ in WRONG}) == len(RIGHT) + len(
        WRONG
    )


@pytest.mark.parametrize("text", [text for _, text in RIGHT])
def test_a_right_sentence_raises_no_alarm(text: str) -> None:
    assert found(text) == Counter()


@pytest.mark.parametrize(("text", "expected"), [(text, expected) for _, text, expected in WRONG])
def test_a_wrong_sentence_is_found_out_once(text: str, expected: list[str]) -> None:
    assert found(text) == Counter(expected)


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    hit: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for _, text, expected in [*((name, text, []) for name, text in RIGHT), *WRONG]:
        said, wanted = found(text), Counter(expected)
        hit.update(key.split()[0] for key in (said & wanted).elements())
        false.update(key.split()[0] for key in (said - wanted).elements())
        missed.update(key.split()[0] for key in (wanted - said).elements())
    lines = [f"{'':10} {'found':>6} {'false':>6} {'missed':>6} precision recall"]
    for kind in [*sorted(hit | false | missed), "all"]:
        a, b, c = (sum(n.values()) if kind == "all" else n[kind] for n in (hit, false, missed))
        precision, recall = a / (a + b or 1), a / (a + c or 1)
        lines.append(f"{kind:10} {a:6} {b:6} {c:6} {precision:9.3f} {recall:6.3f}")
        assert precision > LEAST, kind
        assert recall > LEAST, kind
    with capsys.disabled():
        print("\n" + "\n".join(lines))  # noqa: T201 - the measure that the corpus is for


@pytest.mark.parametrize("text", [text for _, text, _ in WRONG[:124]])
def test_every_finding_explains_itself(text: str) -> None:
    for finding in text_findings(text):
        assert text[finding.offset : finding.offset + len(finding.quote)] == finding.quote
        assert any("一" <= letter <= "龥" for letter in finding.message)
        assert finding.metric is None
        if finding.finding in ("ratio", "sum", "product", "rounding"):
            assert "＝" in finding.message
            assert finding.expected
        assert set(finding.as_json()) == {
            "quote", "offset", "finding", "stated", "expected", "metric", "message",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected", "arithmetic"),
    [
        ("任务436人，完成786人，完成率161.7%。", "180.28%", "786人÷436人＝180.28%"),
        ("共调查1907人，其中入户1719人、电话170人。", "1889人", "1719人＋170人＝1889人"),
        ("为150户每户发放300元，共计4.6万元。", "4.5万元", "150户×300元＝4.5万元"),
        ("发放资料近900余份。", "900余份", "“近”“余”"),
        ("安置12人，任务5人，超额240%完成。", "完成率240%", "240%只超额140%"),
        ("应到79人，实到67人，到会率84%。", "85%", "84.8101%"),
        ("慰问困难家庭118名。", "118户", "户数与人数不能混用"),
        ("志愿者由去年的260人增加到312人，增长30%。", "20%", "（312－260）÷260＝20%"),
    ],
)
def test_the_right_number_and_the_arithmetic_are_told(
    text: str, expected: str, arithmetic: str
) -> None:
    (finding,) = text_findings(text)
    assert finding.expected == expected
    assert arithmetic in finding.message


def test_findings_come_in_the_order_of_the_text() -> None:
    text = "慰问困难家庭118名，发放资料近900余份，任务436人，完成786人，完成率161.7%。"
    offsets = [finding.offset for finding in text_findings(text)]
    assert len(offsets) == 3
    assert offsets == sorted(offsets)
