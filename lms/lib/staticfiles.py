"""Static files under names that hold their hash, but for those of the tablet app.

A tablet asks for the same names for years, and its service worker checks each file's hash itself:
those files keep their names and their very bytes.
"""

from collections.abc import Iterator
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
