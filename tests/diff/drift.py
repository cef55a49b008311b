"""Changes of a live database, each with the entries that a diff must have for it, and no others.

An entry is written `action kind name property`, with the name of a part as TABLE.PART. The base is `base.sql`.
"""

from __future__ import annotations

from typing import NamedTuple


class Drift(NamedTuple):
    """A change: its DDL on the base, the entries expected, and the first server that can have it."""

    name: str
    ddl: str
    entries: tuple[str, ...]
    since: int = 14


TABLES = (
    Drift("extra table", "CREATE TABLE app.extra (a int)", ("added table app.extra",)),
    Drift("missing table", "DROP TABLE app.lonely", ("removed table app.lonely",)),
    Drift("table comment", "COMMENT ON TABLE app.t IS 'other'", ("changed table app.t comment",)),
    Drift("row security", "ALTER TABLE app.t ENABLE ROW LEVEL SECURITY", ("changed table app.t row_security",)),
    Drift("forced", "ALTER TABLE app.t FORCE ROW LEVEL SECURITY", ("changed table app.t force_row_security",)),
    Drift("fillfactor", "ALTER TABLE app.t SET (fillfactor = 70)", ("changed table app.t options",)),
    Drift(
        "toast option",
        "ALTER TABLE app.t SET (toast.autovacuum_enabled = off)",
        ("changed table app.t toast_options",),
    ),
    Drift("replica identity", "ALTER TABLE app.t REPLICA IDENTITY FULL", ("changed table app.t replica_identity",)),
    Drift(
        "replica identity by an index",
        "ALTER TABLE app.t REPLICA IDENTITY USING INDEX t_email_key",
        ("changed table app.t replica_identity",),
    ),
    Drift(
        "owner",
        "CREATE ROLE drift_owner; ALTER TABLE app.t OWNER TO drift_owner",
        ("changed table app.t owner",),
    ),
    Drift("grant", "GRANT SELECT ON app.t TO PUBLIC", ("changed table app.t acl",)),
    Drift("column grant", "GRANT SELECT (note) ON app.t TO PUBLIC", ("changed column app.t.note acl",)),
    Drift("unlogged", "ALTER TABLE app.lonely SET UNLOGGED", ("changed table app.lonely persistence",)),
    Drift(
        "inheritance",
        "ALTER TABLE app.child INHERIT app.parent",
        ("changed table app.child parents", "changed column app.child.a inherited"),
    ),
    Drift(
        "partition added",
        "CREATE TABLE app.part3 PARTITION OF app.parted FOR VALUES IN (3)",
        ("added table app.part3",),
    ),
    Drift(
        "partition detached",
        "ALTER TABLE app.parted DETACH PARTITION app.part2",
        (
            "changed table app.part2 bound parents",
            "changed column app.part2.k inherited local",
            "changed column app.part2.v inherited local",
        ),
    ),
    Drift("access method is the same", "ALTER TABLE app.t SET (fillfactor = 100)", ("changed table app.t options",)),
)
COLUMNS = (
    Drift("extra column", "ALTER TABLE app.t ADD extra int", ("added column app.t.extra",)),
    Drift("missing column", "ALTER TABLE app.t DROP free", ("removed column app.t.free",)),
    Drift("NOT NULL dropped", "ALTER TABLE app.t ALTER email DROP NOT NULL", ("changed column app.t.email not_null",)),
    Drift("NOT NULL added", "ALTER TABLE app.t ALTER note SET NOT NULL", ("changed column app.t.note not_null",)),
    Drift("int to bigint", "ALTER TABLE app.t ALTER qty TYPE bigint", ("changed column app.t.qty type",)),
    Drift("longer varchar", "ALTER TABLE app.t ALTER code TYPE varchar(60)", ("changed column app.t.code type",)),
    Drift("text to varchar", "ALTER TABLE app.t ALTER note TYPE varchar", ("changed column app.t.note type",)),
    Drift("varchar to text", "ALTER TABLE app.t ALTER code TYPE text", ("changed column app.t.code type",)),
    Drift("scale", "ALTER TABLE app.t ALTER price TYPE numeric(12,4)", ("changed column app.t.price type",)),
    Drift("no precision", "ALTER TABLE app.t ALTER price TYPE numeric", ("changed column app.t.price type",)),
    Drift("time zone", "ALTER TABLE app.t ALTER at TYPE timestamp", ("changed column app.t.at type",)),
    Drift("time precision", "ALTER TABLE app.t ALTER at TYPE timestamptz(3)", ("changed column app.t.at type",)),
    Drift("text to domain", "ALTER TABLE app.t ALTER note TYPE app.mail", ("changed column app.t.note type",)),
    Drift(
        "range type",
        "ALTER TABLE app.t ALTER span TYPE int8range USING NULL",
        ("changed column app.t.span type",),
    ),
    Drift("array", "ALTER TABLE app.t ALTER qty TYPE int[] USING NULL", ("changed column app.t.qty type",)),
    Drift("default changed", "ALTER TABLE app.t ALTER rank SET DEFAULT 5", ("changed column app.t.rank default",)),
    Drift("default removed", "ALTER TABLE app.t ALTER rank DROP DEFAULT", ("changed column app.t.rank default",)),
    Drift("default added", "ALTER TABLE app.t ALTER note SET DEFAULT 'q'", ("changed column app.t.note default",)),
    Drift(
        "identity always",
        "ALTER TABLE app.t ALTER id SET GENERATED ALWAYS",
        ("changed column app.t.id identity",),
    ),
    Drift(
        "identity dropped",
        "ALTER TABLE app.t ALTER id DROP IDENTITY",
        ("changed column app.t.id identity identity_options",),
    ),
    Drift(
        "identity increment",
        "ALTER TABLE app.t ALTER id SET INCREMENT BY 10",
        ("changed column app.t.id identity_options.increment",),
    ),
    Drift(
        "generation expression",
        "ALTER TABLE app.t ALTER twice SET EXPRESSION AS (rank * 3)",
        ("changed column app.t.twice default",),
        17,
    ),
    Drift(
        "generated to plain",
        "ALTER TABLE app.t ALTER twice DROP EXPRESSION",
        ("changed column app.t.twice default generated",),
    ),
    Drift(
        "plain to generated",
        "ALTER TABLE app.t DROP free; ALTER TABLE app.t ADD free text GENERATED ALWAYS AS (upper(code)) STORED",
        ("changed table app.t column_order", "changed column app.t.free default generated"),
    ),
    Drift("collation", 'ALTER TABLE app.t ALTER note TYPE text COLLATE "C"', ("changed column app.t.note collation",)),
    Drift("storage", "ALTER TABLE app.t ALTER note SET STORAGE EXTERNAL", ("changed column app.t.note storage",)),
    Drift(
        "compression",
        "ALTER TABLE app.t ALTER note SET COMPRESSION pglz",
        ("changed column app.t.note compression",),
    ),
    Drift("statistics", "ALTER TABLE app.t ALTER note SET STATISTICS 500", ("changed column app.t.note statistics",)),
    Drift("options", "ALTER TABLE app.t ALTER note SET (n_distinct = 5)", ("changed column app.t.note options",)),
    Drift("comment", "COMMENT ON COLUMN app.t.note IS 'hello'", ("changed column app.t.note comment",)),
    Drift(
        "order",
        "ALTER TABLE app.lonely DROP a; ALTER TABLE app.lonely ADD a int",
        ("changed table app.lonely column_order",),
    ),
)
CONSTRAINTS = (
    Drift(
        "PK dropped", "ALTER TABLE app.keyed DROP CONSTRAINT keyed_pkey", ("removed constraint app.keyed.keyed_pkey",)
    ),
    Drift(
        "PK columns",
        "ALTER TABLE app.keyed DROP CONSTRAINT keyed_pkey, ADD PRIMARY KEY (a, b)",
        ("changed constraint app.keyed.keyed_pkey columns using_index.keys", "changed column app.keyed.b not_null"),
    ),
    Drift(
        "unique dropped",
        "ALTER TABLE app.t DROP CONSTRAINT t_email_key",
        ("removed constraint app.t.t_email_key",),
    ),
    Drift(
        "unique columns",
        "ALTER TABLE app.t DROP CONSTRAINT t_email_key, ADD CONSTRAINT t_email_key UNIQUE (email, org)",
        ("changed constraint app.t.t_email_key columns using_index.keys",),
    ),
    Drift(
        "unique column order",
        "ALTER TABLE app.t DROP CONSTRAINT t_org_code_key, ADD CONSTRAINT t_org_code_key UNIQUE (code, org)",
        ("changed constraint app.t.t_org_code_key columns using_index.keys",),
    ),
    Drift(
        "NULLS NOT DISTINCT",
        "ALTER TABLE app.t DROP CONSTRAINT t_email_key, ADD CONSTRAINT t_email_key UNIQUE NULLS NOT DISTINCT (email)",
        ("changed constraint app.t.t_email_key using_index.nulls_not_distinct",),
        15,
    ),
    Drift(
        "INCLUDE",
        "ALTER TABLE app.t DROP CONSTRAINT t_email_key, ADD CONSTRAINT t_email_key UNIQUE (email) INCLUDE (note)",
        ("changed constraint app.t.t_email_key using_index.include",),
    ),
    Drift(
        "DEFERRABLE",
        "ALTER TABLE app.t DROP CONSTRAINT t_email_key, ADD CONSTRAINT t_email_key UNIQUE (email) DEFERRABLE",
        ("changed constraint app.t.t_email_key deferrable",),
    ),
    Drift(
        "constraint to index",
        "ALTER TABLE app.t DROP CONSTRAINT t_email_key; CREATE UNIQUE INDEX t_email_key ON app.t (email)",
        ("removed constraint app.t.t_email_key", "added index app.t.t_email_key"),
    ),
    Drift("CHECK added", "ALTER TABLE app.t ADD CONSTRAINT c CHECK (qty > 1)", ("added constraint app.t.c",)),
    Drift(
        "CHECK dropped", "ALTER TABLE app.t DROP CONSTRAINT t_rank_check", ("removed constraint app.t.t_rank_check",)
    ),
    Drift(
        "CHECK expression",
        "ALTER TABLE app.t DROP CONSTRAINT t_rank_check, ADD CONSTRAINT t_rank_check CHECK (rank >= 1)",
        ("changed constraint app.t.t_rank_check expression",),
    ),
    Drift(
        "CHECK not valid",
        "ALTER TABLE app.t DROP CONSTRAINT t_rank_check, ADD CONSTRAINT t_rank_check CHECK (rank >= 0) NOT VALID",
        ("changed constraint app.t.t_rank_check validated",),
    ),
    Drift(
        "CHECK no inherit",
        "ALTER TABLE app.t DROP CONSTRAINT t_rank_check, ADD CONSTRAINT t_rank_check CHECK (rank >= 0) NO INHERIT",
        ("changed constraint app.t.t_rank_check no_inherit",),
    ),
    Drift(
        "CHECK not enforced",
        "ALTER TABLE app.t DROP CONSTRAINT t_rank_check, ADD CONSTRAINT t_rank_check CHECK (rank >= 0) NOT ENFORCED",
        ("changed constraint app.t.t_rank_check enforced validated",),
        18,
    ),
    Drift("FK dropped", "ALTER TABLE app.t DROP CONSTRAINT t_org_fkey", ("removed constraint app.t.t_org_fkey",)),
    *(
        Drift(
            f"FK {name}",
            "ALTER TABLE app.t DROP CONSTRAINT t_org_fkey,"
            f" ADD CONSTRAINT t_org_fkey FOREIGN KEY (org) REFERENCES app.orgs {clause}",
            (f"changed constraint app.t.t_org_fkey {properties}",),
            since,
        )
        for name, clause, properties, since in (
            ("ON DELETE", "ON DELETE CASCADE", "on_delete", 14),
            ("ON UPDATE", "ON UPDATE CASCADE", "on_update", 14),
            ("SET NULL of columns", "ON DELETE SET NULL (org)", "on_delete set_columns", 15),
            ("DEFERRABLE", "DEFERRABLE", "deferrable", 14),
            ("DEFERRED", "DEFERRABLE INITIALLY DEFERRED", "deferrable deferred", 14),
            ("NOT VALID", "NOT VALID", "validated", 14),
            ("NOT ENFORCED", "NOT ENFORCED", "enforced validated", 18),
            ("MATCH FULL", "MATCH FULL", "match", 14),
        )
    ),
    Drift(
        "EXCLUDE dropped",
        "ALTER TABLE app.booked DROP CONSTRAINT booked_span_excl",
        ("removed constraint app.booked.booked_span_excl",),
    ),
    Drift(
        "EXCLUDE operator",
        "ALTER TABLE app.booked DROP CONSTRAINT booked_span_excl,"
        " ADD CONSTRAINT booked_span_excl EXCLUDE USING gist (span WITH =)",
        ("changed constraint app.booked.booked_span_excl operators",),
    ),
    Drift(
        "EXCLUDE added",
        "ALTER TABLE app.booked ADD CONSTRAINT two EXCLUDE USING gist (span WITH -|-)",
        ("added constraint app.booked.two",),
    ),
    Drift(
        "NOT NULL renamed",
        "ALTER TABLE app.t RENAME CONSTRAINT t_email_not_null TO needed",
        ("changed column app.t.email not_null_constraint",),
        18,
    ),
    Drift(
        "NOT NULL not valid",
        "ALTER TABLE app.t ADD CONSTRAINT needed NOT NULL note NOT VALID",
        ("changed column app.t.note not_null not_null_constraint",),
        18,
    ),
    Drift(
        "WITHOUT OVERLAPS",
        "ALTER TABLE app.booked ADD CONSTRAINT wo UNIQUE (other, span WITHOUT OVERLAPS)",
        ("added constraint app.booked.wo",),
        18,
    ),
    Drift(
        "comment",
        "COMMENT ON CONSTRAINT t_rank_check ON app.t IS 'x'",
        ("changed constraint app.t.t_rank_check comment",),
    ),
)
INDEXES = (
    Drift("dropped", "DROP INDEX app.plain", ("removed index app.t.plain",)),
    Drift("added", "CREATE INDEX more ON app.t (qty)", ("added index app.t.more",)),
    *(
        Drift(f"{name}", f"DROP INDEX app.{index}; {ddl}", (f"changed index app.t.{index} {properties}",), since)
        for name, index, ddl, properties, since in (
            ("columns", "plain", "CREATE INDEX plain ON app.t (qty, rank)", "keys", 14),
            ("unique", "plain", "CREATE UNIQUE INDEX plain ON app.t (qty)", "unique", 14),
            ("predicate changed", "partial", "CREATE INDEX partial ON app.t (qty) WHERE rank > 2", "predicate", 14),
            ("predicate removed", "partial", "CREATE INDEX partial ON app.t (qty)", "predicate", 14),
            ("predicate added", "plain", "CREATE INDEX plain ON app.t (qty) WHERE rank > 2", "predicate", 14),
            ("expression", "expressed", "CREATE INDEX expressed ON app.t (upper(email))", "keys", 14),
            ("direction", "plain", "CREATE INDEX plain ON app.t (qty DESC NULLS LAST)", "keys", 14),
            ("include", "plain", "CREATE INDEX plain ON app.t (qty) INCLUDE (rank)", "include", 14),
            ("opclass", "worded", "CREATE INDEX worded ON app.t (note text_pattern_ops)", "keys", 14),
            ("collation", "worded", 'CREATE INDEX worded ON app.t (note COLLATE "C")', "keys", 14),
            ("method", "plain", "CREATE INDEX plain ON app.t USING hash (qty)", "method", 14),
            (
                "nulls not distinct",
                "only_one",
                "CREATE UNIQUE INDEX only_one ON app.t (code) NULLS NOT DISTINCT",
                "nulls_not_distinct",
                15,
            ),
            ("fillfactor", "plain", "CREATE INDEX plain ON app.t (qty) WITH (fillfactor = 50)", "options", 14),
        )
    ),
    Drift(
        "invalid",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.plain'::regclass",
        ("changed index app.t.plain valid",),
    ),
    Drift("clustered", "ALTER TABLE app.t CLUSTER ON plain", ("changed index app.t.plain clustered",)),
    Drift("comment", "COMMENT ON INDEX app.plain IS 'x'", ("changed index app.t.plain comment",)),
    Drift(
        "statistics of an expression",
        "ALTER INDEX app.expressed ALTER COLUMN 1 SET STATISTICS 200",
        ("changed index app.t.expressed keys",),
    ),
)
OTHERS = (
    Drift("enum value added", "ALTER TYPE app.mood ADD VALUE 'worse'", ("changed enum app.mood labels",)),
    Drift("enum value renamed", "ALTER TYPE app.mood RENAME VALUE 'sad' TO 'glum'", ("changed enum app.mood labels",)),
    Drift("enum added", "CREATE TYPE app.two AS ENUM ('a')", ("added enum app.two",)),
    Drift("enum dropped", "DROP TYPE app.mood", ("removed enum app.mood",)),
    Drift("sequence added", "CREATE SEQUENCE app.more", ("added sequence app.more",)),
    Drift(
        "sequence changed",
        "ALTER SEQUENCE app.counter INCREMENT BY 5",
        ("changed sequence app.counter properties.increment",),
    ),
    Drift(
        "sequence owned", "ALTER SEQUENCE app.counter OWNED BY app.t.qty", ("changed sequence app.counter owned_by",)
    ),
    Drift("view added", "CREATE VIEW app.more AS SELECT 1 AS a", ("added view app.more",)),
    Drift(
        "view changed",
        "CREATE OR REPLACE VIEW app.seen AS SELECT id FROM app.t WHERE id > 1",
        ("changed view app.seen definition",),
    ),
    Drift("view option", "ALTER VIEW app.seen SET (security_barrier)", ("changed view app.seen options",)),
    Drift("matview added", "CREATE MATERIALIZED VIEW app.more AS SELECT 1 AS a", ("added materialized view app.more",)),
    Drift(
        "matview emptied",
        "REFRESH MATERIALIZED VIEW app.stored WITH NO DATA",
        ("changed materialized view app.stored populated",),
    ),
    Drift(
        "function body",
        "CREATE OR REPLACE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 2'",
        ("changed function app.f(a integer) definition",),
    ),
    Drift("function volatility", "ALTER FUNCTION app.f STABLE", ("changed function app.f(a integer) definition",)),
    Drift("function dropped", "DROP FUNCTION app.f", ("removed function app.f(a integer)",)),
    Drift("function grant", "REVOKE EXECUTE ON FUNCTION app.f FROM PUBLIC", ("changed function app.f(a integer) acl",)),
    Drift("procedure added", "CREATE PROCEDURE app.p() LANGUAGE sql AS 'SELECT 1'", ("added procedure app.p()",)),
    Drift(
        "procedure added twice",
        "CREATE PROCEDURE app.p(int) LANGUAGE sql AS 'SELECT 1'",
        ("added procedure app.p(IN integer)",),
    ),
    Drift(
        "aggregate added",
        "CREATE AGGREGATE app.total (int) (sfunc = int4pl, stype = int)",
        ("added aggregate app.total(integer)",),
    ),
    Drift("trigger dropped", "DROP TRIGGER touch ON app.t", ("removed trigger app.t.touch",)),
    Drift("trigger disabled", "ALTER TABLE app.t DISABLE TRIGGER touch", ("changed trigger app.t.touch enabled",)),
    Drift("policy changed", "ALTER POLICY own ON app.t USING (rank > 5)", ("changed policy app.t.own using",)),
    Drift("policy added", "CREATE POLICY more ON app.t FOR SELECT USING (true)", ("added policy app.t.more",)),
    Drift(
        "policy roles",
        "CREATE ROLE drift_role; ALTER POLICY own ON app.t TO drift_role",
        ("changed policy app.t.own roles",),
    ),
    Drift(
        "domain check",
        "ALTER DOMAIN app.mail DROP CONSTRAINT mail_check;"
        " ALTER DOMAIN app.mail ADD CONSTRAINT mail_check CHECK (VALUE <> '')",
        ("changed domain app.mail constraints",),
    ),
    Drift("domain default", "ALTER DOMAIN app.mail SET DEFAULT 'x'", ("changed domain app.mail default",)),
    Drift("domain not null", "ALTER DOMAIN app.mail SET NOT NULL", ("changed domain app.mail not_null",)),
    Drift(
        "composite attribute",
        "ALTER TYPE app.pair ADD ATTRIBUTE c text",
        ("changed composite type app.pair attributes",),
    ),
    Drift("composite added", "CREATE TYPE app.more AS (a int)", ("added composite type app.more",)),
    Drift("range added", "CREATE TYPE app.spread AS RANGE (subtype = float8)", ("added range type app.spread",)),
    Drift("range dropped", "DROP TYPE app.dates", ("removed range type app.dates",)),
    Drift("statistics dropped", "DROP STATISTICS app.linked", ("removed statistics app.linked",)),
    Drift(
        "statistics target", "ALTER STATISTICS app.linked SET STATISTICS 20", ("changed statistics app.linked target",)
    ),
    Drift("rule dropped", "DROP RULE nothing ON app.lonely", ("removed rule app.lonely.nothing",)),
    Drift("rule disabled", "ALTER TABLE app.lonely DISABLE RULE nothing", ("changed rule app.lonely.nothing enabled",)),
    Drift("schema added", "CREATE SCHEMA more", ("added schema more",)),
    Drift("schema grant", "GRANT USAGE ON SCHEMA app TO PUBLIC", ("changed schema app acl",)),
    Drift("publication table", "ALTER PUBLICATION shared ADD TABLE app.orgs", ("changed publication shared tables",)),
    Drift(
        "publication operations",
        "ALTER PUBLICATION shared SET (publish = 'insert')",
        ("changed publication shared operations",),
    ),
    Drift(
        "event trigger added",
        "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION app.watched()",
        ("added event trigger watch",),
    ),
    Drift("event trigger disabled", "ALTER EVENT TRIGGER kept DISABLE", ("changed event trigger kept enabled",)),
    Drift(
        "default privileges",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC",
        ("added default privileges {user}.app.tables",),
    ),
    Drift(
        "operator, which is told by name",
        "CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
        ("added other operator.app.===(integer,integer)",),
    ),
    Drift(
        "collation, which is told by name",
        "CREATE COLLATION app.plain (locale = 'C')",
        ("added other collation.app.plain",),
    ),
)
DRIFTS = {
    f"{group}: {drift.name}": drift
    for group, drifts in (
        ("table", TABLES),
        ("column", COLUMNS),
        ("constraint", CONSTRAINTS),
        ("index", INDEXES),
        ("other", OTHERS),
    )
    for drift in drifts
}
