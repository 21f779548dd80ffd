"""The parts of a recap: which there are, in what order they stand, and putting them into it.

A part is a section that the software makes, or one that its author writes. Those made by plugins
stand below ``work`` and have keys such as ``work.other``; free ones have ``free-1`` and so on.
Nothing here reads the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.recap.model import Paragraph, Photo, Section, Text

WORK, PHOTOS = "work", "photos"
BELOW_WORK = f"{WORK}."
FREE = re.compile(r"free-[1-9][0-9]{0,2}")
# Said to whoever checks the recap and no part of what is handed in: always last.
ALWAYS_LAST = frozenset({"findings"})

Paragraphs = Callable[[str], tuple[Paragraph, ...]]
"""Makes the paragraphs of a text that somebody has written."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A part that every recap may have; ``written`` ones are empty until somebody writes them."""

    key: str
    title: str
    hint: str = ""
    written: bool = False


# In the order of summaries that offices have handed in (basis, leadership, what was done, effect,
# problems, next steps, thanks). A part without content is not printed.
STANDARD: dict[str, Standard] = {
    each.key: each
    for each in (
        Standard("overview", "总体情况"),
        Standard(
            "leadership",
            "加强组织领导",
            "写怎样部署：何时开会、谁牵头、印发了什么通知、怎样分工。",
            written=True,
        ),
        Standard(WORK, "活动开展情况"),
        Standard("days", "每日进展"),
        Standard("by_organisation", "各单位情况"),
        Standard("targets", "任务完成情况"),
        Standard("comparison", "与上次对比"),
        Standard(
            "results",
            "取得成效",
            "写带来了什么变化：残疾人得到什么、社会有什么反响、有什么经验可以推广。",
            written=True,
        ),
        Standard(
            "problems",
            "存在问题",
            "写还有什么不足：没有完成的任务、覆盖不到的人群、经费和人手的困难。",
            written=True,
        ),
        Standard(
            "next",
            "下一步打算",
            "写接下来做什么：谁负责、何时完成，和上面的问题对应起来。",
            written=True,
        ),
        Standard("thanks", "致谢", "写感谢谁：参与的单位、企业、志愿者和社会各界。", written=True),
        Standard(PHOTOS, "活动照片"),
    )
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part as its author wants it. ``title`` is empty for the usual one, ``text`` for none."""

    key: str
    title: str = ""
    text: str = ""
    hidden: bool = False

    @property
    def is_free(self) -> bool:
        """Whether the author has added it."""
        return FREE.fullmatch(self.key) is not None

    @property
    def is_written(self) -> bool:
        """Whether its text is the author's."""
        standard = STANDARD.get(self.key)
        return self.is_free or (standard is not None and standard.written)


def child_key(section: str) -> str:
    """The key of the part that holds a section below ``work``."""
    return BELOW_WORK + section


def is_child(key: str) -> bool:
    """Whether the part stands below ``work``."""
    return key.startswith(BELOW_WORK)


def usual_title(key: str, children: Mapping[str, str]) -> str:
    """The title that a part has when its author gives none; ``children`` by key of the part."""
    standard = STANDARD.get(key)
    return standard.title if standard else children.get(key, "")


def woven(order: Sequence[str], further: Sequence[str]) -> list[str]:
    """``order``, and each of ``further`` that it lacks after the one that precedes it there."""
    result = list(order)
    place = 0
    for key in further:
        if key not in result:
            result.insert(place, key)
        place = result.index(key) + 1
    return result


def usual_order(children: Iterable[str]) -> list[str]:
    """Keys of the parts as they stand when nobody has moved any."""
    order = list(STANDARD)
    after = order.index(WORK) + 1
    return [*order[:after], *children, *order[after:]]


def completed(stored: Sequence[Part], children: Iterable[str]) -> tuple[Part, ...]:
    """Every part: those that are stored, in their order, and the others at their usual places."""
    known = {part.key: part for part in stored}
    order = woven([part.key for part in stored], usual_order(children))
    return tuple(known.get(key) or Part(key) for key in order)


def moved(parts: Sequence[Part], key: str, step: int, seen: Iterable[str]) -> tuple[Part, ...]:
    """The parts with one a step up (-1) or down (1) among those beside it that people see.

    ``seen`` are the keys shown to whoever moves it; at the end of its row it stays where it is.
    """
    shown = set(seen)
    row = [part.key for part in parts if part.key in shown and is_child(part.key) == is_child(key)]
    if key not in row:
        return tuple(parts)
    place = row.index(key) + step
    if not 0 <= place < len(row):
        return tuple(parts)
    order = [part.key for part in parts]
    order.remove(key)
    order.insert(order.index(row[place]) + (1 if step > 0 else 0), key)
    known = {part.key: part for part in parts}
    return tuple(known[each] for each in order)


def free_key(parts: Iterable[Part]) -> str:
    """A key for a further free part."""
    taken = {part.key for part in parts}
    return next(key for n in range(1, len(taken) + 2) if (key := f"free-{n}") not in taken)


def lines(text: str) -> tuple[Paragraph, ...]:
    """Each line that is not blank as a paragraph, word by word."""
    return tuple(Paragraph((Text(line.strip()),)) for line in text.splitlines() if line.strip())


def arranged(
    sections: Sequence[Section],
    stored: Sequence[Part],
    photos: Sequence[Photo] = (),
    paragraphs: Paragraphs = lines,
) -> tuple[Section, ...]:
    """The sections of a recap as its author wants them, with those that he has written.

    A section that nobody knows stays behind the one that it came behind.
    """
    made = {section.key: section for section in sections if section.key not in ALWAYS_LAST}
    if photos:
        made[PHOTOS] = Section(PHOTOS, STANDARD[PHOTOS].title, tuple(photos))
    wishes = {part.key: part for part in stored}
    top = [part.key for part in stored if not is_child(part.key)]
    order = woven(woven(top, usual_order(())), [section.key for section in sections])
    result = []
    for key in order:
        wish = wishes.get(key) or Part(key)
        section = _written(wish, paragraphs) if wish.is_written else made.get(key)
        if section is None or wish.hidden:
            continue
        shaped = _below(_titled(section, wish), stored)
        if shaped.blocks or shaped.sections:
            result.append(shaped)
    return (*result, *(section for section in sections if section.key in ALWAYS_LAST))


def section_key(section: Section) -> str:
    """The key of the part that a section below ``work`` belongs to."""
    return child_key(section.plugin or section.key)


def _written(part: Part, paragraphs: Paragraphs) -> Section | None:
    blocks = paragraphs(part.text) if part.text.strip() else ()
    standard = STANDARD.get(part.key)
    title = standard.title if standard else part.title
    return Section(part.key, title, blocks) if blocks else None


def _titled(section: Section, wish: Part) -> Section:
    return replace(section, title=wish.title) if wish.title else section


def _below(section: Section, stored: Sequence[Part]) -> Section:
    """The same section with what stands below it as its author wants it."""
    if section.key != WORK:
        return section
    wishes = {part.key: part for part in stored}
    made: dict[str, list[Section]] = {}
    for child in section.sections:
        made.setdefault(section_key(child), []).append(child)
    order = woven([part.key for part in stored if part.key in made], list(made))
    wanted = [wishes.get(key) or Part(key) for key in order]
    children = (_titled(c, wish) for wish in wanted if not wish.hidden for c in made[wish.key])
    return replace(section, sections=tuple(children))
