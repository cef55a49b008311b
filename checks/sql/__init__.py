"""PostgreSQL text to writes and expressions; the only importer of the SQL parser."""
