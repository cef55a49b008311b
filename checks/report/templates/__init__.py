"""The templates of pages and drawings."""
