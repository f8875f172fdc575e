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

    @property
    def ratio(self) -> float | None:
        """How many times the peer's value ours is."""
        return round(self.value / self.peer_value, 3) if self.peer_value else None

    def as_line(self) -> dict[str, object]:
        return asdict(self) | {"ratio": self.ratio}
