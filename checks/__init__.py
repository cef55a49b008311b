"""pgarbiter: does every upsert have an arbiter index (the library behind the command)."""

__version__ = "0.1.0"
