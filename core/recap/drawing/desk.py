"""The program that draws charts for a server: ``python -m core.recap.drawing.desk SECONDS``.

It reads the numbers of one chart a line, as JSON, and answers each with a line that says how many
bytes of picture follow. It ends when nobody asks for so many seconds, and with its server, whose
end closes the pipe. It writes nothing down: numbers of a campaign do not belong in a log.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from threading import Timer
from typing import BinaryIO

from core.recap.drawing import charts
from core.recap.drawing.charts import Numbers
from core.recap.model import Series


def asked(numbers: Numbers) -> bytes:
    """The line that asks for a chart."""
    form, categories, series, unit = numbers
    values = [
        [each.label, [None if value is None else str(value) for value in each.values]]
        for each in series
    ]
    return json.dumps([form, categories, values, unit]).encode() + b"\n"


def understood(line: bytes) -> Numbers:
    """What a line asks for."""
    form, categories, series, unit = json.loads(line)
    rows = tuple(
        Series(label, tuple(None if value is None else Decimal(value) for value in values))
        for label, values in series
    )
    return form, tuple(categories), rows, unit


def answered(line: bytes) -> bytes:
    """A chart, or the kind of error that kept it from being drawn."""
    try:
        svg, height = charts.vector(understood(line))
    except Exception as error:  # noqa: BLE001 — whatever it is, the page is shown without it
        return json.dumps({"fault": type(error).__name__}).encode() + b"\n"
    return json.dumps({"height": height, "size": len(svg)}).encode() + b"\n" + svg


def serve(source: BinaryIO, into: BinaryIO, idle: float) -> None:
    """Answer until the source ends; the process ends once nothing was asked for ``idle`` seconds.

    Who asks in that very moment finds no answer, and asks a new process.
    """
    while True:
        bored = Timer(idle, os._exit, (0,))
        bored.daemon = True
        bored.start()
        line = source.readline()
        bored.cancel()
        if not line:
            return
        try:
            into.write(answered(line))
            into.flush()
        except BrokenPipeError:
            os._exit(0)  # the server is gone; closing the pipe would fail again


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, float(sys.argv[1]))
