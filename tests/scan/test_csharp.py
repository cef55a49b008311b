"""C# sources: strings put together in every way, names of fields and across files, functions that write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Mechanism, Scope, Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path


NOTHING = "ON CONFLICT (a) DO NOTHING"
TAIL = f"(a) VALUES (1) {NOTHING}"


def _within(body: str, members: str = "") -> str:
    return f"""namespace App.Data;

public class Store(IDbConnection db)
{{
    {members}
    public async Task Save(string table, string key)
    {{
        {body}
        await db.ExecuteAsync(q);
    }}
}}
"""


BODIES = (
    f'var q = "INSERT INTO t {TAIL}";',
    f'var q = "INSERT INTO t " + "(a) VALUES (@a) " +\n            "{NOTHING}";',
    f'const string t = "t"; var q = $"INSERT INTO {{t}} {TAIL}";',
    f'var q = @"INSERT INTO ""t"" {TAIL}";',
    f'var t = "t"; var q = $@"INSERT INTO ""{{t}}"" {TAIL}";',
    f'var q = """\n            INSERT INTO "t" {TAIL}\n            """;',
    f'var t = "t"; var q = $"""\n            INSERT INTO {{t}} {TAIL}\n            """;',
    f'var t = "t"; var q = $$"""INSERT INTO {{{{t}}}} {TAIL}""";',
    f'var q = string.Format("INSERT INTO {{0}} {TAIL}", "t");',
    f'var q = string.Concat("INSERT INTO ", "t ", "{TAIL}");',
    f'var q = string.Join(" ", "INSERT INTO", "t", "{TAIL}");',
    f'var q = String.Join(" ", new[] {{ "INSERT INTO", "t", "{TAIL}" }});',
    f'var q = "INSERT INTO #T {TAIL}".Replace("#T", "t").Trim();',
    f'var q = "INSERT INTO t (a) VALUES (1) "; q += "{NOTHING}";',
    f'string q = ""; q += "INSERT INTO t (a) VALUES (1) "; q += "{NOTHING}";',
    f'var b = new StringBuilder(); b.Append("INSERT INTO t ").Append("{TAIL}"); var q = b.ToString();',
    f'var b = new StringBuilder("INSERT INTO "); b.AppendLine("t"); b.Append("{TAIL}"); var q = b.ToString();',
    f'var b = new StringBuilder(); b.AppendFormat("INSERT INTO {{0}} {TAIL}", "t"); var q = b.ToString();',
    f'var q = new StringBuilder().Append("INSERT INTO t ").AppendLine("{TAIL}").ToString();',
    f'var l = new List<string>(); l.Add("INSERT INTO t"); l.Add("{TAIL}"); var q = string.Join(" ", l);',
    (
        f'var o = new Options {{ Table = "t" }}; var q = "INSERT INTO " + o.Table + " {TAIL}";\n        }}\n'
        "    class Options { public string Table { get; set; } }\n    void Other() { var q = 1;"
    ),
    f'var q = "INSERT INTO " + nameof(t) + " {TAIL}";',
    f'var q = "INSERT INTO " + (string)"t" + string.Empty + " {TAIL}";',
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body)})
    assert str(site.write.table) == "t"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)
    assert (site.language, site.client) == ("csharp", "raw-sql")


MEMBERS = (
    'private const string Table = "t";',
    'private static readonly string Table = "t";',
    'private string Table => "t";',
    'private string Table { get; } = "t";',
    'public static string Table { get { return "t"; } }',
    'private string Table = Names.Hosts; private static class Names { public const string Hosts = "t"; }',
)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_field_or_property_of_the_class_is_known(tmp_path: Path, member: str) -> None:
    body = f'var q = $"INSERT INTO {{Table}} {TAIL}";'
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body, member)})
    assert str(site.write.table) == "t"
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body.replace("{Table}", "{this.Table}"), member)})
    assert str(site.write.table) == "t"


def test_what_can_be_set_from_outside_is_not_known(tmp_path: Path) -> None:
    member = 'public string Table { get; set; } = "t";'
    (site,) = sites_of(tmp_path, {"Store.cs": _within(f'var q = $"INSERT INTO {{Table}} {TAIL}";', member)})
    assert site.status is Status.UNRESOLVED


def test_constants_of_other_files_are_known(tmp_path: Path) -> None:
    tables = """namespace App.Names { public static class Tables {
        public const string Hosts = "hosts";
        public static class Keys { public const string Host = Hosts + "_id"; } } }
