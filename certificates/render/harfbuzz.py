"""Cut the glyphs of a few letters out of a font with HarfBuzz.

WeasyPrint's own call keeps glyph numbers, which leaves long tables of nothing in the file and
takes two passes over the font; a map of the numbers is smaller, and takes a thirtieth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from cffi import FFI

from certificates.render.errors import RenderError, RenderErrorCode

LIBRARIES: Final = ("libharfbuzz.so.0", "libharfbuzz-subset.so.0")
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
def libraries() -> tuple[FFI, Any, Any]:
    ffi = FFI()
    ffi.cdef("""
        void *hb_subset_input_create_or_fail(void);
        void hb_subset_input_destroy(void *);
        void *hb_subset_input_glyph_set(void *);
        void *hb_subset_input_set(void *, int);
        void hb_subset_input_set_flags(void *, unsigned);
        void *hb_subset_plan_create_or_fail(void *, void *);
        void *hb_subset_plan_execute_or_fail(void *);
        void *hb_subset_plan_old_to_new_glyph_mapping(void *);
        void hb_subset_plan_destroy(void *);
        void *hb_subset_preprocess(void *);
        void hb_set_add(void *, uint32_t);
        uint32_t hb_map_get(void *, uint32_t);
        uint32_t hb_tag_from_string(const char *, int);
        void *hb_face_reference_blob(void *);
        void *hb_face_reference_table(void *, uint32_t);
        void hb_face_destroy(void *);
        const char *hb_blob_get_data(void *, unsigned *);
        void hb_blob_destroy(void *);
    """)
    try:
        shaper, subsetter = (ffi.dlopen(name) for name in LIBRARIES)
    except OSError as error:
        raise RenderError(RenderErrorCode.FONTS_MISSING, "libharfbuzz-subset0") from error
    return ffi, shaper, subsetter


def address(face: Any) -> Any:
    """WeasyPrint's pointer to a face, as one of ours."""
    from weasyprint.text.ffi import ffi as theirs

    ffi, _, _ = libraries()
    return ffi.cast("void *", int(theirs.cast("uintptr_t", face)))


def prepared(face: Any) -> Any:
    """The face in a form that is cut faster; takes the memory of its tables, for good."""
    _, _, subsetter = libraries()
    return subsetter.hb_subset_preprocess(face)


def taken(blob: Any) -> bytes:
    ffi, shaper, _ = libraries()
    length = ffi.new("unsigned *")
    data = shaper.hb_blob_get_data(blob, length)
    found = bytes(ffi.buffer(data, length[0])) if length[0] else b""
    shaper.hb_blob_destroy(blob)
    return found


def table(face: Any, tag: str) -> bytes:
    _, shaper, _ = libraries()
    number = shaper.hb_tag_from_string(tag.encode(), -1)
    return taken(shaper.hb_face_reference_table(face, number))


def cut(face: Any, glyphs: Iterable[int]) -> Cut:
    """A font of these glyphs alone, and of those that they are composed of."""
    _, shaper, subsetter = libraries()
    wanted = sorted(glyphs)
    order = subsetter.hb_subset_input_create_or_fail()
    chosen = subsetter.hb_subset_input_glyph_set(order)
    for glyph in wanted:
        shaper.hb_set_add(chosen, glyph)
    dropped = subsetter.hb_subset_input_set(order, DROP_TABLES)
    for tag in USELESS:
        shaper.hb_set_add(dropped, shaper.hb_tag_from_string(tag.encode(), -1))
    subsetter.hb_subset_input_set_flags(order, NO_HINTING | DESUBROUTINIZE)
    plan = subsetter.hb_subset_plan_create_or_fail(face, order)
    mapping = subsetter.hb_subset_plan_old_to_new_glyph_mapping(plan)
    numbers = {glyph: int(shaper.hb_map_get(mapping, glyph)) for glyph in wanted}
    small = subsetter.hb_subset_plan_execute_or_fail(plan)
    data = taken(shaper.hb_face_reference_blob(small))
    shaper.hb_face_destroy(small)
    subsetter.hb_subset_plan_destroy(plan)
    subsetter.hb_subset_input_destroy(order)
    return Cut(data, numbers)
