"""Application source to write sites."""
