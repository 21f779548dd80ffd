"""A recap as PDF: tagged for screen readers (PDF/UA-1), for archives (PDF/A-2a), after GB/T 9704.

Typst sets it with the fonts of `core.recap.drawing.fonts` and no others. The words come as data,
never as markup. The same document always gives the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from core.recap.drawing import fonts
from core.recap.formats.pdf_content import content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.recap.model import Document

TEMPLATE = Path(__file__).parent / "templates" / "recap.typ"


def render(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Draw a whole document; ``pictures`` holds the bytes of its photos by their SHA-256.

    A photo without bytes is told to be withdrawn. Takes half a second and more: not for the loop
    that serves requests.
    """
    import typst

    data, drawn = content(document, pictures)
    with TemporaryDirectory(prefix="tongxing-pdf-") as name:
        folder = Path(name)
        for file, picture in drawn.files.items():
            (folder / file).write_bytes(picture)
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        (folder / "recap.typ").write_bytes(TEMPLATE.read_bytes())
        return typst.compile(
            folder / "recap.typ",
            root=folder,
            font_paths=[fonts.folder()],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=["a-2a", "ua-1"],
            timestamp=document.generated_at.replace(microsecond=0),
        )
