SET check_function_bodies = false;
CREATE SCHEMA "Odd ""Names""";
CREATE SCHEMA one;
CREATE ROLE rich_reader;
CREATE TYPE one.mood AS ENUM ('ok', 'it''s', 'so\so');
COMMENT ON TYPE one.mood IS 'how it goes';
CREATE DOMAIN one.positive AS numeric(10, 2) DEFAULT 1 NOT NULL CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE DOMAIN one.plain AS text COLLATE "C";
CREATE TYPE one.pair AS (a int, b varchar(20) COLLATE "C");
COMMENT ON COLUMN one.pair.a IS 'first';
CREATE TYPE one.span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TYPE one.typed_as AS (id int, label text);
CREATE SEQUENCE one.down INCREMENT -2 MINVALUE -100 MAXVALUE 100 START 50 CACHE 7 CYCLE;
CREATE SEQUENCE one.small AS smallint;
CREATE TABLE "Odd ""Names"""."Table.1" (
    "Id" bigint GENERATED ALWAYS AS IDENTITY (START WITH 7 INCREMENT BY 3),
    "select" text COLLATE "C" NOT NULL DEFAULT 'it''s; \',
    "ünï" one.mood[] DEFAULT '{ok}',
    "new
line" one.positive,
    PRIMARY KEY ("Id", "select")
);
CREATE TABLE one.serials (id serial PRIMARY KEY, big bigserial, other int DEFAULT nextval('one.small'));
CREATE FUNCTION one.twice(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x * 2';
CREATE FUNCTION one.all_serials() RETURNS SETOF one.serials LANGUAGE sql AS 'SELECT * FROM one.serials';
CREATE FUNCTION one.of_row(r one.serials) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT r.id > 0';
CREATE FUNCTION one.fresh() RETURNS int LANGUAGE sql AS 'SELECT count(*)::int FROM one.late';
CREATE FUNCTION one.standard(a int DEFAULT 3, OUT b int, OUT c text) LANGUAGE sql
    BEGIN ATOMIC SELECT max(id), 'x'::text FROM one.serials; END;
CREATE PROCEDURE one.act(INOUT a int) LANGUAGE plpgsql AS $$BEGIN a := 1; END$$;
CREATE AGGREGATE one.total (int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE TABLE one.late (
    id int DEFAULT one.fresh(),
    calc int GENERATED ALWAYS AS (one.twice(4)) STORED,
    v int CONSTRAINT calls CHECK (one.twice(v) > 1),
    w int CONSTRAINT lonely CHECK (w > 0) NO INHERIT
);
ALTER TABLE one.serials ADD CONSTRAINT whole_row CHECK (one.of_row(serials)) NOT VALID;
CREATE UNLOGGED TABLE one.unlogged (a text, b int[]) WITH (fillfactor = 70, toast.autovacuum_enabled = off);
ALTER TABLE one.unlogged ALTER a SET STORAGE EXTERNAL, ALTER a SET COMPRESSION pglz, ALTER a SET STATISTICS 300,
    ALTER b SET (n_distinct = -0.5);
COMMENT ON COLUMN one.unlogged.a IS 'a''s';
CREATE TABLE one.typed OF one.typed_as (id WITH OPTIONS PRIMARY KEY, label WITH OPTIONS DEFAULT 'x');
CREATE TABLE one.base (id int NOT NULL, note text DEFAULT 'n', CONSTRAINT base_id CHECK (id > 0));
CREATE TABLE one.child (extra int, CHECK (extra > 1)) INHERITS (one.base);
ALTER TABLE one.child ALTER note SET DEFAULT 'other';
CREATE TABLE one.linked (
    id int PRIMARY KEY,
    u1 int, u2 text,
    parent int REFERENCES one.linked ON DELETE SET NULL,
    "Id" bigint, "select" text,
    during tsrange,
    CONSTRAINT two UNIQUE (u1, u2) INCLUDE (parent) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT odd FOREIGN KEY ("Id", "select") REFERENCES "Odd ""Names"""."Table.1" MATCH FULL
        ON UPDATE CASCADE ON DELETE SET DEFAULT DEFERRABLE,
    CONSTRAINT over EXCLUDE USING gist (during WITH &&) WHERE (u1 > 0)
);
ALTER TABLE one.linked ADD CONSTRAINT unproven FOREIGN KEY (u1) REFERENCES one.linked NOT VALID;
ALTER TABLE one.linked ADD CONSTRAINT unchecked CHECK (u1 < 100) NOT VALID;
COMMENT ON CONSTRAINT two ON one.linked IS 'both';
CREATE INDEX "In Dex" ON one.linked USING btree (lower(u2) DESC NULLS LAST, u1 NULLS FIRST, u2 text_pattern_ops)
    INCLUDE (parent) WITH (fillfactor = 60) WHERE u1 > 0 AND u2 <> 'a';
CREATE INDEX hashed ON one.linked USING hash (u2);
CREATE INDEX collated ON one.linked (u2 COLLATE "C", (u1 + 1));
ALTER INDEX one.collated ALTER COLUMN 2 SET STATISTICS 50;
COMMENT ON INDEX one.hashed IS 'hash';
ALTER TABLE one.linked CLUSTER ON two;
CREATE UNIQUE INDEX ident ON one.base (id);
ALTER TABLE one.base REPLICA IDENTITY USING INDEX ident;
ALTER TABLE one.child REPLICA IDENTITY FULL;
CREATE TABLE one.parted (k int NOT NULL, at date NOT NULL DEFAULT '2020-01-01', v text, ref int REFERENCES one.linked,
    PRIMARY KEY (k, at), CONSTRAINT v_long CHECK (v <> '')) PARTITION BY RANGE (k, at);
CREATE TABLE one.parted_1 PARTITION OF one.parted (v DEFAULT 'one') FOR VALUES FROM (1, '2020-01-01') TO (10, MAXVALUE);
CREATE TABLE one.parted_2 PARTITION OF one.parted FOR VALUES FROM (20, MINVALUE) TO (30, '2021-02-03') PARTITION BY LIST (k);
CREATE TABLE one.parted_2a PARTITION OF one.parted_2 FOR VALUES IN (20, 21);
CREATE TABLE one.parted_rest PARTITION OF one.parted DEFAULT;
CREATE INDEX parted_v ON one.parted (v) WHERE k > 3;
CREATE TABLE one.refers (k int, at date, FOREIGN KEY (k, at) REFERENCES one.parted ON DELETE CASCADE);
CREATE TABLE one.hashed_by (a int) PARTITION BY HASH (a);
CREATE TABLE one.hashed_0 PARTITION OF one.hashed_by FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE VIEW one.first AS SELECT id, u2 COLLATE "C" AS "Odd Col" FROM one.linked WITH LOCAL CHECK OPTION;
CREATE VIEW one.a_second WITH (security_barrier) AS SELECT *, one.twice(id) AS t FROM one.first;
COMMENT ON VIEW one.a_second IS 'on top';
CREATE VIEW one.grouped AS SELECT l.*, count(*) FROM one.linked l JOIN one.linked m ON m.parent = l.id GROUP BY l.id;
CREATE MATERIALIZED VIEW one.a_kept AS SELECT * FROM one.a_second WITH NO DATA;
CREATE UNIQUE INDEX kept_id ON one.a_kept (id);
CREATE FUNCTION one.from_view() RETURNS SETOF one.first LANGUAGE sql AS 'SELECT * FROM one.first';
CREATE FUNCTION one.fired() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;
CREATE TRIGGER fires BEFORE INSERT OR UPDATE OF u1 ON one.linked FOR EACH ROW WHEN (NEW.u1 > 0) EXECUTE FUNCTION one.fired('a', 'b');
CREATE TRIGGER on_view INSTEAD OF INSERT ON one.first FOR EACH ROW EXECUTE FUNCTION one.fired();
CREATE TRIGGER spread AFTER INSERT ON one.parted FOR EACH ROW EXECUTE FUNCTION one.fired();
ALTER TABLE one.linked DISABLE TRIGGER fires;
CREATE RULE away AS ON DELETE TO one.late DO INSTEAD UPDATE one.late SET v = 2 WHERE late.v = old.v;
ALTER TABLE one.linked ENABLE ROW LEVEL SECURITY;
ALTER TABLE one.linked FORCE ROW LEVEL SECURITY;
CREATE POLICY "read it" ON one.linked AS RESTRICTIVE FOR SELECT TO rich_reader USING (u1 > (SELECT min(id) FROM one.base));
CREATE POLICY written ON one.linked FOR INSERT WITH CHECK (u2 IS NOT NULL);
COMMENT ON POLICY written ON one.linked IS 'w';
GRANT SELECT, INSERT ON one.linked TO rich_reader WITH GRANT OPTION;
GRANT UPDATE (u1) ON one.linked TO rich_reader;
GRANT USAGE ON SCHEMA one TO rich_reader;
REVOKE ALL ON FUNCTION one.twice FROM PUBLIC;
GRANT SELECT ON SEQUENCE one.down TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA one GRANT SELECT ON TABLES TO rich_reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE STATISTICS one.shape (ndistinct, dependencies) ON u1, u2 FROM one.linked;
ALTER STATISTICS one.shape SET STATISTICS 40;
CREATE PUBLICATION rich FOR TABLE ONLY one.base, one.linked (id, u1) WHERE (u1 > 3)
    WITH (publish = 'insert, delete');
CREATE PUBLICATION nothing;
CREATE FUNCTION one.seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER sees ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION one.seen();
ALTER EVENT TRIGGER sees DISABLE;
