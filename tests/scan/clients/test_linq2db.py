from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, InferenceClause, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

MAPPED = """using LinqToDB.Mapping;

[Table("stats", Schema = "app")]
public class Stat
{
    [PrimaryKey] public long GuildId { get; set; }
    [Column("cmd"), PrimaryKey] public string Command { get; set; }
    [Column(Name = "uses")] public int Uses { get; set; }
    [Column(SkipOnUpdate = true)] public DateTime Created { get; set; }
    public string Shown { get; set; }
}
"""


def _only(sites: Sites, statement: str, more: dict[str, str] | None = None) -> WriteSite:
    job = f"class Job {{ async Task Run(AppDb db, Stat stat) {{\n{statement}\n}} }}\n"
    (site,) = sites({"Stat.cs": MAPPED, "Jobs/Job.cs": job, **(more or {})})
    assert site.client == "linq2db"
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def test_setters_and_the_key_are_read(sites: Sites) -> None:
    site = _only(
        sites,
        """await db.GetTable<Stat>().InsertOrUpdateAsync(
            () => new Stat { GuildId = 1, Command = "a", Uses = 1 },
            old => new() { Uses = old.Uses + 1 },
            () => new() { Command = "a" });""",
    )
    assert str(site.write.table) == "app.stats"
    assert (site.write.columns, site.write.set_columns) == (("GuildId", "cmd", "uses"), ("uses",))
    assert (_columns(site), site.write.action, site.status) == (("cmd",), Action.UPDATE, Status.RESOLVED)


def test_without_a_key_it_is_the_primary_one_and_without_an_update_nothing_happens(sites: Sites) -> None:
    site = _only(sites, 'db.GetTable<Stat>().InsertOrUpdate(() => new Stat { GuildId = 1, Command = "a" }, null);')
    assert (_columns(site), site.write.action) == (("GuildId", "cmd"), Action.NOTHING)


def test_the_table_may_be_in_a_variable(sites: Sites) -> None:
    made = "() => new() { GuildId = 1 }"
    statement = f"var q = db.GetTable<Stat>(); q.InsertOrUpdate({made}, null, {made});"
    assert str(_only(sites, statement).write.table) == "app.stats"


def test_a_row_is_replaced_by_its_primary_key(sites: Sites) -> None:
    site = _only(sites, "await db.InsertOrReplaceAsync(stat);")
    assert _columns(site) == ("GuildId", "cmd")
    assert (site.write.columns, site.write.set_columns) == (("GuildId", "cmd", "uses", "Created"), ("uses",))


def test_entities_of_entity_framework_have_the_names_of_its_model(sites: Sites) -> None:
    context = """class AppDb : DbContext { public DbSet<User> Users { get; set; } }
class User { public int Id { get; set; } public ulong UserId { get; set; } public long TotalXp { get; set; } }
class Setup { void Use(DbContextOptionsBuilder o) => o.UseNpgsql(c).UseSnakeCaseNamingConvention(); }
"""
    statement = """db.Users.ToLinqToDBTable().InsertOrUpdate(() => new() { UserId = 1, TotalXp = 0 },
        old => new() { }, () => new() { UserId = 1 });"""
    site = _only(sites, statement, {"AppDb.cs": context})
    assert (str(site.write.table), _columns(site), site.write.action) == ("users", ("user_id",), Action.NOTHING)
    assert site.write.columns == ("user_id", "total_xp")


def test_a_class_without_a_set_has_the_names_of_the_model_too(sites: Sites) -> None:
    context = """class AppDb : DbContext { public DbSet<User> Users { get; set; } }
class UserColor { public int Id { get; set; } public ulong UserId { get; set; } }
class Setup { void Use(DbContextOptionsBuilder o) => o.UseNpgsql(c).UseSnakeCaseNamingConvention(); }
"""
    made = "() => new() { UserId = 1 }"
    site = _only(sites, f"db.GetTable<UserColor>().InsertOrUpdate({made}, null, {made});", {"AppDb.cs": context})
    assert (str(site.write.table), _columns(site)) == ("user_color", ("user_id",))


def test_methods_of_that_name_elsewhere_are_no_sites(sites: Sites) -> None:
    source = "class A { void F() { repo.InsertOrUpdate(entity); cache.InsertOrReplace(row); } }\n"
    assert sites({"A.cs": source}) == ()
