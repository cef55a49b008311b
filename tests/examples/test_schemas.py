"""The examples' schemas are those of the product's own revisions: broken as they stood, and repaired."""

from __future__ import annotations

import psycopg
import pytest

from .conftest import Application, url_of

# The old spellings stay in the table for the way back, nullable and unread; the place of a column means nothing.
COLUMNS = """\
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
       pg_get_expr(d.adbin, d.adrelid)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = ANY (%(tables)s)
  AND a.attname <> 'end_time_before'
ORDER BY c.relname, a.attname"""
INDEXES = """\
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY (%(tables)s)
ORDER BY 1, 2"""
CONSTRAINTS = """\
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text = ANY (%(tables)s) AND contype <> 'n'
ORDER BY 1, 2"""
EXAMPLES = {
    "identity-cache": ("instagram_user_cache", "instagram_conversations", "instagram_messages"),
    "insights": ("instagram_insights", "user_tokens", "instagram_sync_logs"),
    "oauth-installations": ("hl_installations", "oauth_codes"),
}


@pytest.mark.parametrize(
    ("file", "revision"),
    [("schema.sql", "0004_installations"), ("repaired.sql", "head")],
    ids=["broken", "repaired"],
)
def test_an_example_has_the_tables_of_the_revisions(
    any_database: str, monkeypatch: pytest.MonkeyPatch, file: str, revision: str
) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        _compare(Application(connection, url_of(any_database)), monkeypatch, file, revision)


def _compare(application: Application, monkeypatch: pytest.MonkeyPatch, file: str, revision: str) -> None:
    application.revisions(revision, monkeypatch)
    made = {example: _facts(application, example) for example in EXAMPLES}
    # the server's role may have the name of the journal's schema, which is then first on its path
    application.connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public; SET search_path = public")
    for example in EXAMPLES:
        application.schema(f"{example}/db/{file}")
        assert _facts(application, example) == made[example]


def _facts(application: Application, example: str) -> list[list[tuple[object, ...]]]:
    """Columns, indexes and constraints of an example's tables."""
    tables = {"tables": list(EXAMPLES[example])}
    return [
        application.connection.execute(query, tables, prepare=False).fetchall()
        for query in (COLUMNS, INDEXES, CONSTRAINTS)
    ]
