"""The objects of a PDF file, written one after the other; the same calls give the same bytes."""

from __future__ import annotations

import hashlib
import zlib
from typing import Final

HEAD: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
LEVEL: Final = 9


def packed(data: bytes) -> bytes:
    return zlib.compress(data, LEVEL)


def words(text: str) -> bytes:
    """Text of the catalogue, in any script."""
    return b"<feff" + text.encode("utf-16-be").hex().encode("ascii") + b">"


def references(names: dict[str, int]) -> bytes:
    """A dictionary of names and the objects that they stand for."""
    body = b" ".join(b"/%b %d 0 R" % (name.encode("ascii"), at) for name, at in names.items())
    return b"<< " + body + b" >>"


class Objects:
    """A file being written. It may start from another: those bytes are shared, not made again."""

    def __init__(self, start: Objects | None = None) -> None:
        self.parts: list[bytes] = [start.written()] if start else [HEAD]
        self.offsets: list[int] = list(start.offsets) if start else []
        self.size: int = start.size if start else len(HEAD)

    def written(self) -> bytes:
        if len(self.parts) > 1:
            self.parts = [b"".join(self.parts)]
        return self.parts[0]

    def add(self, body: bytes) -> int:
        number = self.reserve()
        self.fill(number, body)
        return number

    def reserve(self) -> int:
        """The number of an object that others name before it is written."""
        self.offsets.append(0)
        return len(self.offsets)

    def fill(self, number: int, body: bytes) -> None:
        text = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        self.offsets[number - 1] = self.size
        self.parts.append(text)
        self.size += len(text)

    def stream(self, data: bytes, entries: bytes = b"", *, is_packed: bool = False) -> int:
        data = data if is_packed else packed(data)
        head = b"<< /Filter /FlateDecode /Length %d %b >>" % (len(data), entries)
        return self.add(b"%b\nstream\n%b\nendstream" % (head, data))

    def form(self, data: bytes, box: bytes, entries: bytes = b"") -> int:
        head = b"/Type /XObject /Subtype /Form /BBox [%b] %b" % (box, entries)
        return self.stream(data, head)

    def finished(self, root: int, info: int) -> bytes:
        """The whole file. Its id is of what it says: a time or a random one would differ."""
        body = b"".join(self.parts)
        count = len(self.offsets) + 1
        table = b"".join(b"%010d 00000 n \n" % offset for offset in self.offsets)
        name = hashlib.sha256(body).hexdigest()[:32].encode("ascii")
        return (
            b"%bxref\n0 %d\n0000000000 65535 f \n%btrailer\n"
            b"<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>] >>\nstartxref\n%d\n%%%%EOF\n"
        ) % (body, count, table, count, root, info, name, name, self.size)
