"""``python -m bench [NAME …]``: all cases, or those of the named modules or with the named names.

``python -m bench --list`` tells the names. Cases are found in the modules of this package that
export ``CASES``. A table, where the time goes and which goals are met, then one JSON line a case.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import pkgutil
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

import bench
from bench.measuring import HEAD, Case, Result
from core import allocator


def found() -> Iterator[tuple[str, Case]]:
    """Every case with its module's name, in the order of names."""
    for module in sorted(module.name for module in pkgutil.iter_modules(bench.__path__)):
        if module != "__main__":
            cases = getattr(importlib.import_module(f"bench.{module}"), "CASES", ())
            yield from ((module, case) for case in cases)


def chosen(names: Sequence[str]) -> list[Case]:
    """The cases meant by names of modules or of cases, or by how those begin; all for no name.

    Ends the program for a name that means none.
    """
    every = list(found())
    unknown = [n for n in names if not any(_is_meant(n, *case) for case in every)]
    if unknown:
        sys.exit(f"no case is called {', '.join(unknown)}; see python -m bench --list")
    return [case for module, case in every if not names or _is_meant_by(names, module, case)]


def _is_meant_by(names: Sequence[str], module: str, case: Case) -> bool:
    return any(_is_meant(name, module, case) for name in names)


def _is_meant(name: str, module: str, case: Case) -> bool:
    return module == name or case.name.startswith(name)


async def measured(cases: Sequence[Case]) -> tuple[list[Result], list[str]]:
    """All results, told as they come, and the names of the cases that failed."""
    results: list[Result] = []
    failed: list[str] = []
    print(HEAD)
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            try:
                made = await case.run(Path(folder))
            except Exception:  # noqa: BLE001 — the other cases are worth having all the same
                traceback.print_exc()
                failed.append(case.name)
                continue
        for result in made:
            print(result.row(), flush=True)
        results += made
    return results, failed


def main() -> int:
    """Measure what the command line asks for; 1 when a case failed."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a module or a case")
    parser.add_argument("--list", action="store_true", help="the names of all cases")
    given = parser.parse_args()
    if given.list:
        for module, case in found():
            print(f"{module}: {case.name}")
        return 0
    allocator.settle()  # as a server and a command do
    results, failed = asyncio.run(measured(chosen(given.names)))
    print()
    for result in results:
        print(result.as_json())
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
