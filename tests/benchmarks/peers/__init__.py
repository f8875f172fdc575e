"""What ours is measured against: real code, run beside it on the same data.

The first line of each peer quotes the figure that the design's own measurements give it. A peer
that comes to less than half of that was not itself, and voids the run.
"""

import time
from types import ModuleType

import segno

from tests.benchmarks import Figure

#: The fixed loop: one QR code in pure Python took the machine of those measurements this long.
LOOP_MS = 0.78
ADDRESS = "HTTPS://NONGPEI.EXAMPLE.CN/V/7KQ2M9XD4TRA"


def machine() -> float:
    """How fast this machine is beside that one, at most as fast: the best of some loops."""

    def loop() -> float:
        started = time.process_time()
        for _ in range(20):
            segno.make(ADDRESS, error="q", mask=2, micro=False, boost_error=False)
        return (time.process_time() - started) * 1000 / 20

    return round(min(1.0, LOOP_MS / min(loop() for _ in range(5))), 2)


def judged(figure: Figure, peer: ModuleType, quoted: float) -> Figure:
    """The figure with the peer's quoted one beside it; void if the peer was not itself."""
    assert f"{quoted:g}" in (peer.__doc__ or "").splitlines()[0]
    speed = machine()
    told = f"{figure.peer} ({quoted:g} in the design, machine {speed:g} of its)"
    value = figure.peer_value
    if value is None or value < quoted * speed / 2:
        void = f"VOID: {told} came to {value}"
        return Figure(figure.name, figure.value, figure.unit, void, None)
    return Figure(figure.name, figure.value, figure.unit, told, value)
