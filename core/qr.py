"""QR codes as inline SVG, for pages under a strict content security policy and for print."""

from __future__ import annotations

from html import escape

QUIET_ZONE = 4  # modules of empty border on each side: ISO/IEC 18004, 5.3.8


def qr_svg(text: str, *, title: str = "二维码") -> str:
    """Draw ``text`` as an inline ``<svg>`` that takes its size and colour from its surroundings.

    Dark modules are ``currentColor`` on transparent ground, without style attributes; one unit of
    the view box is one module. Error correction is M or better, as posters are seldom clean. Put it
    on a light ground with dark text: many readers do not see a code whose colours are inverted.
    ``title`` is what a screen reader says. Raises ValueError for an empty text, and for one that no
    code holds (some 2,300 bytes) its subclass ``segno.DataOverflowError``.
    """
    if not text:
        raise ValueError("二维码的内容不能为空")
    import segno  # few pages have a code

    # segno's own writer does not know currentColor; its matrix is all that is needed.
    matrix = segno.make_qr(text, error="m").matrix
    side = len(matrix) + 2 * QUIET_ZONE
    path = "".join(
        f"M{left} {top}h{length}v1h-{length}z"
        for top, row in enumerate(matrix, start=QUIET_ZONE)
        for left, length in _dark_runs(bytes(row))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" '
        f'class="qr" shape-rendering="crispEdges"><title>{escape(title)}</title>'
        f'<path fill="currentColor" d="{path}"/></svg>'
    )


def _dark_runs(row: bytes) -> list[tuple[int, int]]:
    """Find the runs of dark modules of one row, as (column with the quiet zone, length)."""
    runs: list[tuple[int, int]] = []
    column = 0
    while (start := row.find(1, column)) >= 0:
        end = row.find(0, start)
        column = len(row) if end < 0 else end
        runs.append((start + QUIET_ZONE, column - start))
    return runs
