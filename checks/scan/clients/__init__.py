"""One file per client or ORM."""
