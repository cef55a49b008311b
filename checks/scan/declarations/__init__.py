"""Table declarations that map names."""