"""
    key = "{Tables.Keys.Host}"
    body = f'var q = $"INSERT INTO {{Tables.Hosts}} ({key}) VALUES (1) ON CONFLICT ({key}) DO NOTHING";'
    (site,) = sites_of(tmp_path, {"Names/Tables.cs": tables, "Data/Store.cs": _within(body)})
    assert str(site.write.table) == "hosts"
    assert site.write.columns == ("hosts_id",)


def test_lines_stay_exact_in_verbatim_and_raw_strings(tmp_path: Path) -> None:
    body = 'var q = @"INSERT INTO ""T"" (a)\n        VALUES (1)\n        ON CONFLICT (a)\n        DO NOTHING";'
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body)})
    assert (site.statement_line, site.span.line, site.span.column) == (8, 10, 9)
    assert str(site.write.table) == "T"


def test_holes_that_entity_framework_binds_are_no_part_of_the_text(tmp_path: Path) -> None:
    body = (
        'var voter = "o\'brien"; var q = 1;\n        await ctx.Database.ExecuteSqlInterpolatedAsync(\n'
        f'            $"INSERT INTO votes (a, voter) VALUES ({{poll}}, {{voter}}) {NOTHING}");'
    )
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body)})
    assert (str(site.write.table), site.write.columns, site.status) == ("votes", ("a", "voter"), Status.RESOLVED)


def test_a_constant_of_a_class_is_one_site_wherever_it_is_run(tmp_path: Path) -> None:
    member = f'private const string Sql = @"\n        INSERT INTO t {TAIL}";'
    (site,) = sites_of(
        tmp_path, {"Store.cs": _within("var q = Sql; await db.ExecuteAsync(Sql, new { A = 1 });", member)}
    )
    assert (site.span.line, str(site.write.table)) == (6, "t")


def test_a_wrapper_is_followed_to_its_calls(tmp_path: Path) -> None:
    store = _within('var q = $"INSERT INTO {table} ({key}) VALUES (1) ON CONFLICT ({key}) DO NOTHING";')
    calls = """namespace App;

public class Job(Store store)
{
    public Task Run() => store.Save("hosts", key: "host");
}
"""
    wrapper, call = sorted(
        sites_of(tmp_path, {"Data/Store.cs": store, "Job.cs": calls}), key=lambda site: site.language
    )
    found = sorted((wrapper, call), key=lambda site: site.followed)
    assert (str(found[0].write.table), found[0].span.path, found[0].span.line) == ("hosts", "Job.cs", 5)
    assert found[1].followed == 1


def test_an_extension_method_is_called_without_its_receiver(tmp_path: Path) -> None:
    source = f"""static class Writes
{{
    public static Task PutHost(this IDbConnection db, string table) =>
        db.ExecuteAsync($"INSERT INTO {{table}} {TAIL}");
}}

