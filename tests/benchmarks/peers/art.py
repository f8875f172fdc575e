"""Our drawings for the peers: as small PDF files, and the seal as the PNG that an office has."""

from collections.abc import Iterator, Mapping
from io import BytesIO

from pypdfium2 import PdfDocument

from certificates.render.art import Drawing
from certificates.render.objects import Objects
from certificates.render.pages import Common
from certificates.render.seal import INK, RADIUS
from certificates.render.sheet import add_art, references
from certificates.render.strokes import MM
from certificates.render.svg import PAINT, PATH, SETTERS, State

SEAL_PIXELS = 480
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
JOINT = 0.03  # mm: what rounding does to a handle
UNTURNED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def drawn(common: Common, name: str, width: float, height: float, operators: str) -> bytes:
    """A page of so many millimetres, with one of a certificate's drawings on it."""
    pdf = Objects()
    used = references({name: add_art(pdf, common, None)[name]})
    content, parent = pdf.stream(operators.encode()), pdf.reserve()
    page = pdf.add(
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %.3f %.3f] /Contents %d 0 R"
        b" /Resources << /XObject %b >> >>" % (parent, width * MM, height * MM, content, used)
    )
    pdf.fill(parent, b"<< /Type /Pages /Count 1 /Kids [%d 0 R] >>" % page)
    root, info = pdf.add(b"<< /Type /Catalog /Pages %d 0 R >>" % parent), pdf.add(b"<< >>")
    return pdf.finished(root, info)


def ground_pdf(common: Common) -> bytes:
    return drawn(common, "Ground", common.place.width, common.place.height, "/Ground Do")


def seal_pdf(common: Common) -> bytes:
    middle = f"{RADIUS * MM:.3f} {RADIUS * MM:.3f}"
    operators = f"q {MM:.6f} 0 0 {MM:.6f} {middle} cm /Seal Do Q"
    return drawn(common, "Seal", 2 * RADIUS, 2 * RADIUS, operators)


def seal_png(common: Common) -> bytes:
    document = PdfDocument(seal_pdf(common))
    scale = SEAL_PIXELS / (2 * RADIUS * MM)
    image = document[0].render(scale=scale, fill_color=(0, 0, 0, 0)).to_pil()
    out = BytesIO()
    image = image.convert("RGBA")
    image.putalpha(image.getchannel("A").point([round(level * INK) for level in range(256)]))
    image.save(out, "PNG")
    document.close()
    return out.getvalue()


def flat_svg(drawing: Drawing, width: float, height: float) -> bytes:
    """The same lines with every repeated form written out where it stands, and all that are drawn
    alike in a row in one path: what WeasyPrint draws soonest, far sooner than a `use` each."""
    paths: list[tuple[str, list[str]]] = []
    for style, path in strokes(drawing.operators, drawing.forms, State(), UNTURNED):
        if paths and paths[-1][0] == style:
            paths[-1][1].append(path)
        else:
            paths.append((style, [path]))
    drawn = "".join(f'<path{style} d="{"".join(parts)}"/>' for style, parts in paths)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm"'
        f' viewBox="0 0 {width} {height}"><g transform="matrix(1 0 0 -1 0 {height})">{drawn}</g>'
        "</svg>"
    ).encode()


def strokes(
    operators: str, forms: Mapping[str, str], state: State, matrix: Matrix
) -> Iterator[tuple[str, str]]:
    """Each path with its style, its points where the forms put them."""
    kept: list[tuple[State, Matrix]] = []
    path: list[str] = []
    last: list[Point] = []
    waiting: list[str] = []
    for word in operators.split():
        if word in PATH:
            points = moved(waiting, matrix)
            path.append(drawn_on(PATH[word], points, last))
            last = points or last
        elif word == "re":
            x, y, across, up = map(float, waiting)
            corners = ((x, y), (x + across, y), (x + across, y + up), (x, y + up))
            said = [said_of(moved(list(map(str, corner)), matrix)) for corner in corners]
            path.append(f"M{'L'.join(said)}Z")
        elif word == "cm":
            matrix = turned(matrix, [float(number) for number in waiting])
        elif word in SETTERS:
            state = SETTERS[word](state, waiting)
        elif word in PAINT:
            yield state.said(PAINT[word]), "".join(path)
            path = []
        elif word == "q":
            kept.append((state, matrix))
        elif word == "Q":
            state, matrix = kept.pop()
        elif word == "Do":
            yield from strokes(forms[waiting[0][1:]], forms, state, matrix)
        else:
            waiting.append(word)
            continue
        waiting = []


def moved(numbers: list[str], matrix: Matrix) -> list[Point]:
    a, b, c, d, e, f = matrix
    values = [float(number) for number in numbers]
    pairs = zip(values[::2], values[1::2], strict=True)
    return [(a * x + c * y + e, b * x + d * y + f) for x, y in pairs]


def drawn_on(letter: str, points: list[Point], last: list[Point]) -> str:
    """The command in SVG; a curve that goes on as the one before it ended needs a handle less."""
    if letter == "C" and len(last) == 3:
        (_, _), (x, y), (x1, y1) = last
        if abs(points[0][0] - 2 * x1 + x) < JOINT and abs(points[0][1] - 2 * y1 + y) < JOINT:
            return f"S{said_of(points[1:])}"
    return letter + said_of(points)


def said_of(points: list[Point]) -> str:
    return " ".join(f"{x:.2f} {y:.2f}" for x, y in points)


def turned(outer: Matrix, inner: list[float]) -> Matrix:
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * m + e,
        b * k + d * m + f,
    )
