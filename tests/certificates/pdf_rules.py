"""What PDF/A-3u and PDF/UA-1 ask of a file, as far as it can be told without a validator.

No PDF/A validator can be had here as a package (veraPDF is in no Debian release), so these are the
clauses of ISO 19005-3 and ISO 14289-1 that a file of ours could break, read by pikepdf.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont

RELATIONS = {"/Source", "/Data", "/Alternative", "/Supplement", "/Unspecified"}
BLENDS = {"/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten"}
ACTIONS = {"/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/JavaScript", "/Hide"}
SHOWN = {"Tj", "TJ", "'", '"', "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Do", "sh", "BI"}
DEEPEST = 28  # nested q


def archive_faults(content: bytes) -> list[str]:
    """Faults by ISO 19005-3 at conformance level U."""
    if not content.startswith(b"%PDF-1.") or min(content[10:14]) < 128:
        return ["header"]
    with pikepdf.open(BytesIO(content)) as pdf:
        found = [*_file(pdf, content), *_metadata(pdf), *_intent(pdf), *_attached(pdf)]
        return [*found, *_fonts(pdf), *_objects(pdf), *_nesting(pdf)]


def accessible_faults(content: bytes) -> list[str]:
    """Faults by ISO 14289-1."""
    with pikepdf.open(BytesIO(content)) as pdf:
        root = pdf.Root
        checks = {
            "MarkInfo": root.get("/MarkInfo", {}).get("/Marked") is True,
            "StructTreeRoot": "/ParentTree" in root.get("/StructTreeRoot", {}),
            "Lang": bool(root.get("/Lang")),
            "DisplayDocTitle": root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") is True,
            "StructParents": all("/StructParents" in page for page in pdf.pages),
            "encryption": not pdf.is_encrypted,
        }
        with pdf.open_metadata() as metadata:
            checks["pdfuaid"] = metadata.get("pdfuaid:part") == "1"
            checks["title"] = bool(metadata.get("dc:title"))
        kinds = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary)]
        figures = [item for item in kinds if item.get("/S") == "/Figure"]
        checks["Alt"] = all(item.get("/Alt") for item in figures)
        checks["H1"] = sum(item.get("/S") == "/H1" for item in kinds) == 1
        found = [name for name, ok in checks.items() if not ok]
        return [*found, *_fonts(pdf), *_unmarked(pdf)]


def _file(pdf: pikepdf.Pdf, content: bytes) -> Iterator[str]:
    if pdf.is_encrypted:
        yield "encryption"
    if "/ID" not in pdf.trailer:
        yield "ID"
    if not content.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "data after the end"
    if "/AA" in pdf.Root or "/XFA" in pdf.Root.get("/AcroForm", {}):
        yield "actions"


def _metadata(pdf: pikepdf.Pdf) -> Iterator[str]:
    if "/Metadata" not in pdf.Root:
        yield "metadata"
        return
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        if metadata.pdfa_status != "3U":
            yield f"pdfaid {metadata.pdfa_status}"
        for info, name in (("/Title", "dc:title"), ("/Author", "dc:creator")):
            said = metadata.get(name)
            said = said[0] if isinstance(said, list) else said
            if info in pdf.docinfo and str(pdf.docinfo[info]) != said:
                yield f"{name} is not {info}"


def _intent(pdf: pikepdf.Pdf) -> Iterator[str]:
    intents = list(pdf.Root.get("/OutputIntents", []))
    if [one.get("/S") for one in intents] != ["/GTS_PDFA1"]:
        yield "OutputIntent"
        return
    profile = intents[0].DestOutputProfile
    data = profile.read_bytes()
    if profile.N != 3 or data[16:20] != b"RGB " or data[36:40] != b"acsp":
        yield "OutputIntent's profile"


def _attached(pdf: pikepdf.Pdf) -> Iterator[str]:
    for spec in pdf.Root.get("/AF", []):
        named = {"/F", "/UF", "/EF", "/AFRelationship"} <= spec.keys()
        if not named or spec.AFRelationship not in RELATIONS:
            yield "AF"
            continue
        file = spec.EF.get("/UF", spec.EF.get("/F"))
        if "/Subtype" not in file or "/ModDate" not in file.get("/Params", {}):
            yield "embedded file"
    listed = {one.objgen for one in pdf.Root.get("/AF", [])}
    if any(pdf.attachments[name].obj.objgen not in listed for name in pdf.attachments):
        yield "an attachment that is not associated"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for font in pdf.objects:
        if not isinstance(font, pikepdf.Dictionary) or font.get("/Type") != "/Font":
            continue
        if font.Subtype == "/Type0":
            if "/ToUnicode" not in font:
                yield f"{font.BaseFont}: no ToUnicode"
            yield from _embedded(font.DescendantFonts[0])
        elif not str(font.Subtype).startswith("/CIDFontType"):
            yield f"{font.Subtype}: not one of ours"


def _embedded(font: Any) -> Iterator[str]:
    descriptor = font.FontDescriptor
    files = [key for key in ("/FontFile2", "/FontFile3") if key in descriptor]
    if len(files) != 1:
        yield f"{font.BaseFont}: not embedded"
        return
    if font.Subtype == "/CIDFontType2" and "/CIDToGIDMap" not in font:
        yield f"{font.BaseFont}: no CIDToGIDMap"
    if font.get("/CIDToGIDMap") == "/Identity" and files == ["/FontFile2"]:
        yield from _widths(font, descriptor.FontFile2.read_bytes())


def _widths(font: Any, data: bytes) -> Iterator[str]:
    """As the font's own, to a thousandth of an em."""
    with TTFont(BytesIO(data)) as table:
        units, names = table["head"].unitsPerEm, table.getGlyphOrder()
        rows = list(font.get("/W", []))
        while rows:
            first, row, *rows = rows
            for glyph, width in enumerate(row, int(first)):
                own = table["hmtx"][names[glyph]][0] * 1000 / units
                if abs(own - float(width)) > 1:
                    yield f"{font.BaseFont}: width of {glyph}"


