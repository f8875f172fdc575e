"""Keys that are made before the insert."""

import secrets
import time
import uuid
from functools import cache


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of milliseconds, then 74 random bits."""
    stamp = time.time_ns() // 1_000_000
    value = stamp << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


def uuid7_hexes(count: int) -> list[str]:
    """Many of them at once, rising, as the 32 digits that a database takes for a key."""
    stamp = time.time_ns() // 1_000_000
    drawn = secrets.token_hex(8 * count)
    found: list[str] = []
    while len(found) < count:  # the twelve bits after the version keep the order
        moment, done = f"{stamp:012x}7", len(found)
        found.extend(
            f"{moment}{order}{_VARIANT[drawn[at]]}{drawn[at + 1 : at + 16]}"
            for order, at in zip(_orders(), range(16 * done, 16 * count, 16), strict=False)
        )
        stamp += 1
    return found


#: Of four random bits the last two stay; those before them say which kind of UUID it is.
_VARIANT = {f"{digit:x}": f"{0b1000 | digit & 0b11:x}" for digit in range(16)}


@cache
def _orders() -> tuple[str, ...]:
    return tuple(f"{order:03x}" for order in range(4096))


def dashed(hexadecimal: str) -> str:
    """The text of a key as `str(uuid)` writes it."""
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
