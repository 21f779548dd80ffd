"""Sizes and names."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import modules, place, tree

LONGEST_MODULE = 300
LONGEST_FUNCTION = 45
# Names that say where something was put and not what it is.
EMPTY_NAMES = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}


def words(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name, in lower case."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_no_module_is_too_long() -> None:
    lengths = {place(p): len(p.read_text(encoding="utf-8").splitlines()) for p in modules()}
    assert lengths
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_function_is_too_long() -> None:
    too_long = {
        f"{place(path)}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert too_long == {}


def test_names_say_what_a_thing_is() -> None:
    empty = [
        place(path)
        for path in modules()
        if any(EMPTY_NAMES & words(part.removesuffix(".py")) for part in place(path).split("/"))
    ]
    empty += [
        f"{place(path)}:{node.lineno} {node.name}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and EMPTY_NAMES & words(node.name)
    ]
    assert empty == []


def test_words_of_names_are_told_apart() -> None:
    assert words("RecordManager") == {"record", "manager"}
    assert words("date_utils") == {"date", "utils"}
    assert words("commonplace_HTTPManager") == {"commonplace", "http", "manager"}
