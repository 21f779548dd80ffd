"""Import rules that import-linter cannot hold (`make check` runs it for the rest)."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path

import pytest

from tests.architecture.source import (
    PACKAGES,
    ROOT,
    imports,
    is_within,
    modules,
    place,
    tree,
)

BUILT_IN = {"condolence", "job_fair", "volunteer", "publicity"}
# `volunteer` alone is a role as well, so of it only its metrics are told.
PLUGIN_NAME = re.compile(r"(condolence|job_fair|publicity)(\..*)?|volunteer\..+")


def offences(folders: tuple[str, ...], forbidden: str) -> list[str]:
    """Imports of `forbidden` in the modules of `folders`, each with its place."""
    return [
        f"{place(path)} imports {module}"
        for path in modules(*folders)
        for module in imports(path)
        if is_within(module, forbidden)
    ]


def test_nothing_imports_the_composition_root() -> None:
    assert offences(PACKAGES, "app") == []


@pytest.mark.parametrize("package", ["plugins", "tests"])
def test_the_composition_root_gets_plugins_by_their_entry_points_alone(package: str) -> None:
    found = [name for name in imports(ROOT / "app.py") if is_within(name, package)]
    assert found == []


def test_nothing_imports_the_tests() -> None:
    assert offences(PACKAGES, "tests") == []


def test_the_kit_for_plugins_stands_on_its_own() -> None:
    """Else a plugin would reach the rest of api through it."""
    found = [
        f"{place(path)} imports {module}"
        for path in modules("api/kit")
        for module in imports(path)
        if is_within(module, "api") and module != "api" and not is_within(module, "api.kit")
    ]
    assert found == []


def test_core_events_and_api_name_no_plugin() -> None:
    named = [
        f"{place(path)}:{node.lineno} {node.value!r}"
        for path in modules("core", "events", "api")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and PLUGIN_NAME.fullmatch(node.value)
    ]
    assert named == []


def test_the_built_in_plugins_come_by_the_entry_point_group() -> None:
    found = {
        entry.name: entry.value
        for entry in entry_points(group="tongxing.plugins")
        if is_within(entry.value, "plugins")
    }
    assert found == {name: f"plugins.{name}" for name in BUILT_IN}


def test_all_modules_import_without_settings_and_without_a_trace(tmp_path: Path) -> None:
    """Importing reads no settings, opens no database and writes nothing."""
    names = [place(path).removesuffix(".py").replace("/", ".") for path in modules(*PACKAGES)]
    names = [name.removesuffix(".__init__") for name in names] + ["app", "piccolo_conf"]
    program = f"import importlib\nfor name in {names!r}:\n    importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def third_party_imports(path: Path) -> set[str]:
    """Top names of what a module imports that is neither Python's nor ours."""
    tops = {module.split(".")[0] for module in imports(path)} - sys.stdlib_module_names
    return {top for top in tops if not ((ROOT / top).exists() or (ROOT / f"{top}.py").exists())}


def pinned_in(name: str) -> set[str]:
    """Names of the packages that one of the files of requirements asks for."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines()
    return {re.split(r"[=;\[ ]", line)[0].lower().replace("-", "_") for line in lines}


def test_what_the_software_imports_is_pinned_by_name() -> None:
    """A package that is there only because another, or the tests, wanted it may go any day.

    The bench is run where the tests are.
    """
    pinned = {name: pinned_in(name) for name in ("run", "dev")}
    distributions = packages_distributions()
    unpinned = {
        f"{place(path)} imports {top}"
        for path in modules()
        for top in third_party_imports(path)
        if not (pinned["run"] | (pinned["dev"] if place(path).startswith("bench/") else set()))
        & {d.lower().replace("-", "_") for d in distributions.get(top, [])}
    }
    assert unpinned == set()
