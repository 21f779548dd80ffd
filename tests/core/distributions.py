"""Plugins made for a test: real packages with metadata of their own, found as any other is."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from core import plugins
from core.plugins import Plugins

Install = Callable[..., None]
HEAD = """
from __future__ import annotations
from core.hookspecs import hookimpl
from core.metrics import Metric
from core.permissions import Permission
from core.plugins import ActivityKind, PluginInfo
from core.recap.templating.texts import RecapTemplate
"""


def face(key: str, needs: tuple[str, ...] = ()) -> str:
    """The source of ``register_plugin`` for a plugin of that key."""
    return dedent(
        f"""
        @hookimpl
        def register_plugin():
            return PluginInfo({key!r}, "试用插件{key}", "1.0", needs={needs!r})
        """
    )


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """``install("knitting", source)``: a package with one module and one entry point.

    ``source`` stands after HEAD and ``register_plugin``; pass ``whole=True`` for a module's whole
    text, ``entry`` for another object of the entry point, ``group`` for another group.
    """
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    made: list[str] = []

    def make(
        key: str,
        source: str = "",
        *,
        needs: tuple[str, ...] = (),
        whole: bool = False,
        entry: str = "",
        group: str = plugins.PLUGIN_GROUP,
    ) -> None:
        module = f"plugin_made_for_a_test_{key}_{len(made)}"
        text = dedent(source) if whole else HEAD + face(key, needs) + dedent(source)
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
        data = folder / f"{module}-1.0.dist-info"
        data.mkdir()
        (data / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (data / "entry_points.txt").write_text(f"[{group}]\n{key} = {entry or module}\n")
        made.append(module)
        importlib.invalidate_caches()

    yield make
    for module in made:
        sys.modules.pop(module, None)


@pytest.fixture
def load_again() -> Iterator[Callable[[], Plugins]]:
    """Find the process's plugins anew, with those made for the test; afterwards once more."""

    def again() -> Plugins:
        plugins.installed.cache_clear()
        return plugins.installed()

    yield again
    plugins.installed.cache_clear()
