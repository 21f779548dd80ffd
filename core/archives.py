"""Office files are zip archives full of XML, from people nobody has to trust.

An archive is checked before it is opened: sizes as it declares them (which bounds what can come out
of it), how far it was compressed, and no document type definition anywhere, so that no entity can
be expanded.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Final

MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
MAX_RATIO: Final = 100  # a sheet of the same few words a hundred times over comes to about 30
RATIO_FREE_BYTES: Final = 1024 * 1024  # small parts may be as dense as they like
MAX_PARTS: Final = 1_000


class SwellingArchiveError(ValueError):
    """What is inside is far larger than a file that somebody saved would be."""


class UnsafeArchiveError(ValueError):
    """A document type definition is inside; no office program writes one."""


def check(data: bytes, *, marks: int) -> None:
    """Refuse an archive with more beginnings and ends of elements than a library reads in time.

    Raises what `contents` raises.
    """
    left = marks
    for content in contents(data):
        left -= content.count(b"<")
        if left < 0:
            raise SwellingArchiveError


def contents(data: bytes) -> Iterator[bytes]:
    """Yield each part of an archive, checked.

    Raises SwellingArchiveError, UnsafeArchiveError, or `zipfile.BadZipFile` and its kin for what is
    no archive.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
            raise SwellingArchiveError
        for part in parts:
            dense = part.file_size > MAX_RATIO * max(part.compress_size, 1)
            if dense and part.file_size > RATIO_FREE_BYTES:
                raise SwellingArchiveError
            content = archive.read(part)
            # Without the zero bytes, text in UTF-16 is found as well.
            if b"<!DOCTYPE" in content or b"<!DOCTYPE" in content.replace(b"\0", b""):
                raise UnsafeArchiveError
            yield content
