"""A file each for a county: against typst, against plain WeasyPrint, against mere stamping.

CPU time on one core, 50 people a run; what a run shares is laid out inside the measured time.
"""

from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import measured
from tests.benchmarks.peers import judged, plain_weasyprint, stamping, typst_page

OURS, TYPST, NAIVE, STAMPED = 400, 200, 4, 150
UNIT = "files/s of CPU"


def best(peer: str, count: int) -> tuple[float, float]:
    """The better of two each, by turns: on a machine with other work that is the fairest."""
    turns = [(measured("ours", OURS), measured(peer, count)) for _ in range(2)]
    ours, theirs = zip(*turns, strict=True)
    return max(one.per_second for one in ours), max(one.per_second for one in theirs)


def run() -> Iterator[Figure]:
    for name, peer, count, told in (
        ("certificate_batch", typst_page, TYPST, "typst 0.15"),
        ("certificate_batch_naive", plain_weasyprint, NAIVE, "plain WeasyPrint"),
        ("certificate_batch_floor", stamping, STAMPED, "pikepdf + HarfBuzz stamping"),
    ):
        ours, theirs = best(peer.__name__.rpartition(".")[2], count)
        figure = Figure(f"{name}.per_second", ours, UNIT, told, theirs)
        yield judged(figure, peer, peer.QUOTED)
