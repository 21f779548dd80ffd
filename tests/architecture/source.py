"""The project's own source files, as the architecture tests read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "events", "api", "plugins")
FILES = ("app.py", "piccolo_conf.py")
MIGRATIONS = ("migrations", "piccolo_migrations")


def modules(*folders: str) -> list[Path]:
    """Python files of `folders` (by default all that is ours), without migrations."""
    paths = [path for folder in folders or PACKAGES for path in (ROOT / folder).rglob("*.py")]
    if not folders:
        paths += [ROOT / name for name in FILES if (ROOT / name).exists()]
        paths += (ROOT / "bench").rglob("*.py")
    return sorted(path for path in paths if not set(MIGRATIONS) & set(path.parts))


def migrations() -> list[Path]:
    """Migrations of all apps, the tests' plugin's too."""
    folders = (*PACKAGES, "tests/third_party_plugin")
    found = (path for name in folders for path in (ROOT / name).rglob("*.py"))
    return sorted(p for p in found if p.parent.name in MIGRATIONS and p.name != "__init__.py")


def templates() -> list[Path]:
    """Jinja templates of pages and documents."""
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.html"))


def place(path: Path) -> str:
    """`path` as it stands in the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a module imports, wherever in it the import stands."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(module: str, package: str) -> bool:
    """Whether `module` is `package` or below it."""
    return module == package or module.startswith(f"{package}.")
