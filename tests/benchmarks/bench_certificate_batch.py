"""A file each for a county: against typst, against plain WeasyPrint, against mere stamping.

CPU time on one core, 50 people a run; what a run shares is laid out inside the measured time.
"""

from collections.abc import Iterator
from dataclasses import replace

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import measured
from tests.benchmarks.peers import judged, quoted_page, stamping, typst_page, void_of

OURS, TYPST, NAIVE, QUOTED, STAMPED = 400, 200, 4, 6, 150
UNIT = "files/s of CPU"


def best(peer: str, count: int) -> tuple[float, float]:
    """The better of two each, by turns: on a machine with other work that is the fairest."""
    turns = [(measured("ours", OURS), measured(peer, count)) for _ in range(2)]
    ours, theirs = zip(*turns, strict=True)
    return max(one.per_second for one in ours), max(one.per_second for one in theirs)


def naive() -> Figure:
    """Ours and plain WeasyPrint draw the same page; whether WeasyPrint is itself here shows on the
    page that its quoted figure is of."""
    ours, theirs = best("plain_weasyprint", NAIVE)
    known = max(measured("quoted_page", QUOTED).per_second for _ in range(2))
    told = f"plain WeasyPrint ({known:g} of {quoted_page.QUOTED:g} on the page of the design)"
    figure = Figure("certificate_batch_naive.per_second", ours, UNIT, told, theirs)
    return replace(figure, void=void_of(known, quoted_page.QUOTED))


def run() -> Iterator[Figure]:
    for name, peer, count, told in (
        ("certificate_batch", typst_page, TYPST, "typst 0.15"),
        ("certificate_batch_floor", stamping, STAMPED, "pikepdf + HarfBuzz stamping"),
    ):
        ours, theirs = best(peer.__name__.rpartition(".")[2], count)
        figure = Figure(f"{name}.per_second", ours, UNIT, told, theirs)
        yield judged(figure, peer, peer.QUOTED)
    yield naive()
