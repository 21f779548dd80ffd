"""Rules of job fairs: words, stages and wording that shuts disabled people out, without any I/O."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MODES = {"onsite": "现场", "online": "线上"}
# What of a fair stands in calendars.
TOLD_BY_CALENDARS = ("held_on", "mode", "organisation", "activity")
# The way of an application that goes well, in order, then the two ways in which it ends otherwise.
STAGES = {
    "applied": "已投递简历",
    "interviewed": "已面试",
    "intent": "达成初步意向",
    "signed": "已签约",
    "hired": "已就业",
    "rejected": "未录用",
    "withdrawn": "本人放弃",
}
PROGRESS = ("applied", "interviewed", "intent", "signed", "hired")
# Applications that still wait for something.
UNDECIDED_STAGES = PROGRESS[:-1]
# Who has signed or been hired had an intent before; an intent or a contract is no employment yet.
INTENT_STAGES = PROGRESS[PROGRESS.index("intent") :]
HIRED_STAGES = PROGRESS[PROGRESS.index("hired") :]

ACCOMMODATIONS = {
    "accessible_toilet": "无障碍卫生间",
    "adapted_interview": "面试方式可调整",
    "braille": "盲文材料",
    "captions": "文字沟通或实时字幕",
    "companion": "可有人陪同",
    "dormitory_alarm": "宿舍报警呼叫器",
    "flexible_hours": "弹性工作时间",
    "guide_dog": "可带导盲犬",
    "large_print": "大字材料",
    "remote_work": "可居家办公",
    "screen_reader": "读屏软件",
    "sign_language": "手语翻译",
    "transport": "交通接送",
    "wheelchair": "轮椅通道",
}

# Conditions that keep disabled people out of a fair held for them. 残疾人保障法 forbids
# discrimination in hiring; fairs have failed over exactly these words.
DISCRIMINATORY_WORDING = ("身体健康", "五官端正", "四肢健全", "无残疾")
# Right before such a word these turn it into its contrary: 不要求身体健康, 有无残疾均可. A mark or
# a space in between does not: 学历不要求，身体健康 asks for health.
_WAIVERS = ("不要求", "不需要", "无需", "不必")
_CONTRARY_BEFORE = {"无残疾": "(?<!有)"}
_CONTRARY_AFTER = {"无残疾": "(?!人?歧视)"}


def _pattern(word: str) -> re.Pattern[str]:
    """``word``, whatever marks and spaces stand between its characters, unless it is waived."""
    waived = "".join(f"(?<!{waiver})" for waiver in _WAIVERS)
    before, after = _CONTRARY_BEFORE.get(word, ""), _CONTRARY_AFTER.get(word, "")
    return re.compile(waived + before + r"[\W_]*".join(word) + after)


_BETWEEN_WORDS = re.compile(r"[、，,;；\n]+")
_PATTERNS = {word: _pattern(word) for word in DISCRIMINATORY_WORDING}


def accommodation_label(word: str) -> str:
    """What people call an accommodation; a word of somebody's own stands for itself."""
    return ACCOMMODATIONS.get(word, word)


def read_accommodations(text: str) -> list[str]:
    """Accommodations as people write them, 手语翻译、轮椅通道, as a bundle holds them.

    Known ones become their codes; words of somebody's own stay as they are.
    """
    codes = {label: code for code, label in ACCOMMODATIONS.items()}
    words = (word.strip() for word in _BETWEEN_WORDS.split(text))
    return list(dict.fromkeys(codes.get(word, word) for word in words if word))


def accommodations_text(words: Iterable[str]) -> str:
    """Accommodations as ``read_accommodations`` reads them."""
    return "、".join(accommodation_label(word) for word in words)


@lru_cache(maxsize=4096)  # the same few hundred titles stand in every fair
def discriminatory_wording(title: str) -> tuple[str, ...]:
    """The conditions in a position's title that shut disabled people out.

    Those of DISCRIMINATORY_WORDING, in its order. Full-width letters, spaces and marks between the
    characters hide nothing. A condition that is waived in so many words (不要求身体健康) is none.
    """
    plain = unicodedata.normalize("NFKC", title)
    return tuple(word for word, pattern in _PATTERNS.items() if pattern.search(plain))
