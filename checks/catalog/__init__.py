"""A server to a Catalog."""
