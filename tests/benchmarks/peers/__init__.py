"""Real code of others doing the same job: what the figures of a benchmark are compared with."""
