"""The gate of a rolling deploy: old and new code against each state that the schema is in meanwhile."""
