"""Names of files that are handed out: both forms of RFC 6266, and nothing that breaks a header."""

import pytest

from lms.lib.downloads import disposition


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("LS-2026-000001.pdf", 'attachment; filename="LS-2026-000001.pdf"'),
        (
            "登-2026-3.pdf",
            "attachment; filename=\"download-2026-3.pdf\"; filename*=utf-8''%E7%99%BB-2026-3.pdf",
        ),
        (
            "证书.zip",
            "attachment; filename=\"download.zip\"; filename*=utf-8''%E8%AF%81%E4%B9%A6.zip",
        ),
        ('a"b\\c.pdf', 'attachment; filename="a_b_c.pdf"'),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="a_Set-Cookie_ x=1.pdf"'),
        ("../../etc/passwd", 'attachment; filename=".._.._etc_passwd"'),
        ("fdp\u202e.exe", 'attachment; filename="fdp.exe"'),
    ],
)
def test_a_name_in_both_forms(name, header):
    assert disposition(name) == header


def test_a_page_that_shows_the_file_says_so():
    assert disposition("a.pdf", inline=True) == 'inline; filename="a.pdf"'


@pytest.mark.parametrize("name", ["", "证书", "\ud800", '"', "‮", "x" * 300, "名" * 300])
def test_no_name_breaks_the_header(name):
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
