"""What every test may ask for. The fixtures themselves are in tests/fixtures."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

# What a test promises does not depend on how busy the machine is.
settings.register_profile("tongxing", deadline=None)
settings.load_profile("tongxing")

# A developer's own settings, their database above all, must not reach the tests.
for name in [name for name in os.environ if name.startswith("TONGXING_")]:
    del os.environ[name]

pytest_plugins = [
    "tests.fixtures.databases",
    "tests.fixtures.browsers",
    "tests.fixtures.people",
    "tests.fixtures.command_line",
    "tests.fixtures.application",
    "tests.fixtures.served",
    "tests.fixtures.every_route",
]


def pytest_collection_finish(session: pytest.Session) -> None:
    """All modules are there and stay: the collector need not walk through them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
