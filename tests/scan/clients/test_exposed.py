"""Exposed: upserts and inserts on objects that declare tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

TABLES = """package shop.db
import org.jetbrains.exposed.sql.*
import org.jetbrains.exposed.dao.id.IntIdTable

object Words : Table("dict.Words") {
    val word = varchar("word", 64)
    val hits = integer("hitCount")
    val made = datetime("made_at").defaultExpression(CurrentDateTime)
    val kind = text("KIND").default("noun")
    override val primaryKey = PrimaryKey(word, name = "words_pk")
}
object Users : IntIdTable() {
    val email = varchar("email", 100)
    val org = reference("org_id", Orgs)
    init {
        uniqueIndex(email, org)
    }
}
object LogTable : Table() {
    val line = varchar("line", 10).uniqueIndex("log_line")
    val note = text("note").nullable()
}
object Bare : Table("bare") {
    val a = text("a")
}
open class Named(name: String) : Table(name) {
    val key = text("key").uniqueIndex()
}
object First : Named("first_table")
open class Ids(name: String = "", columnName: String = "id") : IdTable<Long>(name) {
    override val id = long(columnName).entityId()
    override val primaryKey = PrimaryKey(id)
}
object Second : Ids()
object Third : Ids(columnName = "third_id")
object Fourth : IdTable<String>() {
    val code = text("code")
    override val id = code.entityId()
    override val primaryKey = PrimaryKey(id)
}
object Keyed : IntIdTable(name = "keyed", columnName = "keyed_id")
"""


def _sites(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    head = "package shop.app\nimport shop.db.*\n"
    store = f"{head}class Store {{\n    fun save() = transaction {{\n        {body}\n    }}\n}}\n"
    return sites({"db/Tables.kt": TABLES, "app/Store.kt": store})


def _one(sites: Sites, body: str) -> tuple[object, ...]:
    (site,) = _sites(sites, body)
    assert site.status is Status.RESOLVED
    target, write = site.write.target, site.write
    columns = target.columns if isinstance(target, InferenceClause) else None
    return (
        str(write.table),
        columns,
        set(write.columns or ()),
        set(write.set_columns or ()) or None,
    )


BODY = "it[word] = w; it[hits] = 1"


def test_without_keys_the_primary_key_is_the_target_and_is_not_set(sites: Sites) -> None:
    found = _one(sites, f"Words.upsert {{ {BODY} }}")
    assert found == ("dict.words", ("word",), {"word", "hitCount", "kind"}, {"hitCount", "kind"})


def test_keys_are_the_target(sites: Sites) -> None:
    found = _one(sites, f"Words.upsert(Words.word, Words.hits) {{ {BODY} }}")
    assert found == ("dict.words", ("word", "hitCount"), {"word", "hitCount", "kind"}, {"kind"})


def test_without_a_primary_key_the_first_unique_index_is_the_target(sites: Sites) -> None:
    assert _one(sites, "LogTable.upsert { it[line] = x }") == ("log", ("line",), {"line"}, {"line"})


@pytest.mark.parametrize(
    "given",
    [
        "onUpdate = { it[Words.hits] = Words.hits + 1 }",
        "onUpdate = { it.update(Words.hits, Words.hits + 1); it[hits] = 2 }",
        "onUpdate = listOf(Words.hits to Words.hits.plus(1))",
        "onUpdateExclude = listOf(Words.kind)",
    ],
)
def test_what_is_updated_may_be_chosen(sites: Sites, given: str) -> None:
    (site,) = _sites(sites, f"Words.upsert({given}) {{ {BODY} }}")
    assert site.write.set_columns == ("hitCount",)


def test_a_filter_of_rows_is_no_predicate_of_the_target(sites: Sites) -> None:
    (site,) = _sites(sites, f"Words.upsert(where = {{ Words.hits eq 1 }}) {{ {BODY} }}")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate is None


def test_a_batch_gives_its_rows_first(sites: Sites) -> None:
    body = "Words.batchUpsert(list, Words.word) { (a, b) -> this[Words.word] = a; this[Words.hits] = b }"
    assert _one(sites, body)[1:3] == (("word",), {"word", "hitCount", "kind"})


def test_a_table_may_have_its_name_from_its_class_or_from_a_base(sites: Sites) -> None:
    assert _one(sites, "First.upsert { it[key] = x }") == ("first_table", ("key",), {"key"}, {"key"})
    assert _one(sites, "Users.upsert { it[email] = x; it[org] = 1 }")[:2] == ("users", ("id",))
    assert _one(sites, "Keyed.upsert { it[id] = x }")[:2] == ("keyed", ("keyed_id",))


def test_a_column_may_have_its_name_from_a_base_or_from_another_column(sites: Sites) -> None:
    assert _one(sites, "Second.upsert { it[id] = x }")[:2] == ("second", ("id",))
    assert _one(sites, "Third.upsert { it[Third.id] = x }")[:2] == ("third", ("third_id",))
    assert _one(sites, "Fourth.upsert { it[Fourth.id] = x }")[:2] == ("fourth", ("code",))


@pytest.mark.parametrize(
    "body",
    ["LogTable.insertIgnore { it[line] = x }", "LogTable.batchInsert(xs, ignore = true) { this[LogTable.line] = it }"],
)
def test_conflicts_may_be_ignored(sites: Sites, body: str) -> None:
    (site,) = _sites(sites, body)
    assert (site.write.target, site.write.action) == (AnyArbiter(), Action.NOTHING)


def test_plain_inserts_are_read(sites: Sites) -> None:
    found = _sites(sites, "LogTable.insert { it[line] = x }\n        Users.insertAndGetId { it[email] = x }")
    assert [site.mechanism for site in found] == [Mechanism.PLAIN_INSERT] * 2
    assert [site.write.columns for site in found] == [("line",), ("email",)]


def test_columns_on_a_condition_or_elsewhere_are_not_all(sites: Sites) -> None:
    condition, elsewhere = _sites(
        sites,
        "LogTable.upsert { row ->\n row[line] = x\n if (n != null) {\n row[note] = n\n }\n }\n"
        "LogTable.upsert { it[line] = x\n it.fill(other)\n }",
    )
    assert (condition.status, condition.write.columns) == (Status.PARTIAL, ("line", "note"))
    assert (elsewhere.status, elsewhere.write.columns) == (Status.PARTIAL, ("line",))


def test_a_table_without_any_key_is_refused(sites: Sites) -> None:
    (site,) = _sites(sites, "Bare.upsert { it[a] = x }")
    assert site.status is Status.UNRESOLVED


def test_replace_is_not_for_postgres(sites: Sites) -> None:
    (site,) = _sites(sites, "Bare.replace { it[a] = x }")
    assert site.status is Status.NOT_POSTGRES


def test_a_table_that_is_given_is_not_known(sites: Sites) -> None:
    (site,) = sites({"A.kt": "fun put(t: Table) { t.upsert { it[name] = 1 } }"})
    assert site.status is Status.UNRESOLVED


@pytest.mark.parametrize("body", ["vectors.upsert(rows) { wait = true }", "cache.insert { 1 }", "Other.upsert { x }"])
def test_other_libraries_have_methods_of_these_names(sites: Sites, body: str) -> None:
    assert not _sites(sites, body)


STEPS = (
    ("if (LogTable.selectAll().where { LogTable.line eq x }.empty()) {", Mechanism.SELECT_THEN_INSERT),
    (
        "val row = LogTable.select { LogTable.line eq x }.singleOrNull()\nif (row == null) {",
        Mechanism.SELECT_THEN_INSERT,
    ),
    ("if (LogTable.update({ LogTable.line eq x }) { it[note] = n } == 0) {", Mechanism.UPDATE_THEN_INSERT),
    ("LogTable.deleteWhere { line eq x }\nif (true) {", Mechanism.DELETE_INSERT),
    ("if (LogTable.selectAll().where { LogTable.line eq x }.count() == 0L) {", Mechanism.SELECT_THEN_INSERT),
)


@pytest.mark.parametrize(("before", "mechanism"), STEPS)
def test_an_insert_after_a_lookup_is_racy(sites: Sites, before: str, mechanism: Mechanism) -> None:
    (site,) = _sites(sites, f"{before}\n LogTable.insert {{ it[line] = x }}\n}}")
    assert (site.mechanism, site.key_columns) == (mechanism, ("line",))


@pytest.mark.parametrize(
    "before",
    [
        "LogTable.selectAll().where { LogTable.line eq x }.map { it[LogTable.note] }",
        "LogTable.selectAll().where { LogTable.line neq x }.singleOrNull()",
        "LogTable.update({ LogTable.line eq x }) { it[note] = n }",
        "LogTable.deleteWhere { line eq x }\n rows.forEach { r -> keep(r) }\n",
        "check(LogTable.selectAll().where { LogTable.line eq x }.count() < 9)",
        "Words.selectAll().where { Words.word eq x }.singleOrNull()",
    ],
)
def test_an_insert_after_something_else_is_plain(sites: Sites, before: str) -> None:
    (site,) = _sites(sites, f"{before}\n LogTable.insert {{ it[line] = x }}")
    assert site.mechanism is Mechanism.PLAIN_INSERT
