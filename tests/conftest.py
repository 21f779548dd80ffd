"""What every test may ask for. The fixtures themselves are in tests/fixtures."""

from __future__ import annotations

import os

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
