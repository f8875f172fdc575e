"""Most of a sheet is told by its look: whatever is not must be found all the same."""

import pytest

from lms.lib import spreadsheets_preflight
from lms.lib.spreadsheets_preflight import Limits, RefusedError, scan_package
from tests.lms.workbooks import SHEET_HEAD, SHEET_TAIL, make_xlsx

DECLARED = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PLAIN_ROW = '<row r="{0}"><c r="A{0}" t="s"><v>1</v></c><c r="CV{0}"><v>2</v></c></row>'
#: Many times the 64 KiB in which a sheet is read.
PLAIN = "".join(PLAIN_ROW.format(at) for at in range(1, 5001))
HIDDEN = '<row r="5001" hidden="1"><c r="A5001"><v>1</v></c></row>'
UNTOLD_HIDDEN = '<row><c><v>1</v></c></row><row hidden="true"><c><v>1</v></c></row>'
MORE = PLAIN.replace('r="', 'r="1').replace('r="1A', 'r="A1').replace('r="1CV', 'r="CV1')


def scan(rows, head=DECLARED + SHEET_HEAD, encoding="utf-8", limits=None):
    sheet = (head + rows.encode() + SHEET_TAIL).decode().encode(encoding)
    return scan_package(make_xlsx(**{"xl/worksheets/sheet1.xml": sheet}), limits or Limits())


@pytest.fixture
def called(monkeypatch):
    """Names of elements that Python was called for."""
    names = []
    start = spreadsheets_preflight._SheetScan.start

    def listening(self, name, attributes):
        names.append(name)
        start(self, name, attributes)

    monkeypatch.setattr(spreadsheets_preflight._SheetScan, "start", listening)
    return names


def test_python_is_not_called_for_plain_cells(called):
    assert scan(PLAIN).hidden_rows == {"名单": []}
    assert "row" in called
    assert called.count("row") < 2000


@pytest.mark.parametrize(
    ("rows", "hidden"),
    [
        (PLAIN + HIDDEN, [5001]),
        (PLAIN + UNTOLD_HIDDEN, [5002]),
        (PLAIN + HIDDEN + MORE, [5001]),
        (PLAIN + "<row><c/></row>" * 3 + UNTOLD_HIDDEN, [5005]),
        (PLAIN + HIDDEN.replace(' hidden="1"', ' spans="1:9"\n\thidden = "1" a=">"'), [5001]),
        (PLAIN + HIDDEN.replace(' hidden="1"', ' a=">" hidden="1"'), [5001]),
        (PLAIN + '<row r="5001"><c><v><![CDATA[<row r="1" hidden="1">]]></v></c></row>', []),
        (PLAIN + '<!-- <row r="7" hidden="1"> --><row r="5001"><c r="A5001"/></row>', []),
    ],
)  # fmt: skip
def test_hidden_rows_are_found_below_plain_ones(rows, hidden):
    assert scan(rows).hidden_rows == {"名单": hidden}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="CW5001"><v>1</v></c>',
        '<c r="A200001"><v>1</v></c>',
        '<c s="1" r="XFD5001"><v>1</v></c>',
        "<c><v>1</v></c>" * 101,
        '<c r="ZZ5001">' + " " * 200_000 + "<v>1</v></c>",
        '<c r="ZZ5001" s="' + "1" * 70_000 + '"><f>1</f></c>',
        '<c\nr="ZZ5001"><is>1</is></c>',
    ],
)
def test_a_far_cell_is_found_behind_plain_ones(cell):
    far = f'<row r="5001">{cell}</row>'

    for rows in (PLAIN + far, PLAIN + far + MORE):
        with pytest.raises(RefusedError, match="FILE_TOO_MANY_CELLS"):
            scan(rows)


def test_a_prefix_of_the_whole_sheet_hides_nothing():
    head = SHEET_HEAD.replace(b"xmlns=", b'xmlns:x="http://example.org/" xmlns=')
    far = '<x:row r="5001"><x:c r="ZZ5001"><x:v>1</x:v></x:c></x:row>'

    with pytest.raises(RefusedError, match="FILE_TOO_MANY_CELLS"):
        scan(PLAIN + far, head=DECLARED + head)
    assert scan(
        PLAIN + far.replace("<x:v>", "<x:w>").replace("</x:v>", "</x:w>"), head=DECLARED + head
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_sheet_of_another_encoding_is_followed_cell_by_cell(encoding):
    head = DECLARED.replace(b"UTF-8", b"UTF-16") + SHEET_HEAD
    rows = PLAIN + HIDDEN

    assert scan(rows, head=head, encoding=encoding).hidden_rows == {"名单": [5001]}


def test_a_text_without_end_is_not_held(monkeypatch):
    longest = []
    find = spreadsheets_preflight._find_telling
    monkeypatch.setattr(
        spreadsheets_preflight,
        "_find_telling",
        lambda piece: longest.append(len(piece)) or find(piece),
    )
    scan(PLAIN + '<row r="5001"><c r="A5001"><v>' + "1" * 20_000_000 + "</v></c></row>")
    assert max(longest) < 2_000_000


def test_rows_under_smaller_limits_are_all_followed():
    with pytest.raises(RefusedError, match="FILE_TOO_MANY_CELLS"):
        scan(PLAIN, limits=Limits(rows=4999))
    with pytest.raises(RefusedError, match="FILE_TOO_MANY_CELLS"):
        scan(PLAIN, limits=Limits(columns=99))


@pytest.mark.parametrize(
    "broken", ["<row r=", '<row r="9"></c>', '<c r="A1"><v>&x;</v></c>', "\x01"]
)
def test_a_sheet_that_is_not_well_formed_is_damaged_wherever(broken):
    with pytest.raises(RefusedError, match="FILE_DAMAGED"):
        scan(PLAIN + broken + PLAIN)


@pytest.mark.parametrize("held", [0, 1, 16])
@pytest.mark.parametrize("chunk", range(5, 60, 5))
def test_it_does_not_matter_where_the_pieces_end(monkeypatch, chunk, held):
    monkeypatch.setattr(spreadsheets_preflight, "_CHUNK", chunk)
    monkeypatch.setattr(spreadsheets_preflight, "_MOST_HELD", held)
    few = "".join(PLAIN_ROW.format(at) for at in range(1, 4))
    for pad in range(5):
        blanks = " " * pad
        far = f'{blanks}<row r="4"><c r="ZZ4"><v>1</v></c></row>'

        assert scan(few + blanks + HIDDEN + blanks + UNTOLD_HIDDEN).hidden_rows == {
            "名单": [5001, 5003]
        }
        assert scan(few + blanks + UNTOLD_HIDDEN).hidden_rows == {"名单": [5]}
        with pytest.raises(RefusedError, match="FILE_TOO_MANY_CELLS"):
            scan(few + far)
