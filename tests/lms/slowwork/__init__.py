"""An app with one kind of work, for tests that kill a worker in the middle of it."""
