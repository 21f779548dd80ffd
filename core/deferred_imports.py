"""Modules that something imports at its head, and that nobody here uses."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# Piccolo formats the migrations that it writes with it. It takes nine megabytes and a twentieth of
# a start, and no server writes migrations.
FORMATTER = "black"


def leave_formatter_out() -> None:
    """Have Piccolo's formatter loaded when it is first used, wherever it is imported from now on.

    Call it before what imports ``piccolo.conf.apps``. (``importlib.util.LazyLoader`` would do, but
    for Python 3.11 the word ``import`` is a use already.)
    """
    if FORMATTER in sys.modules:
        return
    spec = importlib.util.find_spec(FORMATTER)
    if spec is None or spec.submodule_search_locations is None:
        return
    sys.modules[FORMATTER] = standing_in = ModuleType(FORMATTER)
    standing_in.__path__ = spec.submodule_search_locations

    def used(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(FORMATTER) is standing_in:
            del sys.modules[FORMATTER]
        return getattr(import_module(FORMATTER), name)

    standing_in.__getattr__ = used  # type: ignore[method-assign]
