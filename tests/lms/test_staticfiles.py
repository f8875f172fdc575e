"""Names of static files: hashed, but for those that a tablet's service worker knows."""

from pathlib import Path

from django.contrib.staticfiles.storage import StaticFilesStorage

from lms.lib.staticfiles import StaticStorage


def collected(tmp_path: Path) -> StaticStorage:
    css = "a { background: url('dot.svg'); }" + "/* so long that packing pays */" * 20
    for place in ("attendance", "css"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "app.css").write_text(css)
        (tmp_path / place / "dot.svg").write_text("<svg/>")
    storage = StaticStorage(location=str(tmp_path), base_url="/static/")
    source = StaticFilesStorage(location=str(tmp_path), base_url="/static/")
    names = [
        f"{place}/{name}" for place in ("attendance", "css") for name in ("app.css", "dot.svg")
    ]
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
