"""Bodies on their way, in memory while they are small and on the disk when they are not."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Final, Self

IN_MEMORY: Final = 1 << 20
PIECE: Final = 1 << 16


class Spool:
    """A body that is written once and then read once."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 — closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _: type[BaseException] | None,
        __: BaseException | None,
        ___: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, body: bytes) -> None:
        """Write on. Raises OSError when the disk is full."""
        self._file.write(body)

    def pieces(self) -> Iterator[tuple[bytes, bool]]:
        """All of it in pieces, each with whether more follow; one empty piece of nothing."""
        self._file.seek(0)
        piece = self._file.read(PIECE)
        while True:
            following = self._file.read(PIECE)
            yield piece, bool(following)
            if not following:
                return
            piece = following
