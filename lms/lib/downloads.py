"""How a file is called when it is handed out: RFC 6266, with a name for old programs, too."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

#: What a name in quotes must not hold, or a file system does not take.
UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]+')
NO_NAME: Final = "download"


def disposition(name: str, *, inline: bool = False) -> str:
    """Both forms: old WebViews know only the plain one, and must not call a file 下载 or %E5…."""
    kind = "inline" if inline else "attachment"
    seen = "".join(c for c in name if unicodedata.category(c) not in {"Cf", "Cs"})
    safe = UNSAFE.sub("_", seen) or NO_NAME
    plain = _plain(safe)
    if plain == safe:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=utf-8''{quote(safe, safe='')}"


def _plain(name: str) -> str:
    """The ASCII of it, with the ending: 发证登记表-2026-3.pdf is download-2026-3.pdf."""
    left = name.encode("ascii", "ignore").decode().strip(" ")
    if left == name:
        return left
    stem, dot, ending = left.rpartition(".")
    stem = re.sub(r"[\s-]+", "-", stem).strip("-_ ")
    return f"{NO_NAME}-{stem}{dot}{ending}" if stem else f"{NO_NAME}{dot}{ending}"
