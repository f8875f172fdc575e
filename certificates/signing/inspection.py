"""What a file that somebody brings can prove by itself: its hash, its signature, its number.

The file is anybody's. So it is never opened as a PDF: the signature is found as its maker writes
it, packed parts are unpacked up to a limit, and nothing of the file is run, drawn or kept.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from certificates.signing.envelope import signer_of

BYTE_RANGE: Final = re.compile(rb"/ByteRange\s*\[\s*0\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s*\]")
NUMBER: Final = re.compile(rb"(?<![A-Z])[A-Z]{2,8}-\d{4}-\d{6}(?!\d)")
HEX_TEXT: Final = re.compile(rb"<(?:FEFF|feff)([0-9A-Fa-f]{8,400})>")
STREAM: Final = re.compile(rb"stream\r?\n")
HEADER_REACH: Final = 1024  # where readers look for the header
MOST_SIGNATURES: Final = 4
MOST_STREAMS: Final = 200
MOST_UNPACKED: Final = 256 * 1024  # of one stream


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature in a file and whether what it covers is as it was."""

    #: SHA-256 of the signer's certificate; "" if the envelope cannot be read.
    signer: str
    is_intact: bool
    #: SHA-256 of the file as it was when this signature was the last thing in it.
    signed_sha256: str
    #: Whether anything was added after it.
    is_last: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    sha256: str
    signatures: tuple[Signature, ...]
    #: The certificate's number that the file bears, of whatever worth; "" for none.
    number: str


def is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:HEADER_REACH]


def inspect(content: bytes) -> Inspection:
    return Inspection(
        sha256=hashlib.sha256(content).hexdigest(),
        signatures=tuple(_signatures(content)),
        number=_number(content),
    )


def _signatures(content: bytes) -> Iterator[Signature]:
    for count, found in enumerate(BYTE_RANGE.finditer(content)):
        before, after, length = map(int, found.groups())
        gap, end = content[before:after], after + length
        if count == MOST_SIGNATURES:
            return
        if end > len(content) or not (gap[:1] == b"<" and gap[-1:] == b">"):
            continue
        covered = content[:before] + content[after:end]
        signer, is_intact = signer_of(gap[1:-1], covered)
        signed = hashlib.sha256(content[:end]).hexdigest()
        yield Signature(signer, is_intact, signed, end == len(content))


def _number(content: bytes) -> str:
    """The first one in clear, in the document's properties or in a packed part."""
    for text in _texts(content):
        plain = text.replace(b"\0", b"")
        hexed = b" ".join(
            bytes.fromhex(found.decode()[: len(found) // 4 * 4]).replace(b"\0", b"")
            for found in HEX_TEXT.findall(text)
        )
        if found := NUMBER.search(plain) or NUMBER.search(hexed):
            return found.group().decode("ascii")
    return ""


def _texts(content: bytes) -> Iterator[bytes]:
    yield content
    for count, start in enumerate(STREAM.finditer(content)):
        if count == MOST_STREAMS:
            return
        try:
            packed = content[start.end() : start.end() + MOST_UNPACKED]
            yield zlib.decompressobj().decompress(packed, MOST_UNPACKED)
        except zlib.error:
            continue
