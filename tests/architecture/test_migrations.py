"""Piccolo imports migrations by bare file name: two of one name would be one."""

from __future__ import annotations

import re
from collections import Counter

from tests.architecture.source import PACKAGES, ROOT, migrations, place

GENERATED = re.compile(r"[a-z][a-z0-9_]*_\d{4}_\d\d_\d\dt\d\d_\d\d_\d\d_\d{6}")


def test_migration_names_are_unique_over_all_apps() -> None:
    counts = Counter(path.name for path in migrations())
    assert counts
    assert {name: count for name, count in counts.items() if count > 1} == {}


def test_migrations_keep_their_generated_names() -> None:
    assert [place(p) for p in migrations() if not GENERATED.fullmatch(p.stem)] == []


def test_every_app_has_migrations() -> None:
    apps = [path for package in PACKAGES for path in (ROOT / package).rglob("piccolo_app.py")]
    apps += [ROOT / "plugins" / path.parent.name for path in (ROOT / "plugins").glob("*/tables.py")]
    folders = {path.parent.parent for path in migrations()}
    assert apps
    lacking = {place(app) for app in apps if not {app, app.parent} & folders}
    assert lacking == set()
