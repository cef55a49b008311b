"""Where a catalog can come from."""
