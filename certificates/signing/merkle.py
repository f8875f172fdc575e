"""A hash tree as in RFC 6962, section 2.1: leaves and nodes are hashed apart, so that neither can
pass for the other. script/check_certificate.py holds the same rules for whoever is offline."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Of leaf hashes; the tree of none is the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    return _levels(leaves)[-1][0]


def audit_path(leaves: Sequence[bytes], position: int) -> list[bytes]:
    """What one leaf needs beside it to arrive at the root, from below."""
    path = []
    for level in _levels(leaves)[:-1]:
        beside = position ^ 1
        if beside < len(level):
            path.append(level[beside])
        position //= 2
    return path


def _levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """An odd one at the end of a level goes up unchanged: the tree of the RFC, from below."""
    levels = [list(leaves)]
    while len(below := levels[-1]) > 1:
        pairs = zip(below[::2], below[1::2], strict=False)
        above = [node_hash(left, right) for left, right in pairs]
        levels.append(above + below[len(below) & ~1 :])
    return levels
