"""What ours is measured against: real code, run beside it on the same data.

The first line of each peer quotes the figure that the design's own measurements give it. A peer
that comes to less than half of that was not itself, and voids the run.
"""

from dataclasses import replace
from types import ModuleType

from tests.benchmarks import Figure


def void_of(value: float, quoted: float) -> str:
    """Why the run says nothing; "" = it stands."""
    return f"the peer reached {value:g} of {quoted:g}" if value * 2 < quoted else ""


def judged(figure: Figure, peer: ModuleType, quoted: float) -> Figure:
    """The figure with the peer's quoted one beside it; void if the peer was not itself."""
    assert f"{quoted:g}" in (peer.__doc__ or "").splitlines()[0]
    told = f"{figure.peer} ({quoted:g} in the design)"
    return replace(figure, peer=told, void=void_of(figure.peer_value or 0, quoted))
