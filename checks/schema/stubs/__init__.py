"""Stand-ins for extensions: types and functions, enough for the DDL that uses them to load.

Functions are PL/pgSQL even where one expression would do: the planner would inline an SQL function, and an index on
`unaccent(name)` would then look like an index on `name`.
"""
