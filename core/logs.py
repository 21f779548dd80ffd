"""Structured logs without personal data: one line a happening, as JSON or as text.

A line names a request by its identifier and by the template of its path, never by the path, the
query or a body, which may hold names, telephone numbers and tokens; an exception by its type and
the places it went through, never by its message; a person by the account's number. What other
libraries say is cut down to the text they wrote into their code: what they fill in may be anybody's
data.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TextIO

OWN = "tongxing"
# An exception's causes and places that are written down; a recursion has thousands.
MOST_CAUSES, MOST_PLACES = 5, 30
# Made once: ``json.dumps`` would make an encoder for every line.
ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode


@dataclass(slots=True)
class Passage:
    """A request on its way through the process, and what it has cost so far."""

    request_id: str
    method: str
    scope: Any
    """What knows the path's template once there is one: a mapping with ``path_template``."""
    statements: int = 0
    statement_seconds: float = 0.0

    @property
    def template(self) -> str:
        """The path with its parameters' names, ``/campaigns/{campaign}``; "" for no route."""
        return str(self.scope.get("path_template") or "")


passage: ContextVar[Passage | None] = ContextVar("passage", default=None)


def facts_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a record tells, by name, in the order in which it is written."""
    moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    facts: dict[str, Any] = {
        "time": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "event": _event(record),
    }
    if under_way := passage.get():
        facts["request_id"] = under_way.request_id
        facts["method"] = under_way.method
        facts["template"] = under_way.template
    facts.update(getattr(record, "facts", ()))
    if record.exc_info and record.exc_info[1] is not None:
        facts["error"], facts["places"] = told(record.exc_info[1])
    return facts


def _event(record: logging.LogRecord) -> str:
    """What happened; of another library only the words of its code, and numbers."""
    if record.name == OWN or record.name.startswith(f"{OWN}."):
        return record.getMessage()
    words = str(record.msg).strip().split("\n", 1)[0]
    arguments = record.args if isinstance(record.args, tuple) else ()
    if arguments and all(isinstance(each, int | float) for each in arguments):
        try:
            return words % arguments
        except (TypeError, ValueError):
            return words
    return words


def told(error: BaseException) -> tuple[str, list[str]]:
    """The types of an exception and its causes, outermost first, and the places it went through.

    The places are the innermost's first, ``file:line function``.
    """
    kinds: list[str] = []
    at: BaseException | None = error
    while at is not None and len(kinds) < MOST_CAUSES:
        kinds.append(type(at).__name__)
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
    places = [f"{each.filename}:{each.lineno} {each.name}" for each in reversed(frames)]
    return " < ".join(kinds), places


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; it never has a line's end in it."""
        return ENCODE(facts_of(record))


class TextLines(logging.Formatter):
    """``time LEVEL logger event name=value …`` for people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of text."""
        facts = facts_of(record)
        head = [facts.pop("time"), facts.pop("level").upper(), facts.pop("logger")]
        event = facts.pop("event")
        rest = [f"{name}={_text(value)}" for name, value in facts.items()]
        return _one_line(" ".join([*head, event, *rest]))


def _text(value: Any) -> str:
    return " < ".join(map(str, value)) if isinstance(value, list) else str(value)


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


class Lines(logging.StreamHandler[TextIO]):
    """Writes lines; a disk that is full or a reader that is gone never fails who logs."""

    lost = 0
    """Lines that could not be written since the start."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 — logging's
        """Count the line and go on."""
        type(self).lost += 1


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Let everything that is logged in this process go to ``stream`` (standard error) in a form.

    ``form`` and ``level`` are words of the settings. Called again, it replaces what it set.
    """
    handler = Lines(stream or sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    root = logging.getLogger()
    for each in [each for each in root.handlers if isinstance(each, Lines)]:
        root.removeHandler(each)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(level.upper())
    # Threads and processes are not told, so nobody needs to look them up for every line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
