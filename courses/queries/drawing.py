"""Pictures of a class, drawn anew, so that nothing but the picture is kept.

To decode one takes far longer than to store it: draw before the transaction begins, or on SQLite
everybody who writes waits for a photo.
"""

import hashlib
import logging
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from courses.models import SessionEvidence

EVIDENCE_BYTES = 2 * 1024 * 1024
#: A phone's camera makes 12 to 50 million; what is larger is not decoded.
MOST_PIXELS = 60_000_000
_LONGEST_SIDE = {SessionEvidence.Kind.PHOTO: 2048, SessionEvidence.Kind.SIGNATURE: 1200}
Kind = SessionEvidence.Kind
TOO_LARGE, NOT_AN_IMAGE = "too_large", "not_an_image"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Drawing:
    """`source_sha256` is of the bytes as they were sent; `content` is what is kept, nothing where
    there is a `fault`."""

    kind: Kind
    source_sha256: str
    content: bytes = b""
    width: int = 0
    height: int = 0
    fault: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def drawn_anew(content: bytes, kind: str) -> Drawing:
    """Decoded, upright and encoded again: no place, no maker, no second file inside."""
    known = Kind(kind), hashlib.sha256(content).hexdigest()
    if len(content) > EVIDENCE_BYTES:
        return Drawing(*known, fault=TOO_LARGE)
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MOST_PIXELS:
                return Drawing(*known, fault=NOT_AN_IMAGE)
            return _encoded(_upright(image, known[0]), *known)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return Drawing(*known, fault=NOT_AN_IMAGE)
    except MemoryError:  # another time it may be enough
        raise
    except Exception:
        # Whatever a decoder stumbles over it stumbles over again: the tablet need not ask for ever.
        _log.exception("a picture that no decoder can read")
        return Drawing(*known, fault=NOT_AN_IMAGE)


def _upright(image: Image.Image, kind: Kind) -> Image.Image:
    side = _LONGEST_SIDE[kind]
    # Decodes a JPEG at the size that is wanted, not at that of the camera.
    image.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((side, side))
    return upright


def _encoded(image: Image.Image, kind: Kind, source_sha256: str) -> Drawing:
    out = BytesIO()
    clean = Image.new("RGB", image.size, "white")
    rgba = image.convert("RGBA")
    clean.paste(rgba, mask=rgba.getchannel("A"))
    if kind == Kind.PHOTO:
        clean.save(out, "JPEG", quality=85, optimize=True)
    else:
        clean.convert("L").save(out, "PNG", optimize=True)
    return Drawing(kind, source_sha256, out.getvalue(), clean.width, clean.height)
