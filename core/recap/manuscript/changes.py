"""What an author may do to a manuscript, each act with its rules and its line in the log.

Every function takes the revision that the author has seen (``seen``) and raises Conflict, with what
was done since, when it is no longer the newest; Refusal with every fault by member; Missing for a
part that is not there or an office where he may not write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.permissions import Actor
from core.recap.manuscript import parts
from core.recap.manuscript.manuscripts import (
    Desk,
    Manuscript,
    all_parts,
    change,
    find_part,
    title_of,
)
from core.recap.manuscript.parts import Part
from core.refusals import Conflict, Fault, Missing, Refusal
from core.shapes import UNPRINTABLE

LONGEST_TITLE, LONGEST_HEADING, LONGEST_TEXT = 50, 100, 5_000
MOST_FREE = 20
UP, DOWN, HIDE, SHOW = "up", "down", "hide", "show"
ACTIONS = {
    UP: "recap.part_moved",
    DOWN: "recap.part_moved",
    HIDE: "recap.part_hidden",
    SHOW: "recap.part_shown",
}

Check = Callable[[str], Sequence[str]]
"""Says what is wrong with a text, in sentences."""


def no_check(_text: str) -> Sequence[str]:
    """Find nothing wrong: for texts that name no figure."""
    return ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A whole manuscript as somebody hands it in; ``parts`` in their order."""

    title: str
    recipient: str
    parts: tuple[Part, ...]


async def head(actor: Actor, where: Desk, seen: int, title: str, recipient: str) -> Manuscript:
    """Give the recap a title and say to whom it is handed; empty for the usual title, for nobody.

    The colon behind a recipient is set by whoever prints it.
    """
    recipient = recipient.strip().rstrip("：:").rstrip()
    faults = [
        *_text_faults("title", title, LONGEST_HEADING),
        *_text_faults("recipient", recipient, LONGEST_HEADING),
    ]
    _refuse(faults)

    def edit(before: Manuscript) -> tuple[Manuscript, str, Mapping[str, Any]]:
        said = {"title": title, "recipient": recipient}
        return replace(before, title=title, recipient=recipient), "recap.headed", said

    return await change(actor, where, seen, edit)


async def place(actor: Actor, where: Desk, seen: int, key: str, act: str) -> Manuscript:
    """Move a part a step ``up`` or ``down`` among those beside it, ``hide`` it or ``show`` it."""
    if act not in ACTIONS:
        raise Refusal.of("value", "请从列出的操作里选", "act")

    def edit(before: Manuscript) -> tuple[Manuscript, str, Mapping[str, Any]]:
        part = find_part(where, before, key)
        whole = parts.completed(before.parts, where.children)
        if act in {UP, DOWN}:
            shown = [each.key for each in all_parts(where, before)]
            whole = parts.moved(whole, key, -1 if act == UP else 1, shown)
        else:
            whole = _with(whole, replace(part, hidden=act == HIDE))
        said = {"part": title_of(where, part), "key": key, "act": act}
        return replace(before, parts=whole), ACTIONS[act], said

    return await change(actor, where, seen, edit)


async def write(
    actor: Actor, where: Desk, seen: int, part: Part, *, check: Check = no_check
) -> Manuscript:
    """Give a part that is there another title and, where its author writes it, another text."""
    _refuse(part_faults(part, check))

    def edit(before: Manuscript) -> tuple[Manuscript, str, Mapping[str, Any]]:
        find_part(where, before, part.key)
        whole = _with(parts.completed(before.parts, where.children), part)
        return replace(before, parts=whole), "recap.part_written", _said(where, part)

    return await change(actor, where, seen, edit)


async def add(
    actor: Actor, where: Desk, seen: int, title: str, text: str, *, check: Check = no_check
) -> str:
    """Add a part with a title and a text of the author's own; gives its key."""
    _refuse(part_faults(Part("free-1", title, text), check))
    made = []

    def edit(before: Manuscript) -> tuple[Manuscript, str, Mapping[str, Any]]:
        whole = parts.completed(before.parts, where.children)
        if sum(part.is_free for part in whole) >= MOST_FREE:
            raise Conflict.of("too_many", f"最多自己增加 {MOST_FREE} 个部分")
        part = Part(parts.free_key(whole), title, text)
        made.append(part.key)
        # Where a paragraph that has no place of its own is expected: before what comes next.
        at = next(place for place, each in enumerate(whole) if each.key == "next")
        after = (*whole[:at], part, *whole[at:])
        return replace(before, parts=after), "recap.part_added", _said(where, part)

    await change(actor, where, seen, edit)
    return made[0]


