"""Many files as one ZIP, sent while it is made: memory holds one of them at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from io import RawIOBase
from typing import Any, Final

#: PDFs and pictures are packed already; a time would make two archives of the same files.
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


class Outbox(RawIOBase):
    """What the archive writes, until it is fetched; it cannot go back, and says so."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def fetched(self) -> bytes:
        found = b"".join(self.parts)
        self.parts.clear()
        return found


def zipped(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Pieces of an archive of (name, content) pairs, names in any script."""
    out = Outbox()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, EPOCH), content)
            yield out.fetched()
    yield out.fetched()
