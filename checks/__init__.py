"""pgarbiter: does every upsert have an arbiter index?"""

__version__ = "0.1.0"
