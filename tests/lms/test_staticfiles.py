"""Names of static files: hashed, but for those that a tablet's service worker knows."""

import gzip
from pathlib import Path

from django.contrib.staticfiles.storage import StaticFilesStorage
from whitenoise.compress import Compressor

from lms.lib.staticfiles import StaticStorage

LICENCE = b"as long as it takes " * 20


def collected(tmp_path: Path) -> StaticStorage:
    css = "a { background: url('dot.svg'); }" + "/* so long that packing pays */" * 20
    for place in ("attendance", "css"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "app.css").write_text(css)
        (tmp_path / place / "dot.svg").write_text("<svg/>")
    (tmp_path / "css" / "licence.txt").write_bytes(LICENCE)
    storage = StaticStorage(location=str(tmp_path), base_url="/static/")
    source = StaticFilesStorage(location=str(tmp_path), base_url="/static/")
    names = [
        f"{place}/{name}" for place in ("attendance", "css") for name in ("app.css", "dot.svg")
    ]
    names.append("css/licence.txt")
    list(storage.post_process({name: (source, name) for name in names}))
    return storage


def test_files_of_the_tablet_keep_name_and_bytes(tmp_path):
    collected(tmp_path)
    found = {path.name for path in (tmp_path / "attendance").iterdir()}
    assert {"app.css", "app.css.gz", "dot.svg"} <= found
    assert not [name for name in found if len(name.split(".")) > 3]
    assert "url('dot.svg')" in (tmp_path / "attendance" / "app.css").read_text()


def test_all_others_are_hashed(tmp_path):
    storage = collected(tmp_path)
    assert storage.stored_name("css/app.css") != "css/app.css"


def test_the_same_bytes_are_compressed_once(tmp_path, monkeypatch):
    compressed = []

    def compress(data: bytes) -> bytes:
        compressed.append(data)
        return gzip.compress(data)

    monkeypatch.setattr(Compressor, "compress_gzip", staticmethod(compress))
    storage = collected(tmp_path)
    hashed = storage.stored_name("css/app.css")
    changed = (tmp_path / "css" / hashed.removeprefix("css/")).read_bytes()
    assert changed != (original := (tmp_path / "css" / "app.css").read_bytes())
    # The tablet's is another call, and the hashed one names the hashed picture.
    assert sorted(compressed) == sorted([original, original, changed, LICENCE])
    for name in (hashed, "css/app.css", "css/licence.txt", storage.stored_name("css/licence.txt")):
        file, packed = tmp_path / name, tmp_path / f"{name}.gz"
        assert gzip.decompress(packed.read_bytes()) == file.read_bytes(), name
        assert int(packed.stat().st_mtime) == int(file.stat().st_mtime)
        assert (tmp_path / f"{name}.br").exists()
