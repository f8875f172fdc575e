"""Cut the glyphs of a few letters out of a font with HarfBuzz.

WeasyPrint's own call keeps glyph numbers, which leaves long tables of nothing in the file and
takes two passes over the font; a map of the numbers is smaller, and takes a thirtieth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_uint, c_void_p, string_at
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from certificates.render.errors import RenderError, RenderErrorCode

LIBRARIES: Final = ("libharfbuzz.so.0", "libharfbuzz-subset.so.0")
PACKAGE: Final = "libharfbuzz-subset0"
#: Of each function the result, then the arguments.
SHAPER: Final[dict[str, tuple[Any, ...]]] = {
    "set_add": (None, c_void_p, c_uint),
    "map_get": (c_uint, c_void_p, c_uint),
    "face_create": (c_void_p, c_void_p, c_uint),
    "face_reference_blob": (c_void_p, c_void_p),
    "face_reference_table": (c_void_p, c_void_p, c_uint),
    "face_destroy": (None, c_void_p),
    "blob_create_from_file": (c_void_p, c_char_p),
    "blob_get_data": (c_void_p, c_void_p, POINTER(c_uint)),
    "blob_destroy": (None, c_void_p),
}
SUBSETTER: Final[dict[str, tuple[Any, ...]]] = {
    "subset_input_create_or_fail": (c_void_p,),
    "subset_input_destroy": (None, c_void_p),
    "subset_input_glyph_set": (c_void_p, c_void_p),
    "subset_input_set": (c_void_p, c_void_p, c_int),
    "subset_input_set_flags": (None, c_void_p, c_uint),
    "subset_plan_create_or_fail": (c_void_p, c_void_p, c_void_p),
    "subset_plan_execute_or_fail": (c_void_p, c_void_p),
    "subset_plan_old_to_new_glyph_mapping": (c_void_p, c_void_p),
    "subset_plan_destroy": (None, c_void_p),
    "subset_preprocess": (c_void_p, c_void_p),
}
DROP_TABLES: Final = 3  # HB_SUBSET_SETS_DROP_TABLE_TAG
NO_HINTING, DESUBROUTINIZE = 1, 4
#: What a PDF reader does not look at: it draws by glyph number.
USELESS: Final = [
    "BASE",
    "DSIG",
    "FFTM",
    "GDEF",
    "GPOS",
    "GSUB",
    "JSTF",
    "LTSH",
    "OS/2",
    "PCLT",
    "VDMX",
    "cmap",
    "gasp",
    "hdmx",
    "kern",
    "meta",
    "name",
    "post",
    "vhea",
    "vmtx",
]


@dataclass(frozen=True, slots=True)
class Cut:
    data: bytes
    numbers: dict[int, int]  # glyph number in the whole font: in the cut

    @property
    def is_opentype(self) -> bool:
        return self.data[:4] == b"OTTO"


@lru_cache
def libraries() -> tuple[CDLL, CDLL]:
    try:
        shaper, subsetter = (CDLL(name) for name in LIBRARIES)
    except OSError as error:
        raise RenderError(RenderErrorCode.FONTS_MISSING, PACKAGE) from error
    for library, functions in ((shaper, SHAPER), (subsetter, SUBSETTER)):
        for name, (result, *arguments) in functions.items():
            function = getattr(library, f"hb_{name}")
            function.restype, function.argtypes = result, arguments
    return shaper, subsetter


def address(face: Any) -> int:
    """WeasyPrint's pointer to a face, as a number."""
    from weasyprint.text.ffi import ffi

    return int(ffi.cast("uintptr_t", face))


def opened(path: Path) -> int:
    """A face of a file; for good, so only for one that is opened once."""
    shaper, _ = libraries()
    blob = shaper.hb_blob_create_from_file(str(path).encode())
    found: int = shaper.hb_face_create(blob, 0)
    return found


def prepared(face: int) -> int:
    """The face in a form that is cut faster; takes the memory of its tables, for good."""
    _, subsetter = libraries()
    found: int = subsetter.hb_subset_preprocess(face)
    return found


def taken(blob: int) -> bytes:
    shaper, _ = libraries()
    length = c_uint()
    data = shaper.hb_blob_get_data(blob, byref(length))
    found = string_at(data, length.value) if length.value else b""
    shaper.hb_blob_destroy(blob)
    return found


def tag(name: str) -> int:
    return int.from_bytes(name.ljust(4).encode("ascii"), "big")


def table(face: int, name: str) -> bytes:
    shaper, _ = libraries()
    return taken(shaper.hb_face_reference_table(face, tag(name)))


def cut(face: int, glyphs: Iterable[int]) -> Cut:
    """A font of these glyphs alone, and of those that they are composed of."""
    shaper, subsetter = libraries()
    wanted = sorted(glyphs)
    order = subsetter.hb_subset_input_create_or_fail()
    chosen = subsetter.hb_subset_input_glyph_set(order)
    for glyph in wanted:
        shaper.hb_set_add(chosen, glyph)
    dropped = subsetter.hb_subset_input_set(order, DROP_TABLES)
    for name in USELESS:
        shaper.hb_set_add(dropped, tag(name))
    subsetter.hb_subset_input_set_flags(order, NO_HINTING | DESUBROUTINIZE)
    plan = subsetter.hb_subset_plan_create_or_fail(face, order)
    mapping = subsetter.hb_subset_plan_old_to_new_glyph_mapping(plan)
    numbers = {glyph: shaper.hb_map_get(mapping, glyph) for glyph in wanted}
    small = subsetter.hb_subset_plan_execute_or_fail(plan)
    data = taken(shaper.hb_face_reference_blob(small))
    shaper.hb_face_destroy(small)
    subsetter.hb_subset_plan_destroy(plan)
    subsetter.hb_subset_input_destroy(order)
    return Cut(data, numbers)


def works(path: Path) -> bool:
    """Really cuts a glyph out of the font: that a library is there is not enough."""
    try:
        found = cut(opened(path), [1])
    except (RenderError, AttributeError, ValueError):  # none, or one too old
        return False
    return 0 < len(found.data) < path.stat().st_size / 4
