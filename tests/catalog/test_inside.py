"""What a database holds as text, and what of it writes, on real servers."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from pgarbiter.catalog.inside import read_inside
from pgarbiter.catalog.read import read_catalog
from pgarbiter.catalog.sites import sites_of
from pgarbiter.catalog.stored import Inside, Signature
from pgarbiter.model import InferenceClause, Mechanism, Origin, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.model import WriteSite

Connection = psycopg.Connection[Any]

TABLES = """
CREATE TABLE t (a int PRIMARY KEY, b text);
CREATE TABLE audit (id int PRIMARY KEY, n int);
"""
UPSERT = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"


@pytest.fixture
def filled(connection: Connection) -> Connection:
    connection.execute(TABLES.encode())
    return connection


def made(connection: Connection, *statements: str) -> Inside:
    for statement in statements:
        connection.execute(statement.encode())
    return read_inside(connection)


def sites(connection: Connection, *statements: str) -> list[WriteSite]:
    inside = made(connection, *statements)
    return [site for _, found in sites_of(inside, read_catalog(connection)) for site in found]


def only(connection: Connection, *statements: str) -> WriteSite:
    (site,) = sites(connection, *statements)
    return site


def test_lines_count_from_the_start_of_the_body_as_those_of_plpgsql(filled: Connection) -> None:
    body = "\nBEGIN\n  INSERT INTO t (a, b)\n  VALUES (1, x)\n  ON CONFLICT (nope) DO NOTHING;\nEND"
    site = only(filled, f"CREATE FUNCTION f(x text) RETURNS void LANGUAGE plpgsql AS $_${body}$_$")
    assert (site.object, site.origin, site.span.path) == ("public.f(text)", Origin.FUNCTION, None)
    assert (site.statement_line, site.span.line, site.span.column) == (3, 5, 3)
    with pytest.raises(psycopg.Error) as raised:
        filled.execute("SELECT f('')")
    assert f"line {site.statement_line} at SQL statement" in str(raised.value.diag.context)
    assert site.span.place == "in the database: function public.f(text), line 5"


@pytest.mark.parametrize("tag", ["$$", "$function$", "$a$"])
def test_a_body_on_the_line_of_its_head_counts_columns_from_its_start(filled: Connection, tag: str) -> None:
    head = f"CREATE PROCEDURE p() LANGUAGE plpgsql AS {tag}"
    site = only(filled, f"{head}BEGIN {UPSERT}; END{tag}")
    assert (site.span.line, site.span.column) == (1, 7 + UPSERT.index("ON CONFLICT"))


def test_a_body_that_holds_the_tag_of_the_printed_definition_has_its_lines(filled: Connection) -> None:
    body = f"\nBEGIN -- $function$ and $functionx$\n{UPSERT}; END"
    site = only(filled, f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $_${body}$_$")
    assert site.span.line == 3


def test_overloads_are_told_apart_by_their_types(filled: Connection) -> None:
    filled.execute("CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('ok'); CREATE DOMAIN public.word AS text")
    inside = made(
        filled,
        *(
            f"CREATE FUNCTION \"My F\"({types}) RETURNS void LANGUAGE sql AS '{UPSERT}'"
            for types in (
                "a int, OUT b int",
                "a int[]",
                "VARIADIC a text[]",
                "a app.mood",
                "a word, b timestamptz(3)",
                "",
            )
            if "OUT" not in types
        ),
    )
    assert [(stored.object, stored.signature) for stored in inside.stored] == [
        (f'public."My F"({shown})', Signature("public", "My F", types))
        for shown, types in (
            ("", ()),
            ("app.mood", ("mood",)),
            ("integer[]", ("int4[]",)),
            ("public.word,timestamp with time zone", ("word", "timestamptz")),
            ("text[]", ("text[]",)),
        )
    ]


def test_the_search_path_of_a_function_is_its_own(filled: Connection) -> None:
    site = only(
        filled,
        "CREATE SCHEMA app",
        f"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = app, pg_temp AS $$BEGIN {UPSERT}; END$$",
    )
    assert site.write.search_path == ("app", "pg_temp")
    filled.execute("ALTER FUNCTION f() SET search_path = ''")
    assert only(filled).write.search_path == ()
    filled.execute("ALTER FUNCTION f() RESET search_path")
    assert only(filled).write.search_path is None


def test_arguments_and_result_columns_are_names_in_the_body(filled: Connection) -> None:
    site = only(
        filled,
        "CREATE FUNCTION f(a int, INOUT x int, OUT y text) LANGUAGE plpgsql AS "
        f"$$#variable_conflict use_column\nBEGIN {UPSERT}; END$$",
    )
    assert set(site.write.variables) >= {"a", "x", "y", "found"}
    assert site.write.variable_conflict == "use_column"


def test_standard_bodies_are_read_as_the_server_prints_them(filled: Connection) -> None:
    site = only(
        filled,
        "CREATE PROCEDURE p(i int) LANGUAGE sql BEGIN ATOMIC\n"
        "INSERT INTO t VALUES (i, 'x') ON CONFLICT (a) WHERE b <> 'q' DO UPDATE SET b = excluded.b; END",
    )
    assert str(site.write.table) == "public.t"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)
    assert site.statement_line == 2


def test_bodies_in_other_languages_are_said_to_be_unread(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (a int)")
    inside = Inside((made(connection, f"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS '{UPSERT}'").stored[0],))
    (stored,) = inside.stored
    definition = stored.definition.replace("LANGUAGE sql", "LANGUAGE plv8")
    other = Inside((type(stored)(stored.origin, stored.object, "plv8", definition, stored.start + 1, stored.text),))
    ((_, (site,)),) = sites_of(other, read_catalog(connection))
    assert (site.status, site.reason) == (Status.UNRESOLVED, "a function body in language plv8 is not read")


def test_dynamic_statements_with_literal_names_are_known(filled: Connection) -> None:
    found = sites(
        filled,
        """CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$
        DECLARE stmt text := 'INSERT INTO audit (id) VALUES (1) ON CONFLICT (id) DO NOTHING';
        BEGIN
          EXECUTE format('INSERT INTO %I (id) VALUES ($1) ON CONFLICT (n) DO NOTHING', 'audit') USING 1;
          EXECUTE stmt;
        END $$""",
    )
    assert [(str(site.write.table), site.span.line) for site in found] == [("audit", 2), ("audit", 4)]


def test_trigger_functions_say_which_triggers_call_them(filled: Connection) -> None:
    site = only(
        filled,
        "CREATE TABLE parted (a int) PARTITION BY RANGE (a); CREATE TABLE part PARTITION OF parted DEFAULT",
        f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {UPSERT}; RETURN new; END$$",
        "CREATE TRIGGER log AFTER INSERT ON parted FOR EACH ROW EXECUTE FUNCTION f()",
        'CREATE TRIGGER "Log it" AFTER UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION f()',
        'ALTER TABLE audit DISABLE TRIGGER "Log it"',
    )
    assert (site.origin, site.object) == (Origin.TRIGGER, "public.f()")
    assert site.attached == ('"Log it" on public.audit (disabled)', "log on public.parted")
    assert "tg_op" in site.write.variables


def test_event_triggers_count_too(filled: Connection) -> None:
    site = only(
        filled,
        f"CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN {UPSERT}; END$$",
        "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION f()",
    )
    filled.execute("DROP EVENT TRIGGER watch")
    assert (site.origin, site.attached) == (Origin.TRIGGER, ("watch on ddl_command_end",))


def test_a_trigger_function_that_no_trigger_calls_is_a_function(filled: Connection) -> None:
    site = only(filled, f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {UPSERT}; RETURN new; END$$")
    assert (site.origin, site.attached) == (Origin.FUNCTION, ())


def test_rules_are_read(filled: Connection) -> None:
    filled.execute("CREATE VIEW v AS SELECT * FROM t")
    found = sites(
        filled,
        "CREATE RULE log AS ON UPDATE TO t DO ALSO INSERT INTO audit (id) VALUES (new.a) ON CONFLICT (n) DO NOTHING",
        "CREATE RULE put AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (new.a, new.b) "
        "ON CONFLICT (a) DO UPDATE SET b = excluded.b",
    )
    assert [(site.object, site.origin, str(site.write.table)) for site in found] == [
        ("log on public.t", Origin.RULE, "public.audit"),
        ("put on public.v", Origin.RULE, "public.t"),
    ]


def test_what_extensions_bring_is_counted_and_left_out(filled: Connection) -> None:
    inside = made(
        filled,
        f"CREATE FUNCTION own() RETURNS void LANGUAGE sql AS '{UPSERT}'",
        f"CREATE FUNCTION member() RETURNS void LANGUAGE sql AS '{UPSERT}'",
        "ALTER EXTENSION plpgsql ADD FUNCTION member()",
    )
    assert [stored.object for stored in inside.stored] == ["public.own()"]
    assert inside.notes == ('1 function that can write was left out as part of extension "plpgsql"',)


def test_what_a_platform_keeps_for_itself_is_left_out(filled: Connection) -> None:
    """By schema and owner together: an application may have a schema of that name, too."""
    role = sql.Identifier("supabase_auth_admin")
    with contextlib.suppress(psycopg.errors.DuplicateObject):
        filled.execute(sql.SQL("CREATE ROLE {}").format(role))
    inside = made(
        filled,
        "CREATE SCHEMA auth",
        f"CREATE FUNCTION auth.theirs() RETURNS void LANGUAGE sql AS '{UPSERT}'",
        f"CREATE FUNCTION auth.ours() RETURNS void LANGUAGE sql AS '{UPSERT}'",
        "ALTER FUNCTION auth.theirs() OWNER TO supabase_auth_admin",
    )
    assert [stored.object for stored in inside.stored] == ["auth.ours()"]
    assert inside.notes == ('1 function that can write was left out as part of the platform\'s schema "auth"',)


JOBS = """
CREATE SCHEMA cron;
CREATE TABLE cron.job (
    jobid bigint PRIMARY KEY, schedule text, command text, nodename text, nodeport int, database text, username text,
    active bool DEFAULT true, jobname text
);
GRANT USAGE ON SCHEMA cron TO public;
GRANT SELECT ON cron.job TO public;
ALTER TABLE cron.job ENABLE ROW LEVEL SECURITY;
CREATE POLICY cron_job_policy ON cron.job USING (username = current_user);
"""


@pytest.fixture
def jobs(filled: Connection) -> Connection:
    """pg_cron's table as its own script makes it, with jobs of this database, of another one, and one at rest."""
    filled.execute(JOBS.encode())
    filled.execute(
        "INSERT INTO cron.job (jobid, jobname, command, database, username, active) VALUES "
        "(1, 'nightly', E'SELECT 1;\\n' || %(upsert)s, current_database(), current_user, true),"
        "(2, NULL, %(upsert)s, current_database(), current_user, true),"
        "(3, 'idle', %(upsert)s, current_database(), current_user, false),"
        "(4, 'elsewhere', %(upsert)s, 'other', current_user, true),"
        "(5, 'vacuum', 'VACUUM', current_database(), current_user, true)",
        {"upsert": UPSERT},
    )
    return filled


