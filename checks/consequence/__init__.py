"""What would become of write sites if an index or a table changed."""
