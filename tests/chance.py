"""What is drawn or counted and stands in a text: who looks for something short leaves it out.

Four digits of somebody's number meet four of a digest, a token or a length once in a few hundred
runs, and nobody has told anything then.
"""

import re

#: Digests, salts, tokens, signatures, and the headers of an answer that are numbers.
DRAWN = re.compile(
    r"[0-9a-f]{32,}|[\w+/=-]{64,}|^(?:X-Request-ID|Content-Length): \w+$", re.ASCII | re.MULTILINE
)
KEYS = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")


def without_drawn(text: str) -> str:
    return DRAWN.sub("", text)


def without_keys(text: str) -> str:
    """Without the keys of records either."""
    return without_drawn(KEYS.sub("", text))
