"""Static files under names that hold their hash, but for those of the tablet app.

A tablet asks for the same names for years, and its service worker checks each file's hash itself:
those files keep their names and their very bytes.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

AS_THEY_ARE = "attendance/"


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        kept = {name for name in paths if name.startswith(AS_THEY_ARE)}
        hashed = {name: path for name, path in paths.items() if name not in kept}
        yield from super().post_process(hashed, dry_run=dry_run, **options)
        if not dry_run:
            for name, compressed in self.compress_files(kept):
                yield name, compressed, True

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Most files lie there twice, with and without their hash in the name: the same bytes are
        compressed once, and copied for the other names."""
        same: defaultdict[tuple[str, bytes], list[str]] = defaultdict(list)
        for name in sorted(paths):
            file = Path(self.path(name))
            same[file.suffix, sha256(file.read_bytes()).digest()].append(name)
        twins = {first: others for first, *others in same.values()}
        for name, compressed in super().compress_files(twins):
            yield name, compressed
            for twin in twins[name]:
                yield twin, self._copied(compressed, twin, compressed.removeprefix(name))

    def _copied(self, compressed: str, name: str, ending: str) -> str:
        """Compressed anew it would hold the same bytes, and be as old as its file."""
        made = shutil.copyfile(self.path(compressed), self.path(f"{name}{ending}"))
        age = Path(self.path(name)).stat()
        os.utime(made, ns=(age.st_atime_ns, age.st_mtime_ns))
        return f"{name}{ending}"
