"""A recap as a Word document (docx), set as GB/T 9704-2012 wants official papers."""

from __future__ import annotations

from core.recap.formats.docx.package import render

__all__ = ["render"]
