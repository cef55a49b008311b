"""Which arbiters an application needs, as a file that a database is held against later."""
