"""An app that makes a worker stand still in the middle of an issue, for tests that kill it."""
