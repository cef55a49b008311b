"""Objects of every kind: what makes one, the object asked for, and some of its properties by dotted path.

A path goes through fields, names of parts and places in a list: `columns.a.type`, `indexes.i.keys.0.key`.
"""

from __future__ import annotations

from typing import Any

from pgarbiter.structure.model import Kind
from pgarbiter.structure.parts import Grant, NotNull, SequenceOptions

TRIGGER = "CREATE FUNCTION s.g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
TABLE = "CREATE TABLE s.t (id int PRIMARY KEY, a text, b int);"
PARTITIONED = 'CREATE TABLE s.t (k int, v text COLLATE "C", PRIMARY KEY (k)) PARTITION BY RANGE (k);'

READ: dict[str, tuple[str, Kind, tuple[str, ...], dict[str, Any]]] = {
    "schema": (
        "COMMENT ON SCHEMA s IS 'x'; GRANT USAGE ON SCHEMA s TO pg_monitor",
        Kind.SCHEMA,
        ("s",),
        {"comment": "x", "acl": (Grant("pg_monitor", "U", "{user}"), Grant("{user}", "UC", "{user}"))},
    ),
    "extension": (
        "COMMENT ON EXTENSION plpgsql IS 'x'",
        Kind.SCHEMA,  # plpgsql comes with every database and is no change of anybody's
        ("s",),
        {"comment": None},
    ),
    "enum": (
        "CREATE TYPE s.e AS ENUM ('b', 'a'); ALTER TYPE s.e ADD VALUE 'c' BEFORE 'a'; COMMENT ON TYPE s.e IS 'x'",
        Kind.ENUM,
        ("s", "e"),
        {"labels": ("b", "c", "a"), "comment": "x"},
    ),
    "domain": (
        'CREATE DOMAIN s.d AS varchar(9) COLLATE "C" DEFAULT \'y\' NOT NULL CHECK (VALUE > \'a\')',
        Kind.DOMAIN,
        ("s", "d"),
        {"type": "character varying(9)", "not_null": True, "collation": '"C"', "default": "'y'::character varying"},
    ),
    "composite type": (
        'CREATE TYPE s.c AS (a numeric(5,2), b text COLLATE "C"); COMMENT ON COLUMN s.c.a IS \'x\'',
        Kind.COMPOSITE,
        ("s", "c"),
        {"attributes.a.type": "numeric(5,2)", "attributes.a.comment": "x", "attributes.b.collation": '"C"'},
    ),
    "range type": (
        'CREATE TYPE s.r AS RANGE (subtype = text, subtype_opclass = text_pattern_ops, collation = "C")',
        Kind.RANGE,
        ("s", "r"),
        {"subtype": "text", "opclass": "text_pattern_ops", "collation": '"C"'},
    ),
    "sequence": (
        "CREATE SEQUENCE s.q AS int INCREMENT -2 MAXVALUE 9 CACHE 3 CYCLE",
        Kind.SEQUENCE,
        ("s", "q"),
        {"properties": SequenceOptions("integer", 9, -2, -2147483648, 9, 3, cycle=True), "owned_by": None},
    ),
    "sequence of a column": (
        "CREATE TABLE s.t (a serial)",
        Kind.SEQUENCE,
        ("s", "t_a_seq"),
        {"owned_by": ("s", "t", "a"), "properties.type": "integer"},
    ),
    "table": (
        ("CREATE UNLOGGED TABLE s.t (a text) WITH (fillfactor = 50, toast.autovacuum_enabled = off); "
        "ALTER TABLE s.t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, REPLICA IDENTITY NOTHING"),
        Kind.TABLE,
        ("s", "t"),
        {
            "persistence": "unlogged", "options": ("fillfactor=50",), "toast_options": ("autovacuum_enabled=off",),
            "row_security": True, "force_row_security": True, "replica_identity": "nothing",
        },
    ),
    "typed table": (
        "CREATE TYPE s.c AS (a int); CREATE TABLE s.t OF s.c",
        Kind.TABLE,
        ("s", "t"),
        {"of_type": ("s", "c"), "columns.a.type": "integer"},
    ),
    "replica identity by an index": (
        f"{TABLE} ALTER TABLE s.t REPLICA IDENTITY USING INDEX t_pkey; GRANT SELECT ON s.t TO PUBLIC",
        Kind.TABLE,
        ("s", "t"),
        {"replica_identity": "index t_pkey", "acl": (Grant("PUBLIC", "r", "{user}"),)},
    ),
    "column": (
        ("CREATE TABLE s.t (a varchar(9) COLLATE \"C\" NOT NULL DEFAULT 'x'); "
        "ALTER TABLE s.t ALTER a SET STORAGE EXTERNAL, ALTER a SET STATISTICS 7, ALTER a SET (n_distinct = 5)"),
        Kind.TABLE,
        ("s", "t"),
        {
            "columns.a.type": "character varying(9)", "columns.a.collation": '"C"', "columns.a.not_null": True,
            "columns.a.default": "'x'::character varying", "columns.a.storage": "external",
            "columns.a.statistics": 7, "columns.a.options": ("n_distinct=5",),
        },
    ),
    "identity column": (
        "CREATE TABLE s.t (a smallint GENERATED ALWAYS AS IDENTITY (START 5))",
        Kind.TABLE,
        ("s", "t"),
        {"columns.a.identity": "always", "columns.a.identity_options": SequenceOptions("smallint", 5, maximum=32767)},
    ),
    "generated column": (
        "CREATE TABLE s.t (a int, b int GENERATED ALWAYS AS (a + 1) STORED); GRANT SELECT (b) ON s.t TO PUBLIC",
        Kind.TABLE,
        ("s", "t"),
        {
            "columns.b.generated": "stored", "columns.b.default": "a + 1",
            "columns.b.acl": (Grant("PUBLIC", "r", "{user}"),),
        },
    ),
    "comment on a column": (
        f"{TABLE} COMMENT ON COLUMN s.t.a IS 'x'; COMMENT ON TABLE s.t IS 'y'",
        Kind.TABLE,
        ("s", "t"),
        {"columns.a.comment": "x", "columns.b.comment": None, "comment": "y"},
    ),
    "primary key": (
        "CREATE TABLE s.t (a int, b int, c int, CONSTRAINT p PRIMARY KEY (b, a) INCLUDE (c) DEFERRABLE)",
        Kind.TABLE,
        ("s", "t"),
        {
            "constraints.p.kind": "primary key", "constraints.p.columns": ("b", "a"),
            "constraints.p.deferrable": True, "constraints.p.using_index.include": ("c",),
        },
    ),
    "check": (
        ("CREATE TABLE s.t (a int, CONSTRAINT c CHECK ((a > 1) AND (a < 9)) NO INHERIT NOT VALID); "
        "COMMENT ON CONSTRAINT c ON s.t IS 'x'"),
        Kind.TABLE,
        ("s", "t"),
        {
            "constraints.c.expression": "(a > 1) AND (a < 9)", "constraints.c.no_inherit": True,
            "constraints.c.comment": "x", "constraints.c.columns": ("a",),
        },
    ),
    "foreign key": (
        (f"{TABLE} CREATE TABLE s.u (x int, CONSTRAINT f FOREIGN KEY (x) REFERENCES s.t MATCH FULL "
        "ON UPDATE RESTRICT ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED)"),
        Kind.TABLE,
        ("s", "u"),
        {
            "constraints.f.references": ("s", "t"), "constraints.f.referenced_columns": ("id",),
            "constraints.f.match": "full", "constraints.f.on_update": "restrict",
            "constraints.f.on_delete": "set default", "constraints.f.deferred": True,
            "constraints.f.using_index": None,
        },
    ),
    "exclusion constraint": (
        "CREATE TABLE s.t (a int4range, CONSTRAINT x EXCLUDE USING gist (a WITH &&) WHERE (a <> 'empty'))",
        Kind.TABLE,
        ("s", "t"),
        {"constraints.x.operators": ("&&(anyrange,anyrange)",), "constraints.x.using_index.method": "gist"},
    ),
    "index": (
        (f'{TABLE} CREATE INDEX i ON s.t USING btree (lower(a) COLLATE "C" text_pattern_ops DESC, b NULLS FIRST) '
        "INCLUDE (id) WITH (fillfactor = 50) WHERE b > 1"),
        Kind.TABLE,
        ("s", "t"),
        {
            "indexes.i.predicate": "b > 1", "indexes.i.include": ("id",), "indexes.i.options": ("fillfactor=50",),
            "indexes.i.keys.0.key": "lower(a)", "indexes.i.keys.0.is_expression": True,
            "indexes.i.keys.0.collation": '"C"', "indexes.i.keys.0.opclass": "text_pattern_ops",
            "indexes.i.keys.0.descending": True, "indexes.i.keys.0.nulls_first": True,
            "indexes.i.keys.1.key": "b", "indexes.i.keys.1.nulls_first": True, "indexes.i.keys.1.opclass": None,
        },
    ),
    "keys with parameters": (
        (f"{TABLE} CREATE INDEX i ON s.t (lower(a), b); "
        "CREATE INDEX g ON s.t USING gist (to_tsvector('simple', a) tsvector_ops (siglen = 99)); "
        "ALTER INDEX s.i ALTER COLUMN 1 SET STATISTICS 7"),
        Kind.TABLE,
        ("s", "t"),
        {
            "indexes.g.keys.0.opclass_options": ("siglen=99",), "indexes.i.keys.0.statistics": 7,
            "indexes.i.keys.1.statistics": None,
        },
    ),
    "two expressions": (
        f"{TABLE} CREATE INDEX i ON s.t ((b + 1), id, coalesce(a, 'x, y'))",
        Kind.TABLE,
        ("s", "t"),
        {
            "indexes.i.keys.0.key": "b + 1", "indexes.i.keys.1.key": "id",
            "indexes.i.keys.2.key": "COALESCE(a, 'x, y'::text)",
        },
    ),
    "one expression": (
        f"{TABLE} CREATE INDEX i ON s.t ((b + 1)); CREATE INDEX j ON s.t (id); ALTER TABLE s.t CLUSTER ON j",
        Kind.TABLE,
        ("s", "t"),
        {"indexes.i.keys.0.key": "b + 1", "indexes.j.clustered": True, "indexes.i.clustered": False},
    ),
    "partitioned table": (
        f"{PARTITIONED} CREATE INDEX i ON s.t (v)",
        Kind.TABLE,
        ("s", "t"),
        {"partition_key": "RANGE (k)", "bound": None, "indexes.i.valid": True},
    ),
    "partition": (
        f"{PARTITIONED} CREATE INDEX i ON s.t (v); CREATE TABLE s.p PARTITION OF s.t FOR VALUES FROM (1) TO (MAXVALUE)",
        Kind.TABLE,
        ("s", "p"),
        {
            "bound": "FOR VALUES FROM (1) TO (MAXVALUE)", "parents": (("s", "t"),), "columns.k.local": False,
            "columns.k.inherited": True, "indexes.p_v_idx.parent": ("s", "i"),
            "constraints.p_pkey.parent": ("s", "t_pkey"),
        },
    ),
    "inheritance": (
        "CREATE TABLE s.a (x int); CREATE TABLE s.b (y int); CREATE TABLE s.t (x int) INHERITS (s.b, s.a)",
        Kind.TABLE,
        ("s", "t"),
        {"parents": (("s", "b"), ("s", "a")), "columns.x.local": True, "columns.y.local": False},
    ),
    "trigger": (
        (f"{TABLE} {TRIGGER} CREATE TRIGGER r BEFORE UPDATE OF a ON s.t FOR EACH ROW EXECUTE FUNCTION s.g('x'); "
        "ALTER TABLE s.t ENABLE ALWAYS TRIGGER r"),
        Kind.TABLE,
        ("s", "t"),
        {
            "triggers.r.enabled": "always",
            "triggers.r.definition": "CREATE TRIGGER r BEFORE UPDATE OF a ON s.t FOR EACH ROW "
            "EXECUTE FUNCTION s.g('x')",
        },
    ),
    "rule": (
        f"{TABLE} CREATE RULE r AS ON DELETE TO s.t DO INSTEAD NOTHING; ALTER TABLE s.t DISABLE RULE r",
        Kind.TABLE,
        ("s", "t"),
        {"rules.r.enabled": "disabled", "rules.r.comment": None},
    ),
    "policy": (
        (f"{TABLE} CREATE POLICY p ON s.t AS RESTRICTIVE FOR UPDATE TO pg_monitor, pg_read_all_data USING (b > 1) "
        "WITH CHECK (b > 2)"),
        Kind.TABLE,
        ("s", "t"),
        {
            "policies.p.command": "update", "policies.p.permissive": False, "policies.p.using": "b > 1",
            "policies.p.check": "b > 2", "policies.p.roles": ("pg_monitor", "pg_read_all_data"),
        },
    ),
    "foreign table": (
        ("CREATE FOREIGN DATA WRAPPER w; CREATE SERVER v FOREIGN DATA WRAPPER w; "
        "CREATE FOREIGN TABLE s.t (a int OPTIONS (x 'y')) SERVER v OPTIONS (b 'c', a 'd')"),
        Kind.FOREIGN_TABLE,
        ("s", "t"),
        {"server": "v", "foreign_options": ("a=d", "b=c"), "columns.a.foreign_options": ("x=y",)},
    ),
    "view": (
        f"{TABLE} CREATE VIEW s.v WITH (security_barrier = true) AS SELECT a FROM s.t; COMMENT ON VIEW s.v IS 'x'",
        Kind.VIEW,
        ("s", "v"),
        {"options": ("security_barrier=true",), "definition": " SELECT {t}a\n   FROM s.t;", "comment": "x"},
    ),
    "materialized view": (
        f"{TABLE} CREATE MATERIALIZED VIEW s.m AS SELECT id FROM s.t WITH NO DATA; CREATE UNIQUE INDEX i ON s.m (id)",
        Kind.MATERIALIZED_VIEW,
        ("s", "m"),
        {"populated": False, "indexes.i.unique": True},
    ),
    "function": (
        ("CREATE FUNCTION s.f(a int, b text DEFAULT 'x') RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT 1'; "
        "REVOKE EXECUTE ON FUNCTION s.f FROM PUBLIC"),
        Kind.FUNCTION,
        ("s", "f", "a integer, b text"),
        {"result": "SETOF integer", "language": "sql", "acl": (Grant("{user}", "X", "{user}"),)},
    ),
    "procedure": (
        "CREATE PROCEDURE s.p(INOUT a int) LANGUAGE plpgsql AS 'BEGIN END'",
        Kind.PROCEDURE,
        ("s", "p", "INOUT a integer"),
        {"language": "plpgsql", "acl": None},
    ),
    "aggregate": (
        "CREATE AGGREGATE s.a (int) (SFUNC = int4pl, STYPE = int, INITCOND = '5', PARALLEL = SAFE)",
        Kind.AGGREGATE,
        ("s", "a", "integer"),
        {"result": "integer", "definition": "SFUNC = int4pl, STYPE = integer, INITCOND = '5', PARALLEL = SAFE"},
    ),
    "statistics": (
        f"{TABLE} CREATE STATISTICS s.x (mcv, ndistinct) ON b, a FROM s.t; ALTER STATISTICS s.x SET STATISTICS 9",
        Kind.STATISTICS,
        ("s", "x"),
        {"definition": "CREATE STATISTICS s.x (ndistinct, mcv) ON a, b FROM s.t", "target": 9},
    ),
    "event trigger": (
        ("CREATE FUNCTION s.f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
        "CREATE EVENT TRIGGER e ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW') EXECUTE FUNCTION s.f(); "
        "ALTER EVENT TRIGGER e DISABLE"),
        Kind.EVENT_TRIGGER,
        ("e",),
        {"tags": ("DROP TABLE", "DROP VIEW"), "enabled": "disabled", "function": "s.f"},
    ),
    "publication": (
        f"{TABLE} CREATE PUBLICATION p FOR TABLE s.t WITH (publish = 'insert, truncate', publish_via_partition_root)",
        Kind.PUBLICATION,
        ("p",),
        {"operations": ("insert", "truncate"), "via_root": True, "tables": (("s", "t", (), None),)},
    ),
    "default privileges": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA s GRANT SELECT ON TABLES TO PUBLIC",
        Kind.DEFAULT_PRIVILEGES,
        ("pg_monitor", "s", "tables"),
        {"acl": (Grant("PUBLIC", "r", "pg_monitor"),), "role": "pg_monitor"},
    ),
}  # fmt: skip
NEWER = {
    15: {
        "columns of ON DELETE SET": (
            f"{TABLE} CREATE TABLE s.u (x int, CONSTRAINT f FOREIGN KEY (x) REFERENCES s.t ON DELETE SET NULL (x))",
            ("s", "u"),
            {"constraints.f.set_columns": ("x",), "constraints.f.on_delete": "set null"},
        ),
        "nulls not distinct": (
            "CREATE TABLE s.t (a int, CONSTRAINT u UNIQUE NULLS NOT DISTINCT (a))",
            ("s", "t"),
            {"constraints.u.using_index.nulls_not_distinct": True, "constraints.u.kind": "unique"},
        ),
    },
    18: {
        "named NOT NULL": (
            "CREATE TABLE s.t (a int CONSTRAINT given NOT NULL, b int CONSTRAINT later NOT NULL NO INHERIT)",
            ("s", "t"),
            {
                "columns.a.not_null_constraint": NotNull("given"),
                "columns.b.not_null_constraint": NotNull("later", no_inherit=True),
            },
        ),
        "NOT NULL that is not valid": (
            "CREATE TABLE s.t (a int); ALTER TABLE s.t ADD CONSTRAINT t_a_not_null NOT NULL a NOT VALID",
            ("s", "t"),
            {"columns.a.not_null_constraint": NotNull("t_a_not_null", validated=False)},
        ),
        "NOT ENFORCED": (
            "CREATE TABLE s.t (a int, CONSTRAINT c CHECK (a > 1) NOT ENFORCED)",
            ("s", "t"),
            {"constraints.c.enforced": False, "constraints.c.validated": False},
        ),
        "WITHOUT OVERLAPS": (
            "CREATE TABLE s.t (a int4range, b tsrange, CONSTRAINT p PRIMARY KEY (a, b WITHOUT OVERLAPS))",
            ("s", "t"),
            {"constraints.p.period": True, "constraints.p.using_index.method": "gist"},
        ),
        "virtual column": (
            "CREATE TABLE s.t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL)",
            ("s", "t"),
            {"columns.b.generated": "virtual", "columns.b.default": "a + 1"},
        ),
    },
}
