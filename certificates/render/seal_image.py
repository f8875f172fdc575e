"""The picture of a seal that an office hands in: checked, made small, its ink apart from paper."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Final

from certificates.render.design import Design, Seal
from certificates.render.errors import RenderError, RenderErrorCode
from certificates.render.seal import INK

SIDE: Final = 420  # pixels for 42 mm: 254 dots an inch
MOST_BYTES: Final = 2_000_000
MOST_PIXELS: Final = 4_000_000
PNG: Final = b"\x89PNG\r\n\x1a\n"
#: How a whole one ends: WeasyPrint tells Pillow to make do with half of it.
END: Final = b"IEND\xaeB`\x82"
WHITE: Final = 244  # a scan's paper is no ink


@dataclass(frozen=True, slots=True)
class Picture:
    size: tuple[int, int]
    colours: bytes
    mask: bytes


def picture(image: bytes | None, design: Design) -> Picture | None:
    """The picture that the design names; any other, or none, is refused."""
    if design.seal != Seal.IMAGE:
        return None
    if image is None or hashlib.sha256(image).hexdigest() != design.seal_image:
        raise RenderError(RenderErrorCode.BAD_SEAL_IMAGE, "sha256")
    return seal_picture(image)


@lru_cache(maxsize=8)
def seal_picture(image: bytes) -> Picture:
    """Raise RenderError unless this is a PNG that a seal can be printed from."""
    from PIL import Image, ImageChops, UnidentifiedImageError

    is_png = image.startswith(PNG) and image.endswith(END)
    if not is_png or len(image) > MOST_BYTES:
        raise RenderError(RenderErrorCode.BAD_SEAL_IMAGE, "png")
    try:
        with Image.open(BytesIO(image), formats=["PNG"]) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise RenderError(RenderErrorCode.BAD_SEAL_IMAGE, "pixels")
            found = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise RenderError(RenderErrorCode.BAD_SEAL_IMAGE, "png") from error
    found.thumbnail((SIDE, SIDE))
    square = Image.new("RGBA", (SIDE, SIDE), (255, 255, 255, 0))
    square.paste(found, ((SIDE - found.width) // 2, (SIDE - found.height) // 2))
    colours, alpha = square.convert("RGB"), square.getchannel("A")
    paper = colours.convert("L").point([255 if level < WHITE else 0 for level in range(256)])
    mask = ImageChops.multiply(alpha, paper)
    if not mask.getbbox():
        raise RenderError(RenderErrorCode.BAD_SEAL_IMAGE, "empty")
    inked = Image.composite(colours, Image.new("RGB", colours.size, "#B3261E"), mask.point(bool))
    return Picture((SIDE, SIDE), inked.tobytes(), mask.tobytes())


def transparent_png(found: Picture) -> bytes:
    from PIL import Image

    image = Image.frombytes("RGB", found.size, found.colours)
    mask = Image.frombytes("L", found.size, found.mask)
    image.putalpha(mask.point([round(level * INK) for level in range(256)]))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
