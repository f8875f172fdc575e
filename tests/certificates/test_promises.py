"""The page that says what holds which promise names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_the_page_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/certificates.md").read_text()))
    assert len(named) > 40
    places = [*(ROOT / "tests/certificates").glob("*.py"), *(ROOT / "tests/lms").glob("*.py")]
    there = {name for path in places for name in re.findall(r"def (test_\w+)", path.read_text())}
    assert named <= there, named - there
