"""Whether the role that runs a statement may: its privileges, and what row security does to its rows."""
