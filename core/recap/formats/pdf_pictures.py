"""The pictures of a PDF: each a file beside the typesetter's template, checked before it is set."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.recap.model import Chart

# The largest a photo is printed, so that two stand on a page with their captions.
PHOTO_WIDTH = 120.0
PHOTO_HEIGHT = 85.0
_ENDINGS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by the name of its file; ``width`` is in millimetres."""

    file: str
    width: float


@dataclass(slots=True)
class Pictures:
    """Files by name."""

    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, ending: str, data: bytes) -> str:
        """Take in a file; gives its name."""
        name = f"picture-{len(self.files) + 1}.{ending}"
        self.files[name] = data
        return name

    def chart(self, chart: Chart) -> Picture:
        """Draw a chart."""
        from core.recap.drawing.charts import draw

        drawing = draw(chart)
        return Picture(self.add("svg", drawing.svg), drawing.width_mm)

    def photo(self, data: bytes) -> Picture | None:
        """Take in a photo; None where its bytes are no picture.

        The typesetter stops at a file that it cannot read, so each is read here first.
        """
        from PIL import Image

        try:
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                ending, (across, down) = _ENDINGS.get(image.format or ""), image.size
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return None
        if ending is None:
            return None
        width = min(PHOTO_WIDTH, PHOTO_HEIGHT * across / down)
        return Picture(self.add(ending, data), round(width, 2))
