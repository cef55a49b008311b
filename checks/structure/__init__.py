"""The whole structure of a database, read in one transaction: what is compared, stored and drawn."""
