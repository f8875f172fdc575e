"""What the figures are measured against: real code, on the same files, engine and settings."""