def test_the_jobs_of_this_database_are_read(jobs: Connection) -> None:
    inside = read_inside(jobs)
    found = [site for _, own in sites_of(inside, read_catalog(jobs)) for site in own]
    assert [(site.object, site.origin, site.client, site.span.line) for site in found] == [
        ("nightly", Origin.CRON, "pg_cron", 2),
        ("2", Origin.CRON, "pg_cron", 1),
    ]
    assert found[0].span.place == "in the database: job nightly, line 2"
    assert inside.notes == ("1 job of pg_cron that can write was left out: not active",)


def test_jobs_of_others_are_said_to_be_hidden(jobs: Connection, role: str) -> None:
    jobs.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    inside = read_inside(jobs)
    assert inside.stored == ()
    assert inside.notes == ("of pg_cron's jobs only those of this role were read: others are hidden from it",)


def test_a_table_of_jobs_that_may_not_be_read_is_said(jobs: Connection, role: str) -> None:
    jobs.execute("REVOKE USAGE ON SCHEMA cron FROM public")
    jobs.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    assert read_inside(jobs).notes == ("jobs of pg_cron were not read: permission denied for cron.job",)


def test_a_role_without_rights_reads_functions_rules_and_triggers(filled: Connection, role: str) -> None:
    filled.execute("CREATE SCHEMA app; CREATE TABLE app.t (a int PRIMARY KEY)")
    filled.execute("CREATE FUNCTION app.f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO app.t VALUES (1); END")
    filled.execute("CREATE RULE r AS ON INSERT TO app.t DO ALSO INSERT INTO audit (id) VALUES (1)")
    filled.execute("REVOKE ALL ON SCHEMA app, public FROM public")
    filled.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
    inside = read_inside(filled)
    assert [stored.object for stored in inside.stored] == ["app.f()", "r on app.t"]
    assert inside.notes == ()


