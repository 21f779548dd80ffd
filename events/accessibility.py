"""Accessibility services: what can be offered at an activity, and what is asked for and missing.

The words travel in bundles as slugs. A word that stands not in this list is kept and shown as it
is: an office may have written 手语 itself.
"""

from __future__ import annotations

from collections.abc import Iterable

SERVICES: dict[str, str] = {
    "sign_language": "手语翻译",
    "captions": "字幕",
    "wheelchair": "轮椅通道",
    "accessible_toilet": "无障碍卫生间",
    "accessible_parking": "无障碍停车位",
    "transport": "接送服务",
    "guide": "引导服务",
    "companion_seat": "陪同席位",
    "guide_dog": "导盲犬通行",
    "braille": "盲文材料",
    "large_print": "大字材料",
    "easy_reading": "易读材料",
    "audio_description": "口述影像",
    "hearing_loop": "助听感应环路",
    "quiet_room": "安静休息室",
    "online": "线上参加",
}


def label(word: str) -> str:
    """What people call a service; an unknown word is its own label."""
    return SERVICES.get(word, word)


def labels(words: Iterable[str]) -> tuple[str, ...]:
    """The labels of some services, in the order of the list, unknown words after it."""
    known = list(SERVICES)
    given = sorted(set(words), key=lambda w: (known.index(w) if w in SERVICES else len(known), w))
    return tuple(label(word) for word in given)


def unmet(asked: Iterable[str], offered: Iterable[str]) -> tuple[str, ...]:
    """The services that were asked for and are not offered, each once."""
    there = set(offered)
    return tuple(dict.fromkeys(word for word in asked if word not in there))