async def remove(actor: Actor, where: Desk, seen: int, key: str) -> Manuscript:
    """Take away a part that the author has added, with its text."""

    def edit(before: Manuscript) -> tuple[Manuscript, str, Mapping[str, Any]]:
        part = find_part(where, before, key)
        if not part.is_free:
            raise Conflict.of("standard_part", "只有自己增加的部分可以删除，别的可以隐藏")
        kept = tuple(each for each in before.parts if each.key != key)
        return replace(before, parts=kept), "recap.part_removed", _said(where, part)

    return await change(actor, where, seen, edit)


async def put(
    actor: Actor, where: Desk, seen: int, wanted: Wanted, *, check: Check = no_check
) -> Manuscript:
    """Write the whole manuscript anew; a part that is not named is as if nobody had touched it."""
    recipient = wanted.recipient.strip().rstrip("：:").rstrip()
    faults = [
        *_text_faults("title", wanted.title, LONGEST_HEADING),
        *_text_faults("recipient", recipient, LONGEST_HEADING),
        *_list_faults(where, wanted.parts),
    ]
    for position, part in enumerate(wanted.parts):
        faults += [
            Fault(f"/parts/{position}{fault.pointer}", fault.code, fault.message)
            for fault in part_faults(part, check)
        ]
    _refuse(faults)

    def edit(before: Manuscript) -> tuple[Manuscript, str, Mapping[str, Any]]:
        named = {part.key for part in wanted.parts}
        # What stands there of plugins that are not in use now waits for them.
        waiting = tuple(
            part
            for part in before.parts
            if parts.is_child(part.key) and part.key not in where.children and part.key not in named
        )
        after = replace(
            before, title=wanted.title, recipient=recipient, parts=(*wanted.parts, *waiting)
        )
        said = {"title": wanted.title, "parts": [part.key for part in wanted.parts]}
        return after, "recap.manuscript_set", said

    return await change(actor, where, seen, edit)


def part_faults(part: Part, check: Check = no_check) -> list[Fault]:
    """What is wrong with a part by itself."""
    faults = _text_faults("title", part.title, LONGEST_TITLE)
    if "\n" in part.title:
        faults.append(Fault("/title", "value", "小标题只能写一行"))
    if part.is_free and not part.title:
        faults.append(Fault("/title", "missing", "请写小标题"))
    if part.text and not part.is_written:
        faults.append(Fault("/text", "value", "这一部分由系统写，不能自己写正文"))
        return faults
    unfit = _text_faults("text", part.text, LONGEST_TEXT)
    faults += unfit
    if not unfit:
        faults += [Fault("/text", "value", sentence) for sentence in check(part.text)]
    return faults


def _list_faults(where: Desk, wanted: Sequence[Part]) -> list[Fault]:
    """Parts that nobody knows, or that stand twice."""
    faults, named = [], set[str]()
    for position, part in enumerate(wanted):
        pointer = f"/parts/{position}/key"
        if part.key in named:
            faults.append(Fault(pointer, "duplicate", f"“{part.key}”写了两次"))
        named.add(part.key)
        known = part.key in parts.STANDARD or part.key in where.children or part.is_free
        if not known:
            faults.append(Fault(pointer, "unknown_reference", f"总结里没有“{part.key}”这个部分"))
    if sum(part.is_free for part in wanted) > MOST_FREE:
        faults.append(Fault("/parts", "too_many", f"最多自己增加 {MOST_FREE} 个部分"))
    return faults


def _text_faults(member: str, text: str, longest: int) -> list[Fault]:
    if len(text) > longest:
        message = f"最多 {longest} 个字，现在有 {len(text)} 个"
        return [Fault(f"/{member}", "too_long", message)]
    if UNPRINTABLE.search(text):
        return [Fault(f"/{member}", "value", "文字里有不能显示的控制字符")]
    return []


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise Refusal(*faults)


def _with(whole: Sequence[Part], part: Part) -> tuple[Part, ...]:
    if part.key not in {each.key for each in whole}:
        raise Missing(f"总结里没有编号为“{part.key}”的部分")
    return tuple(part if each.key == part.key else each for each in whole)


def _said(where: Desk, part: Part) -> dict[str, Any]:
    """What the log keeps of a part: not its text, which may name people."""
    title = title_of(where, part)
    return {"part": title, "key": part.key, "characters": len(part.text), "hidden": part.hidden}
