"""The names of a conflict clause in Hasura's GraphQL: those of its default, and of its graphql-default naming."""

from __future__ import annotations

CONFLICT = frozenset({"on_conflict", "onConflict"})
