"""Codes that people read off paper: Crockford base32, blind to case, to O/0 and to I/L/1."""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
MOST_TYPED = 200
#: Letters as a Chinese keyboard sets them become plain ones first; hyphens and spaces go.
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"} | dict.fromkeys("-‐‑–—− ", None))


def new_code() -> str:
    """Twelve characters, 60 random bits."""
    return new_codes(1)[0]


def new_codes(count: int) -> list[str]:
    """As many codes, from one question to the system for random bytes."""
    drawn = secrets.token_bytes(LENGTH * count)
    letters = [ALPHABET[byte & 31] for byte in drawn]
    return ["".join(letters[n : n + LENGTH]) for n in range(0, len(letters), LENGTH)]


def normalise_code(typed: str) -> str:
    """What was printed, from what was typed; "" if it cannot be a code."""
    if len(typed) > MOST_TYPED:
        return ""
    code = unicodedata.normalize("NFKC", typed).strip().upper().translate(_LOOKALIKES)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""
