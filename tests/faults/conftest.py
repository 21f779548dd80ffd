"""What the tests of faults share."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.servers import Server


@pytest.fixture
def seed() -> int:
    """What decides when a process is killed; a failing test shows it."""
    drawn = random.SystemRandom().randrange(10**6)
    print(f"seed {drawn}")  # noqa: T201 — what a failing test is begun anew with
    return drawn


@pytest.fixture
def server(migrated_url: str, key_file: Path, tmp_path: Path) -> Iterator[Server]:
    """A server on a migrated database of this test's own, not started; killed at the end."""
    made = Server(migrated_url, tmp_path, {"TONGXING_KEY_FILE": str(key_file)})
    yield made
    made.kill()


@pytest.fixture
def empty_server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server on an empty database of this test's own, not started; killed at the end."""
    made = Server(database_url, tmp_path)
    yield made
    made.kill()
