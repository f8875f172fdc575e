"""A file each for a county: against typst, against plain WeasyPrint, against mere stamping.

CPU time on one core, 50 people a run; what a run shares is laid out inside the measured time.
"""

from collections.abc import Iterator

from tests.benchmarks import Figure
from tests.benchmarks.certificate_child import measured
from tests.benchmarks.peers import judged, plain_weasyprint, stamping, typst_page

OURS, TYPST, NAIVE, STAMPED = 500, 150, 6, 150
UNIT = "files/s of CPU"


def run() -> Iterator[Figure]:
    ours = measured("ours", OURS).per_second
    for name, peer, count, told in (
        ("certificate_batch", typst_page, TYPST, "typst 0.15"),
        ("certificate_batch_naive", plain_weasyprint, NAIVE, "plain WeasyPrint"),
        ("certificate_batch_floor", stamping, STAMPED, "pikepdf + HarfBuzz stamping"),
    ):
        theirs = measured(peer.__name__.rpartition(".")[2], count).per_second
        figure = Figure(f"{name}.per_second", ours, UNIT, told, theirs)
        yield judged(figure, peer, peer.QUOTED)
