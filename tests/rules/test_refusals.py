"""Every way in which the server refuses a conflict clause has exactly one rule that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.model import Outcome
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.catalog.read import read_catalog
from pgarbiter.rules import check
from pgarbiter.rules.model import Severity
from pgarbiter.scan import scan
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.server import Server

DDL = """
CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL, c text, d int, e int4range, f boolean, g text);
CREATE UNIQUE INDEX t_bc ON t (b, c) INCLUDE (d);
CREATE UNIQUE INDEX t_lower ON t (lower(g));
CREATE UNIQUE INDEX t_partial ON t (d) WHERE f;
CREATE INDEX t_plain ON t (c);
ALTER TABLE t ADD CONSTRAINT t_excl EXCLUDE USING gist (e WITH &&);
ALTER TABLE t ADD CONSTRAINT t_check CHECK (a > 0);
CREATE TABLE late (a int PRIMARY KEY DEFERRABLE, b int UNIQUE);
CREATE TABLE parted (id int, region text) PARTITION BY LIST (region);
CREATE TABLE parted_eu PARTITION OF parted FOR VALUES IN ('eu');
CREATE UNIQUE INDEX parted_eu_id ON parted_eu (id);
CREATE VIEW seen AS SELECT a, b, c FROM t;
CREATE VIEW grouped AS SELECT b, count(*) AS n FROM t GROUP BY b;
CREATE VIEW instead AS SELECT a, b FROM t;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER instead INSTEAD OF INSERT ON instead FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE MATERIALIZED VIEW frozen AS SELECT a, b FROM t;
CREATE TABLE parent (a int UNIQUE);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE ruled (a int PRIMARY KEY);
CREATE RULE upd AS ON UPDATE TO ruled DO ALSO NOTHING;
"""
T = "INSERT INTO t (a, b, c) VALUES (1, 2, 'c') ON CONFLICT"
CASES = (
    (f"{T} (b) DO NOTHING", "PGA101"),
    (f"{T} (a, b) DO NOTHING", "PGA101"),
    (f"{T} (b, c, d) DO NOTHING", "PGA101"),
    (f"{T} (c) DO NOTHING", "PGA101"),
    (f'{T} (c COLLATE "C", b) DO NOTHING', "PGA101"),
    (f"{T} (b int8_ops, c) DO NOTHING", "PGA101"),
    (f"{T} (upper(g)) DO NOTHING", "PGA104"),
    (f"{T} ((a + b)) DO NOTHING", "PGA101"),
    (f"{T} (ctid) DO NOTHING", "PGA101"),
    (f"{T} (g) DO NOTHING", "PGA104"),
    (f"{T} (d) DO NOTHING", "PGA102"),
    (f"{T} (d) WHERE NOT f DO NOTHING", "PGA102"),
    (f"{T} (e) DO NOTHING", "PGA108"),
    (f"{T} ON CONSTRAINT t_excl DO UPDATE SET b = 1", "PGA108"),
    (f"{T} ON CONSTRAINT t_bc DO NOTHING", "PGA105"),
    (f"{T} ON CONSTRAINT nope DO NOTHING", "PGA105"),
    (f"{T} ON CONSTRAINT t_check DO NOTHING", "PGA105"),
    (f"{T} (nope) DO NOTHING", "PGA002"),
    (f"{T} (a) WHERE nope DO NOTHING", "PGA002"),
    (f"{T} (a) DO UPDATE SET nope = 1", "PGA002"),
    (f"{T} (a) DO UPDATE SET b = c::int", "PGA110"),
    (f"{T} DO UPDATE SET b = 1", "PGA111"),
    (f"{T} (b ASC) DO NOTHING", "PGA199"),
    (f"{T} (a COLLATE nope) DO NOTHING", "PGA199"),
    (f"{T} (a nope_ops) DO NOTHING", "PGA199"),
    (f"{T} (a) DO UPDATE SET b = 1, b = 2", "PGA199"),
    (f"{T} ((t)) DO NOTHING", "PGA199"),
    (f"{T} (a) WHERE (SELECT true) DO NOTHING", "PGA199"),
    ("INSERT INTO t (a, a, b) VALUES (1, 1, 2) ON CONFLICT (a) DO NOTHING", "PGA199"),
    ("INSERT INTO late (a) VALUES (1) ON CONFLICT (a) DO NOTHING", "PGA106"),
    ("INSERT INTO late (a) VALUES (1) ON CONFLICT ON CONSTRAINT late_pkey DO NOTHING", "PGA106"),
    ("INSERT INTO late (a) VALUES (1) ON CONFLICT DO NOTHING", "PGA106"),
    ("INSERT INTO parted (id, region) VALUES (1, 'eu') ON CONFLICT (id) DO NOTHING", "PGA101"),
    ("INSERT INTO child (a) VALUES (1) ON CONFLICT (a) DO NOTHING", "PGA101"),
    ("INSERT INTO seen (a, b) VALUES (1, 2) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING", "PGA105"),
    ("INSERT INTO seen (a, b) VALUES (1, 2) ON CONFLICT (b) DO NOTHING", "PGA101"),
    ("INSERT INTO instead (a, b) VALUES (1, 2) ON CONFLICT (a) DO NOTHING", "PGA101"),
    ("INSERT INTO grouped (b) VALUES (1) ON CONFLICT DO NOTHING", "PGA199"),
    ("INSERT INTO frozen (a, b) VALUES (1, 2) ON CONFLICT (a) DO NOTHING", "PGA101 PGA199"),
    ("INSERT INTO frozen (a, b) VALUES (1, 2) ON CONFLICT DO NOTHING", "PGA199"),
    ("INSERT INTO ruled (a) VALUES (1) ON CONFLICT (a) DO NOTHING", "PGA199"),
    ("INSERT INTO nowhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING", "PGA001"),
)


@pytest.fixture(scope="module")
def loaded(server18: Server) -> tuple[str, Loaded]:
    conninfo = server18.create_database()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(DDL.encode())
        catalog = read_catalog(connection)
    return conninfo, Loaded(catalog, ServerInfo("18", "test", "test"), SchemaInfo("sql:schema.sql"), live=True)


@pytest.mark.parametrize(("sql", "codes"), CASES)
def test_a_refusal_has_exactly_one_rule(sql: str, codes: str, loaded: tuple[str, Loaded], tmp_path: Path) -> None:
    conninfo, schema = loaded
    (tmp_path / "query.sql").write_text(sql + ";\n")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        (site,) = scan([tmp_path], Settings()).sites
        bound = bind(site, schema, oracle=Oracle.on(connection))
        with pytest.raises(psycopg.Error) as error:
            connection.execute(sql.encode())
    errors = [finding for finding in check([bound], schema, Settings()) if finding.severity is Severity.ERROR]
    assert [finding.code for finding in errors] == codes.split()
    assert error.value.sqlstate in errors[0].effect
    assert bound.verdict.outcome is Outcome.NO_MATCH or codes == "PGA199"
