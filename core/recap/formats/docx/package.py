"""The package around the text: its parts, its properties, and bytes that depend on nothing else."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC
from typing import TYPE_CHECKING

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.parser import parse_xml

from core.recap.formats.docx import page
from core.recap.formats.docx.body import Body
from core.recap.formats.docx.markup import HEAD, NAMESPACES, legible
from core.recap.formats.docx.styles import font_table_xml, styles_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docx.document import Document as WordDocument

    from core.recap.model import Document

_LONGEST_PROPERTY = 255
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip file can tell
_FORMAT = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PARTS = {
    "document": "document.main",
    "styles": "styles",
    "settings": "settings",
    "fontTable": "fontTable",
    "footer1": "footer",
    "footer2": "footer",
}


def render(document: Document, pictures: Mapping[str, bytes]) -> bytes:
    """Draw a recap as docx; `pictures` are the bytes of its photos by SHA-256.

    The same document and pictures always give the same bytes. A photo whose bytes are missing is
    named in its place.
    """
    word = docx.Document(io.BytesIO(_skeleton()))
    body = Body(document, pictures, _Relations(word)).xml()
    word.element.replace(word.element.body, parse_xml(f"<w:body {NAMESPACES}>{body}</w:body>"))
    _describe(word, document)
    made = io.BytesIO()
    word.save(made)
    return _undated(made.getvalue())


class _Relations:
    """What the text refers to outside itself, by the ids under which the package keeps it."""

    def __init__(self, word: WordDocument) -> None:
        self._part = word.part

    def image(self, content: bytes) -> str:
        """Keep a picture, once however often it is shown. Raises ValueError for no picture."""
        try:
            relation, _ = self._part.get_or_add_image(io.BytesIO(content))
        except Exception as refused:
            raise ValueError("these bytes are no picture") from refused
        return relation

    def address(self, address: str) -> str:
        """Keep an address on the web."""
        return self._part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)


def _skeleton() -> bytes:
    """A package without text. python-docx's own template brings styles that no office wants."""
    empty = f"{HEAD}<w:document {NAMESPACES}><w:body>{page.section()}</w:body></w:document>"
    parts = {
        "document": empty,
        "styles": styles_xml(),
        "settings": page.settings(),
        "fontTable": font_table_xml(),
        "footer1": page.footer("right"),
        "footer2": page.footer("left"),
    }
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_FORMAT}.{kind}+xml"/>'
        for name, kind in _PARTS.items()
    )
    inner = "".join(
        f'<Relationship Id="{page.relation(name)}" Type="{_RELATIONS}/{name.rstrip("12")}"'
        f' Target="{name}.xml"/>'
        for name in list(_PARTS)[1:]
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        )
        archive.writestr(
            "_rels/.rels",
            _relationships(
                f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument"'
                ' Target="word/document.xml"/>'
            ),
        )
        archive.writestr("word/_rels/document.xml.rels", _relationships(inner))
        for name, content in parts.items():
            archive.writestr(f"word/{name}.xml", content)
    return made.getvalue()


def _relationships(inner: str) -> str:
    address = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{HEAD}<Relationships xmlns="{address}">{inner}</Relationships>'


def _describe(word: WordDocument, document: Document) -> None:
    """Fill in the properties that a file manager shows."""

    def brief(text: str) -> str:
        return legible(text)[:_LONGEST_PROPERTY]

    properties = word.core_properties
    properties.title = brief(document.title)
    properties.author = properties.last_modified_by = brief(document.issuer)
    properties.language = "zh-CN"
    # python-docx writes a moment without looking at its offset, and marks it as UTC.
    moment = document.generated_at.astimezone(UTC).replace(microsecond=0)
    properties.created = properties.modified = moment
    properties.revision = 1
    if document.verification:
        properties.identifier = brief(document.verification.code)
        properties.content_status = brief(document.verification.status)


def _undated(content: bytes) -> bytes:
    """Write the package again without the moment at which it was written."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return made.getvalue()
