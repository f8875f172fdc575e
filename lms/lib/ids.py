"""Keys that are made before the insert."""

import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562, version 7): 48 bits of milliseconds, then 74 random bits."""
    stamp = time.time_ns() // 1_000_000
    value = stamp << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


def uuid7_hexes(count: int) -> list[str]:
    """Many of them at once, rising, as the 32 digits that a database takes for a key."""
    stamp = time.time_ns() // 1_000_000
    drawn = memoryview(secrets.token_bytes(8 * count)).cast("Q")
    found = []
    for at, chance in enumerate(drawn):
        later, order = divmod(at, 4096)  # the twelve bits after the version keep the order
        found.append(f"{stamp + later:012x}7{order:03x}{chance >> 2 | 1 << 63:016x}")
    return found


def dashed(hexadecimal: str) -> str:
    """The text of a key as `str(uuid)` writes it."""
    h = hexadecimal
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
