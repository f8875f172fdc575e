"""An app that makes a worker stand still in the middle of an import, for tests that kill it."""
