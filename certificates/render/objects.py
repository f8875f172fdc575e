"""The objects of a PDF file, written one after the other; the same calls give the same bytes.

Dictionaries are packed together, a group to a stream (PDF 1.5): by themselves they would be a sixth
of a certificate.
"""

from __future__ import annotations

import hashlib
import zlib
from struct import pack
from typing import Final

HEAD: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
LEVEL: Final = 6  # 9 takes half as long again and saves a hundredth
GROUP: Final = 100  # objects packed together: a reader unpacks all of them for one


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
        #: As the table of the file lists them: in the clear at an offset, or packed in a group.
        self.entries: list[tuple[int, int, int]] = list(start.entries) if start else []
        self.size: int = start.size if start else len(HEAD)
        self.group: list[tuple[int, bytes]] = []

    def written(self) -> bytes:
        self._pack()
        if len(self.parts) > 1:
            self.parts = [b"".join(self.parts)]
        return self.parts[0]

    def add(self, body: bytes) -> int:
        number = self.reserve()
        self.fill(number, body)
        return number

    def reserve(self) -> int:
        """The number of an object that others name before it is written."""
        self.entries.append((0, 0, 0))
        return len(self.entries)

    def fill(self, number: int, body: bytes) -> None:
        self.group.append((number, body))
        if len(self.group) == GROUP:
            self._pack()

    def _pack(self) -> None:
        if not self.group:
            return
        group, self.group = self.group, []
        within, index = 0, []
        for number, body in group:
            index.append(b"%d %d" % (number, within))
            within += len(body) + 1
        first = b" ".join(index) + b"\n"
        entries = b"/Type /ObjStm /N %d /First %d" % (len(group), len(first))
        holder = self.stream(first + b"\n".join(body for _, body in group), entries)
        for place, (number, _) in enumerate(group):
            self.entries[number - 1] = 2, holder, place

    def clear(self, body: bytes) -> int:
        """An object that can be read in the file as it is."""
        number = self.reserve()
        text = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        self.entries[number - 1] = 1, self.size, 0
        self.parts.append(text)
        self.size += len(text)
        return number

    def stream(self, data: bytes, entries: bytes = b"", *, is_packed: bool = False) -> int:
        data = data if is_packed else packed(data)
        head = b"<< /Filter /FlateDecode /Length %d %b >>" % (len(data), entries)
        return self.clear(b"%b\nstream\n%b\nendstream" % (head, data))

    def form(self, data: bytes, box: bytes, entries: bytes = b"") -> int:
        head = b"/Type /XObject /Subtype /Form /BBox [%b] %b" % (box, entries)
        return self.stream(data, head)

    def finished(self, root: int, info: int) -> bytes:
        """The whole file. Its id is of what it says: a time or a random one would differ."""
        self._pack()
        name = hashlib.sha256(b"".join(self.parts)).hexdigest()[:32].encode("ascii")
        start, count = self.size, len(self.entries) + 2
        table = pack(">BIH", 0, 0, 65535) + b"".join(pack(">BIH", *one) for one in self.entries)
        entries = b"/Type /XRef /W [1 4 2] /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>]" % (
            count,
            root,
            info,
            name,
            name,
        )
        self.stream(table + pack(">BIH", 1, start, 0), entries)
        return b"%bstartxref\n%d\n%%%%EOF\n" % (b"".join(self.parts), start)
