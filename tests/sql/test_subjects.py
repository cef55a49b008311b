"""What a statement would change, by kind and name."""

from __future__ import annotations

import pytest

from pgarbiter.sql import Subject, subjects

RELATIONS = ("table", "foreign table", "view", "materialized view")
ROUTINES = ("function", "procedure", "aggregate")
TYPES = ("enum", "domain", "composite type", "range type", "other")


def of(name: str, schema: str | None = None, kinds: tuple[str, ...] = RELATIONS, *more: str | None) -> Subject:
    return Subject(name, schema, kinds, *more)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('CREATE TABLE a."T" (id serial)', [of("T", "a")]),
        ("CREATE VIEW v AS SELECT 1", [of("v")]),
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", [of("v")]),
        ("CREATE INDEX ON t (a)", [of("t", None, RELATIONS, "index")]),
        ("CREATE UNIQUE INDEX i ON s.t (a)", [of("t", "s", RELATIONS, "index", "i")]),
        ("DROP INDEX s.i", [of("", None, RELATIONS, "index", "i")]),
        ("ALTER INDEX i RENAME TO j", [of("", None, RELATIONS, "index", name) for name in "ij"]),
        ("ALTER TABLE t ENABLE ROW LEVEL SECURITY", [of("t", None, RELATIONS, None, None, "row_security")]),
        ("ALTER TABLE t OWNER TO x", []),
        ("ALTER SEQUENCE t OWNER TO x", []),
        ("ALTER TABLE t ALTER a SET NOT NULL", [of("t", None, RELATIONS, "column", "a", "not_null")]),
        ("ALTER TABLE t ALTER a TYPE int", [of("t", None, RELATIONS, "column", "a")]),
        ("ALTER TABLE t DROP COLUMN a", [of("t")]),
        ("ALTER TABLE t DISABLE TRIGGER ALL", [of("t", None, RELATIONS, "trigger", None, "enabled")]),
        ("ALTER TABLE t ADD a int", [of("t", None, RELATIONS, "column", "a")]),
        (
            "ALTER TABLE t ADD a int REFERENCES u",
            [of("t", None, RELATIONS, "column", "a"), of("t", None, RELATIONS, "constraint")],
        ),
        (
            "ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY (a)",
            [of("t", None, RELATIONS, "constraint", "k"), of("t", None, RELATIONS, "column", "a", "not_null")],
        ),
        ("ALTER TABLE t ATTACH PARTITION u DEFAULT", [of("t"), of("u")]),
        ("ALTER TABLE t RENAME a TO b", [of("t", None, RELATIONS, "column", name) for name in "ab"]),
        ("ALTER TABLE t RENAME TO u", [of("t"), of("u")]),
        ("ALTER TABLE s.t SET SCHEMA r", [of("t")]),
        ("ALTER TYPE e ADD VALUE 'x'", [of("e", None, TYPES)]),
        ("DROP TYPE IF EXISTS a.b", [of("b", "a", TYPES)]),
        ("CREATE POLICY p ON t USING (f())", [of("t", None, RELATIONS, "policy", "p")]),
        ("DROP TRIGGER g ON s.t", [of("t", "s", RELATIONS, "trigger", "g")]),
        ("CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS ''", [of("f", "s", ROUTINES)]),
        ("DROP FUNCTION f(int), g", [of("f", None, ROUTINES), of("g", None, ROUTINES)]),
        ("GRANT EXECUTE ON FUNCTION f(int) TO x", [of("f", None, ROUTINES, None, None, "acl")]),
        (
            "GRANT SELECT ON ALL TABLES IN SCHEMA s TO x",
            [of("", "s", (*RELATIONS, "sequence"), None, None, "acl")],
        ),
        ("COMMENT ON COLUMN s.t.c IS 'x'", [of("t", "s", RELATIONS, "column", "c", "comment")]),
        ("COMMENT ON TABLE t IS 'x'", [of("t", None, RELATIONS, None, None, "comment")]),
        ("CREATE SCHEMA s CREATE TABLE t (a int)", [of("s", None, ("schema",)), of("t")]),
        ("CREATE EXTENSION vector", [of("vector", None, ("extension",))]),
        ("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO x", [of("", None, ("default privileges",))]),
        ("CREATE AGGREGATE a (int) (SFUNC = f, STYPE = int)", [of("a", None, ROUTINES)]),
        ("CREATE CAST (a AS b) WITHOUT FUNCTION", [of("", None, ("other",))]),
        ("INSERT INTO t VALUES (1)", []),
        ("SET search_path = x", []),
    ],
)
def test_a_statement_is_about_what_it_names(text: str, found: list[Subject]) -> None:
    assert list(subjects(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "DO $x$ BEGIN EXECUTE 'CREATE TABLE \"Odd name\" (a int)'; END $x$",
        'CREATE TABBLE "Odd name"',
        'CALL f("Odd name")',
    ],
)
def test_code_and_what_does_not_parse_are_about_every_name_in_them(text: str) -> None:
    assert Subject("Odd name") in subjects(text)