def _objects(pdf: pikepdf.Pdf) -> Iterator[str]:
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            continue
        if item.get("/S") in ACTIONS or "/JS" in item:
            yield "action"
        if isinstance(item, pikepdf.Stream) and ("/F" in item or "LZW" in str(item.get("/Filter"))):
            yield "stream"
        if item.get("/Subtype") == "/PS" or "/OPI" in item or item.get("/Interpolate") is True:
            yield "image"
        if item.get("/ColorSpace") == "/DeviceCMYK" or item.get("/CS") == "/DeviceCMYK":
            yield "colour without an intent"
        if "/BM" in item and item.BM not in BLENDS:
            yield "blend mode"
        if "/TR" in item or "/HTP" in item:
            yield "transfer function"


def _nesting(pdf: pikepdf.Pdf) -> Iterator[str]:
    for content in _contents(pdf):
        depth = most = 0
        for instruction in content:
            operator = str(instruction.operator)
            depth += (operator == "q") - (operator == "Q")
            most = max(most, depth)
            if operator in ("k", "K"):
                yield "colour without an intent"
        if most > DEEPEST or depth:
            yield "nesting"


def _contents(pdf: pikepdf.Pdf) -> Iterator[list[Any]]:
    yield from (pikepdf.parse_content_stream(page) for page in pdf.pages)
    for item in pdf.objects:
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form":
            yield pikepdf.parse_content_stream(item)


def _unmarked(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Everything that a page shows is a part of the structure, or an artifact."""
    for page in pdf.pages:
        depth = 0
        for instruction in pikepdf.parse_content_stream(page):
            operator = str(instruction.operator)
            depth += operator in ("BDC", "BMC")
            depth -= operator == "EMC"
            if operator in SHOWN and not depth:
                yield f"{operator} outside of the structure"
                return
