"""Holding a PDF against PDF/UA-1 and PDF/A-2a, and reading its structure and its words."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import page
from pypdf import PdfReader, PdfWriter
from pypdf.generic import StreamObject

# The checker does not know real numbers in a font's dictionaries (CFF, operand 30), so it takes
# the width of every glyph for 0 where the matrix of a font stands there as 0.001. Both matrices
# that Typst writes multiply to what holds without either. Before checking, they are therefore put
# out of the way by operators of the same length that change nothing (StrokeWidth, PaintType 0),
# so that the widths are really compared.
_OUTER = bytes.fromhex("1e0a001f8b8b1e0a001f8b8b0c07")
_INNER = bytes.fromhex("8c8b8b8c8b8b0c07")
_NOTHING_OUTER = bytes.fromhex("1d000000000c081d000000000c05")
_NOTHING_INNER = bytes.fromhex("8b0c081c00000c05")
# It also takes a line break that is the last byte of a compressed stream for the one behind it.
_STREAM = re.compile(rb"/Length (\d+)[^>]*(?:>(?!>)[^>]*)*>>\s*stream\r?\n")

_MISREAD = re.compile("GLYPH-WIDTH|STREAM-LENGTH")


def failures(pdf: bytes) -> list[str]:
    """Every rule of PDF/UA-1 and of PDF/A-2a that the file breaks."""
    assert _lengths_hold(pdf)
    found: list[str] = []
    for profile in ("ua1", "2a"):
        found += [told for told in _told(pdf, profile) if not _MISREAD.search(told)]
        found += [told for told in _told(_with_plain_fonts(pdf), profile) if "GLYPH-WIDTH" in told]
    return found


def _lengths_hold(pdf: bytes) -> bool:
    """Whether every stream ends where its /Length says."""
    streams = list(_STREAM.finditer(pdf))
    assert len(streams) == pdf.count(b"\nendstream")
    return all(
        pdf[match.end() + int(match[1]) :].lstrip(b"\r\n").startswith(b"endstream")
        for match in streams
    )


def _told(pdf: bytes, profile: str) -> list[str]:
    report = page.validate_pdf_bytes(pdf, profile=profile)
    assert report.rules.total > 100
    return [f"{failure.rule_id}: {failure.message}" for failure in report.failures]


def _with_plain_fonts(pdf: bytes) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    for stored in writer._objects:
        program: Any = stored
        if isinstance(stored, StreamObject) and stored.get("/Subtype") == "/CIDFontType0C":
            data = program.get_data()
            assert data.count(_OUTER) == 1
            assert _INNER in data
            program.set_data(data.replace(_OUTER, _NOTHING_OUTER).replace(_INNER, _NOTHING_INNER))
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def words(pdf: bytes) -> str:
    """All words of the file without spaces, as a reader's software takes them out."""
    return bare("".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf)).pages))


def bare(text: str) -> str:
    """A text without spaces, line breaks and marks that print nothing."""
    return re.sub(r"[\s\u200b]+", "", text)


def elements(pdf: bytes) -> Iterator[tuple[str, Any]]:
    """The structure of the file in reading order: the name of each element, and itself."""
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    waiting = [root["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if not isinstance(element, dict):
            continue
        if "/S" in element:
            yield str(element["/S"])[1:], element
        below = element.get("/K", [])
        below = below.get_object() if hasattr(below, "get_object") else below
        waiting += reversed(below if isinstance(below, list) else [below])


def lines(pdf: bytes) -> Iterator[tuple[int, float, float, str, float]]:
    """Runs of text as they stand: page from 1, millimetres from left and top, words, size."""
    for number, each in enumerate(PdfReader(io.BytesIO(pdf)).pages, start=1):
        found: list[tuple[list[float], str, float]] = []

        def visit(*run: Any, found: list[tuple[list[float], str, float]] = found) -> None:
            text, matrix, position, _, size = run
            across = position[4] * matrix[0] + matrix[4]
            up = position[5] * matrix[3] + matrix[5]
            found.append(([across, up], text.strip(), size * abs(matrix[3])))

        each.extract_text(visitor_text=visit)
        for (across, up), text, size in found:
            if text:
                yield number, _mm(across), round(297 - _mm(up), 2), text, round(size, 2)


def _mm(points: float) -> float:
    return round(points * 25.4 / 72, 2)
