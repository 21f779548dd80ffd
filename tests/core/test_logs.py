"""Log lines: one a happening, readable by machines, without anybody's data."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core import logs
from core.database import Statement
from core.logs import Passage, passage
from core.settings import Settings, SettingsError
from core.slow_statements import QUIET_SECONDS, SlowStatements, plain

SECRET = "张三丰13800138000"


@pytest.fixture
def written() -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Configure the log as JSON and give back what was written, line by line."""
    root, own = logging.getLogger(), logging.getLogger(logs.OWN)
    before = (list(root.handlers), root.level, own.level)
    stream = io.StringIO()
    logs.configure("json", "info", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], level, own_level = before
    root.setLevel(level)
    own.setLevel(own_level)


def fail() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"nobody called {SECRET}") from error


def test_an_exception_is_told_by_its_kinds_and_places_alone(written) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("tongxing.plugins").exception("plugin %s failed", "volunteer")
    (line,) = written()
    assert line["level"] == "error"
    assert line["event"] == "plugin volunteer failed"
    assert line["error"] == "ValueError < KeyError"
    assert line["places"][0].endswith(" fail")
    assert "test_logs.py:" in line["places"][0]
    assert SECRET not in json.dumps(line, ensure_ascii=False)


def test_a_circle_of_causes_ends() -> None:
    first, second = ValueError(SECRET), KeyError(SECRET)
    first.__cause__, second.__cause__ = second, first
    kinds, places = logs.told(first)
    assert kinds.split(" < ")[:2] == ["ValueError", "KeyError"]
    assert len(kinds.split(" < ")) == logs.MOST_CAUSES
    assert places == []


def test_of_other_libraries_only_the_words_of_their_code_are_written(written) -> None:
    other = logging.getLogger("asyncio")
    other.error("Task exception was never retrieved\nfuture: <Task exception=%s>" % SECRET)  # noqa: UP031
    other.error("cannot read %s", SECRET)
    other.error("%d of %d", 2, 3)
    assert [line["event"] for line in written()] == [
        "Task exception was never retrieved",
        "cannot read %s",
        "2 of 3",
    ]


def test_a_line_names_the_request_under_way(written) -> None:
    scope = {"path": f"/campaigns/{SECRET}", "path_template": "/campaigns/{campaign}"}
    token = passage.set(Passage("0f" * 16, "GET", scope))
    logging.getLogger("tongxing.http").warning("odd")
    passage.reset(token)
    logging.getLogger("tongxing.http").warning("odd")
    inside, outside = written()
    assert inside["request_id"] == "0f" * 16
    assert (inside["method"], inside["template"]) == ("GET", "/campaigns/{campaign}")
    assert SECRET not in json.dumps(inside, ensure_ascii=False)
    assert "request_id" not in outside
    assert outside["time"].endswith("Z")


def test_text_is_one_line_too() -> None:
    record = logging.LogRecord("tongxing.x", logging.INFO, "", 0, "two\nlines", (), None)
    record.facts = {"places": ["a", "b"], "number": 3}
    line = logs.TextLines().format(record)
    assert line.endswith(" INFO tongxing.x two\\nlines places=a < b number=3")
    assert "\n" not in line


class Full(io.StringIO):
    """A disk with no room left."""

    def write(self, _: str) -> int:
        """Refuse."""
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_fails_nobody(written) -> None:
    logs.configure("json", "info", Full())
    lost = logs.Lines.lost
    logging.getLogger("tongxing.http").error("anything")
    assert logs.Lines.lost == lost + 1


def test_an_unusable_choice_is_told() -> None:
    assert Settings.from_environment({}).log_level == "info"
    chosen = {"TONGXING_LOG_LEVEL": "DEBUG", "TONGXING_SLOW_MILLISECONDS": "20"}
    settings = Settings.from_environment(chosen)
    assert (settings.log_level, settings.slow_milliseconds) == ("debug", 20)
    assert Settings.from_environment(settings.as_environment()) == settings
    for name, value in (
        ("TONGXING_LOG_LEVEL", "loud"),
        ("TONGXING_LOG_FORMAT", "xml"),
        ("TONGXING_SLOW_MILLISECONDS", "0"),
        ("TONGXING_SLOW_MILLISECONDS", "²"),
    ):
        with pytest.raises(SettingsError, match=name):
            Settings.from_environment({name: value})


def test_a_list_of_values_is_written_as_its_name() -> None:
    sql = "SELECT 1\n  FROM office\n WHERE id IN (:ids_0, :ids_1, :ids_2) AND n = :ids_name"
    assert plain(sql) == "SELECT 1 FROM office WHERE id IN (:ids…) AND n = :ids_name"


def test_a_slow_statement_is_told_once_in_a_while_and_without_its_values(written) -> None:
    seconds = [0.0]
    watch = SlowStatements(100, clock=lambda: seconds[0])
    sql = "SELECT name FROM person WHERE phone = :phone"
    watch(Statement(sql, {"phone": SECRET}, 0.099, 1))
    assert written() == []
    for _ in range(3):
        watch(Statement(sql, {"phone": SECRET}, 0.25, 7))
    watch(Statement("SELECT 2", {}, 0.1, 1, failed=True))
    seconds[0] = QUIET_SECONDS + 1
    watch(Statement(sql, {"phone": SECRET}, 1, 0))
    told = [
        (line["statement"], line["milliseconds"], line["rows"], line["failed"], line["untold"])
        for line in written()
    ]
    assert told == [
        (sql, 250, 7, False, 0),
        ("SELECT 2", 100, 1, True, 0),
        (sql, 1000, 0, False, 2),
    ]
    assert SECRET not in json.dumps(written(), ensure_ascii=False)