def test_a_locked_table_is_said_and_the_rest_is_read(filled: Connection, any_database: str) -> None:
    filled.execute("CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO t VALUES (1, ''); END")
    filled.execute("CREATE RULE r AS ON INSERT TO audit DO ALSO INSERT INTO t VALUES (1)")
    with psycopg.connect(any_database) as other:
        other.execute("LOCK TABLE t")
        inside = read_inside(filled, lock_timeout_ms=20)
    assert inside.notes[0] == "functions of the database could not be read: a table that they name is locked"


def test_reading_leaves_the_session_as_it_was(filled: Connection) -> None:
    before = filled.execute("SELECT current_setting('search_path'), current_setting('lock_timeout')").fetchall()
    read_inside(filled)
    assert filled.execute("SELECT current_setting('search_path'), current_setting('lock_timeout')").fetchall() == before
    assert filled.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert filled.read_only is None


def test_ids_stay_when_other_functions_come(filled: Connection) -> None:
    first = only(filled, f"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS '{UPSERT}'")
    both = sites(filled, f"CREATE FUNCTION a() RETURNS void LANGUAGE sql AS '{UPSERT}'")
    assert len({site.id for site in both}) == 2
    assert first.id in {site.id for site in both}


def test_racy_pairs_in_a_body_are_sites_of_their_own_mechanism(filled: Connection) -> None:
    site = only(
        filled,
        """CREATE FUNCTION f(k int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        PERFORM 1 FROM t WHERE a = k;
        IF NOT found THEN INSERT INTO t (a, b) VALUES (k, 'x'); END IF;
        END $$""",
    )
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT


@pytest.fixture
def role(connection: Connection) -> Iterator[str]:
    """A role that may connect and no more."""
    name = f"nobody_{connection.info.backend_pid}"
    connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(name)))
    yield name
    connection.execute("RESET ROLE")
    connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
