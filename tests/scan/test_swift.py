"""Swift sources: strings put together in every way, names across files, and what supabase-swift sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, DefaultKey, InferenceClause, Mechanism, QualifiedName, Scope, Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

NOTHING = "ON CONFLICT (a) DO NOTHING"
TAIL = f"(a) VALUES (1) {NOTHING}"


def _within(body: str, members: str = "") -> str:
    return f"""import PostgresNIO

struct Store {{
    {members}
    func save(_ table: String, key: String = "id") async throws {{
        {body}
        try await db.query(PostgresQuery(unsafeSQL: q))
    }}
}}
"""


BODIES = (
    f'let q = "INSERT INTO t {TAIL}"',
    f'let q = "INSERT INTO t " +\n            "(a) VALUES (1) " + "{NOTHING}"',
    f'let t = "t"\n        let q = "INSERT INTO \\(t) {TAIL}"',
    f'let t = "t", q = """\n            INSERT INTO \\(t)\n            {TAIL}\n            """',
    f'let t = "t"\n        let q = #"INSERT INTO "\\#(t)" {TAIL}"#',
    f'let q: SQLQueryString = "INSERT INTO \\(ident: "t") {TAIL}"',
    f'var q = "INSERT INTO t (a) VALUES (1) "\n        q += "{NOTHING}"',
    f'let q = ["INSERT INTO", "t", "{TAIL}"].joined(separator: " ")',
    f'var parts = ["INSERT INTO"]\n        parts.append("t {TAIL}")\n        let q = parts.joined(separator: " ")',
    'let q = "INSERT INTO \\(T.hosts) TAIL"\n    }\n    enum T { static let hosts = "t" }\n    func f() { let q = 1',
    """let q = "INSERT INTO \\(Names.hosts.rawValue) TAIL"
    }
    enum Names: String { case hosts = "t" }
    func f() { let q = 1""",
    f'let names = ["host": "t"]\n        let q = "INSERT INTO \\(names["host"]!) {TAIL}"',
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, {"Sources/App/Store.swift": _within(body.replace("TAIL", TAIL))})
    assert str(site.write.table) == "t"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)
    assert (site.language, site.client) == ("swift", "raw-sql")


@pytest.mark.parametrize(
    "member", ['let name = "t"', 'static let name = "t"', 'var name: String { "t" }', 'var name: String { return "t" }']
)
def test_a_property_is_known(tmp_path: Path, member: str) -> None:
    (site,) = sites_of(tmp_path, {"Store.swift": _within(f'let q = "INSERT INTO \\(name) {TAIL}"', member)})
    assert str(site.write.table) == "t"
    (site,) = sites_of(tmp_path, {"Store.swift": _within(f'let q = "INSERT INTO \\(self.name) {TAIL}"', member)})
    assert str(site.write.table) == "t"


def test_names_of_other_files_are_known(tmp_path: Path) -> None:
    tables = 'enum Tables { static let hosts = "hosts" }\nlet key = "host"\n'
    body = 'let q = "INSERT INTO \\(Tables.hosts) (\\(key)) VALUES (1) ON CONFLICT (\\(key)) DO NOTHING"'
    store = _within(body).replace('key: String = "id"', "")
    (site,) = sites_of(tmp_path, {"Sources/Tables.swift": tables, "Sources/Data/Store.swift": store})
    assert (str(site.write.table), site.write.columns) == ("hosts", ("host",))


def test_lines_stay_exact_in_long_strings(tmp_path: Path) -> None:
    text = 'INSERT INTO "T"\\t(a)\n        VALUES (1)\n        ON CONFLICT (a)\n        DO NOTHING'
    body = f'let q = """\n        {text}\n        """'
    (site,) = sites_of(tmp_path, {"Store.swift": _within(body)})
    assert (site.statement_line, site.span.line, site.span.column) == (7, 9, 9)
    assert str(site.write.table) == "T"


def test_values_that_are_bound_are_no_part_of_the_text(tmp_path: Path) -> None:
    body = 'let q: PostgresQuery = "INSERT INTO t (a) VALUES (\\(bind: key)) ON CONFLICT (a) DO NOTHING"'
    (site,) = sites_of(tmp_path, {"Store.swift": _within(body)})
    assert site.status is Status.RESOLVED


def test_a_wrapper_is_followed_to_its_calls(tmp_path: Path) -> None:
    body = 'let q = "INSERT INTO \\(table) (\\(key)) VALUES (1) ON CONFLICT (\\(key)) DO NOTHING"'
    job = 'func run(store: Store) async throws { try await store.saveRow("hosts", key: "host") }\n'
    found = sites_of(tmp_path, {"Store.swift": _within(body).replace("func save", "func saveRow"), "Job.swift": job})
    own = next(site for site in found if site.span.path == "Job.swift")
    assert (str(own.write.table), own.write.columns) == ("hosts", ("host",))


def test_sqlite_in_the_file_is_evidence(tmp_path: Path) -> None:
    source = f'import GRDB\nfunc f() throws {{ try db.execute(sql: "INSERT INTO t {TAIL}") }}\n'
    (site,) = sites_of(tmp_path, {"A.swift": source})
    assert site.status is Status.NOT_POSTGRES


def test_assertions_are_no_sites(tmp_path: Path) -> None:
    source = f'func testIt() {{ XCTAssertEqual(sql, "INSERT INTO t {TAIL}") }}\n'
    assert sites_of(tmp_path, {"StoreTests.swift": source}) == ()
    (site,) = sites_of(tmp_path, {"StoreTests.swift": _within(f'let q = "INSERT INTO t {TAIL}"')})
    assert site.scope is Scope.TEST


HEAD = """import Supabase

struct User: Codable {
    let id: UUID
    var name: String?
    var fullName: String
    static let table = "users"
    var shown: String { fullName }
    enum CodingKeys: String, CodingKey { case id, name; case fullName = "full_name" }
}

struct Tag: Encodable { let id: Int; let label: String }

let client = SupabaseClient(supabaseURL: url, supabaseKey: key)
"""


def _sent(tmp_path: Path, statement: str, head: str = HEAD) -> WriteSite:
    source = f"{head}\nfunc save(user: User, tags: [Tag]) async throws {{\n    {statement}\n}}\n"
    (site,) = sites_of(tmp_path, {"Sources/App.swift": source})
    assert site.client == "supabase-swift"
    return site


def test_an_upsert_is_read_with_its_options_and_the_keys_of_its_rows(tmp_path: Path) -> None:
    call = 'try await client.from("users").upsert(user, onConflict: "id,full_name", ignoreDuplicates: true).execute()'
    site = _sent(tmp_path, call)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id", "full_name")
    assert (str(site.write.table), site.write.action) == ("users", Action.NOTHING)
    assert (site.write.columns, site.write.optional) == (("id", "full_name"), ("name",))
    assert site.status is Status.RESOLVED


def test_lists_and_dictionaries_are_rows_too(tmp_path: Path) -> None:
    site = _sent(tmp_path, "try await client.from(User.table).upsert(tags).execute()")
    assert (str(site.write.table), site.write.columns, site.write.target) == ("users", ("id", "label"), DefaultKey())
    site = _sent(tmp_path, 'try await client.from("t").upsert(["a": 1, "b": AnyJSON.null]).execute()')
    assert site.write.columns == ("a", "b")
    site = _sent(tmp_path, 'try await client.from("t").upsert(tags.map { Tag(id: $0.id, label: "x") }).execute()')
    assert site.write.columns == ("id", "label")


def test_the_schema_is_that_of_the_chain_or_of_the_client(tmp_path: Path) -> None:
    site = _sent(tmp_path, 'try await client.schema("s").from("t").upsert(tags).execute()')
    assert site.write.table == QualifiedName("s", "t")
    head = HEAD.replace("key)", 'key, options: .init(db: .init(schema: "x")))')
    site = _sent(tmp_path, 'try await client.from("t").upsert(tags).execute()', head)
    assert site.write.table == QualifiedName("x", "t")


def test_a_lookup_before_an_insert_is_racy(tmp_path: Path) -> None:
    site = _sent(
        tmp_path,
        'let found: [Tag] = try await client.from("t").select().eq("id", value: 1).execute().value\n'
        '    if found.isEmpty { try await client.from("t").insert(Tag(id: 1, label: "x")).execute() }',
    )
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("id",))


def test_rows_that_encode_themselves_leave_the_columns_open(tmp_path: Path) -> None:
    head = HEAD + "\nstruct Odd: Encodable { let a: Int; func encode(to encoder: Encoder) throws { } }\n"
    site = _sent(tmp_path, 'try await client.from("t").upsert(Odd(a: 1)).execute()', head)
    assert site.status is Status.PARTIAL


def test_sets_and_arrays_are_no_tables(tmp_path: Path) -> None:
    source = "func f() { seen.insert(1); items.insert(x, at: 0); index.upsert(vectors) }\n"
    assert sites_of(tmp_path, {"A.swift": HEAD + source}) == ()
