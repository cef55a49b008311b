"""jOOQ: inserts on generated tables, on constants whose code is generated elsewhere, and on names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, DefaultKey, InferenceClause, Mechanism, NamedConstraint, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

USERS = """package gen.tables;
import gen.Keys;
import gen.Public;
public class Users extends TableImpl<UsersRecord> {
    public static final Users USERS = new Users();
    public final TableField<UsersRecord, Integer> ID = createField(DSL.name("id"), SQLDataType.INTEGER, this, "");
    public final TableField<UsersRecord, String> MAIL = createField(DSL.name("eMail"), SQLDataType.VARCHAR, this, "");
    private Users(Name alias, Table<UsersRecord> aliased) { super(alias, null, aliased, null, DSL.comment("")); }
    public Users() { this(DSL.name("users"), null); }
    @Override public Schema getSchema() { return aliased() ? null : Public.PUBLIC; }
    @Override public UniqueKey<UsersRecord> getPrimaryKey() { return Keys.USERS_PKEY; }
}
"""
KEYS = """package gen;
import gen.tables.Users;
public class Keys {
    public static final UniqueKey<UsersRecord> USERS_PKEY = Internal.createUniqueKey(
        Users.USERS, DSL.name("users_pkey"), new TableField[] { Users.USERS.ID }, true);
    public static final UniqueKey<UsersRecord> USERS_MAIL_KEY = Internal.createUniqueKey(
        Users.USERS, DSL.name("users_mail_key"), new TableField[] { Users.USERS.MAIL }, true);
}
"""
SCHEMA = """package gen;
public class Public extends SchemaImpl {
    public static final Public PUBLIC = new Public();
    private Public() { super(DSL.name("app"), null); }
}
"""
TABLES = """package gen;
import gen.tables.Users;
public class Tables { public static final Users USERS = Users.USERS; }
"""
GENERATED = {
    "gen/tables/Users.java": USERS,
    "gen/Keys.java": KEYS,
    "gen/Public.java": SCHEMA,
    "gen/Tables.java": TABLES,
}
IMPORTS = """import org.jooq.DSLContext;
import static gen.Tables.USERS;
import static other.Tables.ORDERS;
import gen.Keys;
"""


def _sites(sites: Sites, chain: str) -> tuple[WriteSite, ...]:
    store = f"package app;\n{IMPORTS}class Store {{\n  void save(UsersRecord row) {{\n    {chain};\n  }}\n}}\n"
    return sites({**GENERATED, "app/Store.java": store})


def _one(sites: Sites, chain: str) -> WriteSite:
    (site,) = _sites(sites, chain)
    return site


def _columns(site: WriteSite) -> tuple[str, ...] | None:
    return site.write.target.columns if isinstance(site.write.target, InferenceClause) else None


ROW = "ctx.insertInto(USERS, USERS.ID, USERS.MAIL).values(1, x)"


def test_generated_code_tells_the_names(sites: Sites) -> None:
    chain = (
        f"{ROW}.onConflict(USERS.MAIL).doUpdate().set(USERS.MAIL, excluded(USERS.MAIL)).where(USERS.ID.eq(1)).execute()"
    )
    site = _one(sites, chain)
    assert (str(site.write.table), _columns(site), site.status) == ("app.users", ("eMail",), Status.RESOLVED)
    assert (site.write.columns, site.write.set_columns, site.reason) == (("id", "eMail"), ("eMail",), None)


def test_without_generated_code_names_are_those_of_constants(sites: Sites) -> None:
    site = _one(
        sites,
        "ctx.insertInto(ORDERS).set(ORDERS.ID, 1).set(ORDERS.USER_ID, 2)"
        ".onConflict(ORDERS.ID).doUpdate().set(ORDERS.USER_ID, 2)",
    )
    assert (str(site.write.table), _columns(site), site.status) == ("orders", ("id",), Status.RESOLVED)
    assert site.write.columns == ("id", "user_id")
    assert site.reason is not None


@pytest.mark.parametrize(
    ("clause", "target", "action"),
    [
        ("onConflictDoNothing()", AnyArbiter(), Action.NOTHING),
        ("onDuplicateKeyIgnore()", AnyArbiter(), Action.NOTHING),
        ("onConflict().doNothing()", AnyArbiter(), Action.NOTHING),
        ("onConflictOnConstraint(Keys.USERS_MAIL_KEY).doNothing()", NamedConstraint("users_mail_key"), Action.NOTHING),
        (
            "onConflictOnConstraint(other.Keys.ORDERS_A_KEY).doNothing()",
            NamedConstraint("orders_a_key"),
            Action.NOTHING,
        ),
        ('onConflictOnConstraint(name("mail_key")).doNothing()', NamedConstraint("mail_key"), Action.NOTHING),
        ('onConflictOnConstraint(DSL.constraint("mail_key")).doNothing()', NamedConstraint("mail_key"), Action.NOTHING),
    ],
)
def test_targets(sites: Sites, clause: str, target: object, action: Action) -> None:
    site = _one(sites, f"{ROW}.{clause}.execute()")
    assert (site.write.target, site.write.action) == (target, action)


def test_a_duplicate_key_is_that_of_the_table(sites: Sites) -> None:
    site = _one(sites, f"{ROW}.onDuplicateKeyUpdate().set(USERS.MAIL, x)")
    assert (_columns(site), site.write.set_columns) == (("id",), ("eMail",))
    other = _one(sites, "ctx.insertInto(ORDERS).set(ORDERS.ID, 1).onDuplicateKeyUpdate().set(ORDERS.ID, 1)")
    assert other.write.target == DefaultKey()


@pytest.mark.parametrize(
    ("condition", "predicate"),
    [
        ("USERS.ID.isNull()", "id IS NULL"),
        ("USERS.ID.eq(5)", "id = 5"),
        ('USERS.MAIL.eq("x").and(USERS.ID.gt(1))', "\"eMail\" = 'x' AND id > 1"),
    ],
)
def test_a_predicate_is_sent_with_its_values(sites: Sites, condition: str, predicate: str) -> None:
    site = _one(sites, f"{ROW}.onConflict(USERS.MAIL).where({condition}).doNothing()")
    assert isinstance(site.write.target, InferenceClause)
    assert (site.write.target.predicate, site.write.target.predicate_parameters) == (predicate, False)


def test_expressions_are_read(sites: Sites) -> None:
    site = _one(sites, f"{ROW}.onConflict(lower(USERS.MAIL), field(USERS.ID)).doNothing()")
    assert isinstance(site.write.target, InferenceClause)
    assert [element.text for element in site.write.target.elements] == ['lower("eMail")', "id"]


def test_a_predicate_with_a_value_of_run_time_is_not_known(sites: Sites) -> None:
    site = _one(sites, f"{ROW}.onConflict(USERS.MAIL).where(USERS.ID.eq(x)).doNothing()")
    assert site.status is Status.UNRESOLVED


def test_names_in_plain_sql_are_read(sites: Sites) -> None:
    into = 'ctx.insertInto(table("App.Notes"), field("A"), field(name("B")))'
    chain = f'{into}.values(1, 2).onConflict(field("a")).doNothing()'
    site = _one(sites, chain)
    assert (str(site.write.table), site.write.columns, _columns(site)) == ("app.notes", ("a", "B"), ("a",))


@pytest.mark.parametrize(
    ("step", "columns", "complete"),
    [
        ("setAllToExcluded()", ("id", "eMail"), True),
        ("setNonConflictingKeyToExcluded()", ("id",), True),
        ("setNonKeyToExcluded()", ("id",), False),
        ("set(row)", None, False),
    ],
)
def test_what_is_set_may_be_what_was_inserted(
    sites: Sites, step: str, columns: tuple[str, ...] | None, *, complete: bool
) -> None:
    write = _one(sites, f"{ROW}.onConflict(USERS.MAIL).doUpdate().{step}").write
    assert (write.set_columns, write.set_complete) == (columns, complete)


def test_a_chain_may_go_on_from_a_variable(sites: Sites) -> None:
    site = _one(sites, f"var step = {ROW};\n    step.onConflict(USERS.ID).doNothing().execute()")
    assert (str(site.write.table), _columns(site), site.span.line) == ("app.users", ("id",), 9)


def test_a_row_more_in_a_branch_is_no_site_of_its_own(sites: Sites) -> None:
    step = f"var step = {ROW};\n    if (more) {{ step = step.values(2, y); }}\n    step.onConflictDoNothing().execute()"
    assert _one(sites, step).write.rows is None


def test_plain_inserts_are_read(sites: Sites) -> None:
    known = _one(sites, f"{ROW}.execute()")
    assert (known.mechanism, known.write.columns, known.status) == (
        Mechanism.PLAIN_INSERT,
        ("id", "eMail"),
        Status.RESOLVED,
    )
    unknown = _one(sites, "ctx.insertInto(USERS).set(row).execute()")
    assert (unknown.mechanism, unknown.status) == (Mechanism.PLAIN_INSERT, Status.PARTIAL)


def test_kotlin_is_read_alike(sites: Sites) -> None:
    text = (
        "package app\nimport gen.Tables.USERS\nfun save() {\n    ctx.insertInto(USERS)\n"
        "        .columns(USERS.ID, USERS.MAIL)\n"
        "        .values(1, x)\n        .onConflict(USERS.ID)\n        .doUpdate()\n        .set(USERS.MAIL, x)\n}\n"
    )
    (site,) = sites({**GENERATED, "app/Store.kt": text})
    assert (str(site.write.table), _columns(site), site.write.columns) == ("app.users", ("id",), ("id", "eMail"))
    assert (site.statement_line, site.span.line) == (4, 7)


def test_other_libraries_have_a_method_of_that_name(sites: Sites) -> None:
    assert not _sites(sites, "map.onConflict(x)")
    cassandra = 'QueryBuilder.insertInto(keyspace, TABLE).value("a", bindMarker())'
    assert not sites({"S.java": f"class S {{ void save() {{ run({cassandra}); }} }}\n"})