class Job {{ Task Run(IDbConnection db) => db.PutHost("hosts"); }}
"""
    found = sites_of(tmp_path, {"Writes.cs": source})
    assert "hosts" in [str(site.write.table) for site in found]


def test_each_branch_is_a_site(tmp_path: Path) -> None:
    body = f"""string q;
        switch (table)
        {{
            case "x": q = "INSERT INTO x {TAIL}"; break;
            default: q = "INSERT INTO y {TAIL}"; break;
        }}"""
    found = sites_of(tmp_path, {"Store.cs": _within(body)})
    assert [str(site.write.table) for site in found] == ["x", "y"]
    arms = f'var t = table switch {{ "a" => "x", _ => "y" }}; var q = $"INSERT INTO {{t}} {TAIL}";'
    assert [str(site.write.table) for site in sites_of(tmp_path, {"Store.cs": _within(arms)})] == ["x", "y"]


def test_a_lookup_before_an_insert_is_racy(tmp_path: Path) -> None:
    body = """var n = await db.ExecuteScalarAsync<int>("SELECT count(*) FROM t WHERE a = @a", new { a });
        if (n > 0) return;
        var q = "INSERT INTO t (a) VALUES (@a)";"""
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body)})
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT


def test_strings_that_are_compared_or_stand_in_comments_are_no_sites(tmp_path: Path) -> None:
    body = f"""// INSERT INTO t {TAIL}
        /* INSERT INTO t {TAIL} */
        Assert.Equal("INSERT INTO t {TAIL}", sql);
        sql.Should().Contain("INSERT INTO t {TAIL}");
        if (sql == "INSERT INTO t {TAIL}") return;
        var q = 1;"""
    assert sites_of(tmp_path, {"Store.cs": _within(body)}) == ()


def test_another_driver_in_the_file_is_evidence(tmp_path: Path) -> None:
    source = "using Microsoft.Data.Sqlite;\n" + _within(f'var q = "INSERT INTO t {TAIL}";')
    (site,) = sites_of(tmp_path, {"Store.cs": source})
    assert site.status is Status.NOT_POSTGRES


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("src/App.Tests/Store.cs", Scope.TEST),
        ("src/StoreTests.cs", Scope.TEST),
        ("src/IntegrationTests/Store.cs", Scope.TEST),
        ("src/CoreTests/Bugs/Store.cs", Scope.TEST),
        ("src/DaemonTests.Manual/Store.cs", Scope.TEST),
        ("src/App.Testing/Store.cs", Scope.TEST),
        ("src/App.Contests/Store.cs", Scope.APP),
        ("src/Latest.cs", Scope.APP),
        ("src/Migrations/20240101_Init.cs", Scope.MIGRATION),
        ("src/Store.Designer.cs", Scope.GENERATED),
        ("src/Store.g.cs", Scope.GENERATED),
    ],
)
def test_the_scope_is_told_by_the_path(tmp_path: Path, path: str, scope: Scope) -> None:
    (site,) = sites_of(tmp_path, {path: _within(f'var q = "INSERT INTO t {TAIL}";')})
    assert site.scope is scope


def test_a_member_of_a_class_at_the_end_of_a_file_is_no_name_of_other_files(tmp_path: Path) -> None:
    other = 'namespace App { public class Odd { public const string Hosts = "odd"; } }'
    tables = 'namespace App { public static class Hosts { public const string Name = "hosts"; } }\n'
    body = f'var q = $"INSERT INTO {{Hosts.Name}} {TAIL}";'
    (site,) = sites_of(tmp_path, {"Odd.cs": other, "Tables.cs": tables, "Store.cs": _within(body)})
    assert str(site.write.table) == "hosts"


def test_a_default_that_a_constructor_sets_is_not_known_either(tmp_path: Path) -> None:
    options = 'class Options { public Options() { Table = "t"; } public string Table { get; set; } }\n'
    body = f'var q = $"INSERT INTO {{options.Table}} {TAIL}";'
    store = _within(body, "private readonly Options options;")
    (site,) = sites_of(tmp_path, {"Options.cs": options, "Store.cs": store})
    assert site.status is Status.UNRESOLVED


def test_statements_that_are_run_by_name_race_too(tmp_path: Path) -> None:
    members = """private const string Find = "SELECT id FROM t WHERE a = @a";
    private const string Add = "INSERT INTO t (a) VALUES (@a)";"""
    body = """var id = await db.QueryFirstOrDefaultAsync<int?>(Find, new { a });
        if (id is null) await db.ExecuteAsync(Add, new { a });
        var q = 1;"""
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body, members)})
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT


def test_a_schema_that_is_not_known_leaves_the_table_known(tmp_path: Path) -> None:
    body = f'var q = $@"INSERT INTO ""{{options.Schema}}"".""t"" {TAIL}";'
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body)})
    assert (str(site.write.table), site.write.schema_open, site.status) == ("t", True, Status.PARTIAL)
    assert site.reason == "the schema of the table is only known at run time"


def test_a_schema_with_a_value_in_its_place_is_that_value(tmp_path: Path) -> None:
    helper = 'static string Schema() => Environment.GetEnvironmentVariable("DB_SCHEMA") ?? "app";'
    body = f'var q = $@"INSERT INTO ""{{Schema()}}"".""t"" {TAIL}";'
    (site,) = sites_of(tmp_path, {"Store.cs": _within(body, helper)})
    assert (str(site.write.table), site.status) == ("app.t", Status.RESOLVED)
    assert site.reason == "at run time it can be another schema"


def test_the_end_of_a_statement_is_one_fragment(tmp_path: Path) -> None:
    text = """public class Op
{
    public void Configure(ICommandBuilder builder)
    {
        builder.Append("insert into ");
        builder.Append(name);
        builder.Append(" (a) values (");
        builder.AppendParameter(1);
        builder.Append(") on conflict (a) do nothing");
    }
}
"""
    (site,) = sites_of(tmp_path, {"Op.cs": text})
    assert (site.span.line, site.status, site.mechanism) == (9, Status.UNRESOLVED, Mechanism.ON_CONFLICT)


def test_a_method_of_a_name_that_other_types_have_is_not_called_by_that_name_alone(tmp_path: Path) -> None:
    text = f"""public class Store : Base
{{
    public override void Put(string table) {{ db.Execute($"INSERT INTO {{table}} {TAIL}"); }}
    void All() {{ other.Put("x"); this.Put("y"); }}
}}
"""
    sites = sites_of(tmp_path, {"Store.cs": text})
    assert [str(site.write.table) for site in sites if site.write.table is not None] == ["y"]


def test_calls_of_a_function_that_is_given_a_schema_are_sites(tmp_path: Path) -> None:
    text = f"""public class Store
{{
    void Put(string schema) {{ db.Execute($"INSERT INTO {{schema}}.t {TAIL}"); }}
    void All() {{ Put("x"); Put("y"); }}
}}
"""
    sites = sites_of(tmp_path, {"Store.cs": text})
    assert sorted(str(site.write.table) for site in sites if not site.write.schema_open) == ["x.t", "y.t"]
    (wrapper,) = [site for site in sites if site.write.schema_open]
    assert wrapper.reason is not None
    assert wrapper.reason.endswith("its 2 calls are sites of their own")
