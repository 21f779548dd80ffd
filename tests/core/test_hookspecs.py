"""Hooks, their documentation, their use and their proof agree; what the document quotes is real."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from core import hookspecs, plugins

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "plugins.md"
HOOKS: dict[str, Any] = {
    name: spec
    for name, spec in vars(hookspecs).items()
    if hasattr(spec, f"{hookspecs.PROJECT}_spec")
}
HEADING = re.compile(r"^### `((\w+)\(.*)`$", re.MULTILINE)
QUOTATION = re.compile(r"^From `([^`]+)`:\n\n```\w*\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
# Where each hook is proven: through the tests' plugin, or where the one that uses it is tested.
LOADING = "tests/core/plugins/test_plugins.py"
THIRD_PARTY = "tests/test_third_party_plugin.py"
PROOFS = {
    "register_plugin": (LOADING, "test_a_plugin_bears_the_key_of_its_entry_point"),
    "register_piccolo_apps": (THIRD_PARTY, "test_its_table_comes_with_its_migrations"),
    "register_routes": (THIRD_PARTY, "test_its_page_lists_and_takes_down"),
    "register_permissions": (THIRD_PARTY, "test_its_page_is_found_by_those_who_may_alone"),
    "register_metrics": (THIRD_PARTY, "test_its_metrics_go_up_the_tree"),
    "register_activity_kinds": (THIRD_PARTY, "test_its_kind_of_activity_is_offered"),
    "register_bundle_section": (THIRD_PARTY, "test_its_records_travel_in_bundles"),
    "register_slow_reading": (THIRD_PARTY, "test_its_figures_are_held_against_its_slow_reading"),
    "register_recap_templates": (THIRD_PARTY, "test_an_office_words_its_part_otherwise"),
    "register_commands": (THIRD_PARTY, "test_its_command_stands_beside_ours"),
    "measure": (THIRD_PARTY, "test_its_metrics_go_up_the_tree"),
    "figure_records": (THIRD_PARTY, "test_its_figures_open_down_to_its_records"),
    "recap_section": (THIRD_PARTY, "test_it_writes_its_part_of_the_recap_and_its_findings"),
    "navigation": (THIRD_PARTY, "test_its_page_is_found_by_those_who_may_alone"),
    "calendar_entries": (THIRD_PARTY, "test_its_entries_stand_in_the_calendar"),
    "findings": (THIRD_PARTY, "test_it_writes_its_part_of_the_recap_and_its_findings"),
    "live_counts": ("tests/api/test_live.py", "test_who_is_on_duty_is_told_as_it_changes"),
    "campaign_cloned": ("tests/test_failing_plugin.py", "test_a_clone_is_made_and_names_it"),
    "personal_data": (
        "tests/plugins/condolence/test_hooks.py",
        "test_somebody_is_told_what_is_kept_and_is_forgotten",
    ),
}


def documented() -> dict[str, str]:
    """Signature of each hook that the document describes."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return {name: signature for signature, name in HEADING.findall(text)}


def test_every_hook_is_documented_with_its_signature_and_no_other() -> None:
    declared = {
        name: name + str(inspect.signature(spec)).replace("'", "") for name, spec in HOOKS.items()
    }
    assert documented() == declared


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_docstring_and_types(name: str) -> None:
    spec = HOOKS[name]
    assert inspect.getdoc(spec)
    signature = inspect.signature(spec)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(p.annotation is not p.empty for p in signature.parameters.values())


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_is_used_by_something_that_is_built_in(name: str) -> None:
    """A hook exists when the house itself needs it."""
    found = plugins.load()
    ours = [
        key
        for key in (*found.foundations, *found.keys)
        if getattr(found.manager.get_plugin(key), "__name__", "").startswith(
            ("plugins.", "events.")
        )
        and name in found.hooks_of(key)
    ]
    assert ours != []


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_has_a_proof(name: str) -> None:
    file, test = PROOFS[name]
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert test in tests


def test_no_proof_is_of_a_hook_that_is_gone() -> None:
    assert set(PROOFS) == set(HOOKS)


QUOTATIONS = QUOTATION.findall(DOCUMENT.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("file", "quoted"), QUOTATIONS, ids=lambda value: value.split("\n")[0])
def test_what_the_document_quotes_stands_there(file: str, quoted: str) -> None:
    assert f"\n{quoted}\n" in "\n" + (ROOT / file).read_text(encoding="utf-8")


def test_every_hook_has_an_example() -> None:
    """Under each heading stands at least one quotation."""
    text = DOCUMENT.read_text(encoding="utf-8")
    parts = re.split(r"^##+ ", text, flags=re.MULTILINE)
    without = [
        part.split("\n")[0] for part in parts if part.startswith("`") and not QUOTATION.search(part)
    ]
    assert without == []
    assert len(QUOTATIONS) > len(HOOKS)
