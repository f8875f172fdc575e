"""Benchmarks: each bench_<name>.py here has `run()`, which yields figures.

`python -m tests.benchmarks [NAME...]` runs them on a fresh SQLite database (or DATABASE_URL) with
all migrations applied, and prints one JSON line a figure.
"""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    unit: str
    #: What it is measured against, on the same machine and data; "" = nothing.
    peer: str = ""
    peer_value: float | None = None

    #: Why the run says nothing; "" = it stands.
    void: str = ""

    @classmethod
    def against(
        cls, name: str, value: float, unit: str, peer: str, peer_value: float, *, quoted: float
    ) -> "Figure":
        """`quoted`: what the peer reached when it was chosen; below half of that nothing counts."""
        void = f"the peer reached {peer_value:.0f} of {quoted:.0f}" * (peer_value * 2 < quoted)
        return cls(name, round(value), unit, peer, round(peer_value), void)

    @property
    def ratio(self) -> float | None:
        """How many times the peer's value ours is."""
        if self.void or not self.peer_value:
            return None
        return round(self.value / self.peer_value, 3)

    def as_line(self) -> dict[str, object]:
        line = asdict(self) | {"ratio": self.ratio}
        if not self.void:
            del line["void"]
        return line
