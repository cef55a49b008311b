"""One file per host language: syntax tree to values."""
