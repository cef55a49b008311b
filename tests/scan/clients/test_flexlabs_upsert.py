from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, Status
from pgarbiter.scan.declarations.ef_core import snake_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

ENTITIES = """namespace App.Model;

public abstract class Audited
{
    public DateTime CreatedAt { get; set; }
}

public enum Kind { Free, Paid }

public class Account : Audited, IEntity
{
    public int Id { get; set; }
    public string Email { get; set; } = "";
    public string? FullName { get; private set; }
    public Kind Kind { get; set; }
    public List<string> Tags { get; set; } = new();
    public Guid OwnerId { get; set; }
    public Owner Owner { get; set; }
    public ICollection<Visit> Visits { get; set; }
    [NotMapped] public string Cached { get; set; }
    public string Shown => Email;
    public static int Count { get; set; }
}

public class Owner { public Guid Id { get; set; } }

[Table("visits", Schema = "stats")]
public class Visit
{
    [Key, Column("visit_key")] public string Key { get; set; }
    [Column("hits")] public int Hits { get; set; }
}
"""
CONTEXT = """namespace App.Model;

public class AppDb : DbContext
{
    public DbSet<Account> Accounts { get; set; }
    public DbSet<Visit> Visits => Set<Visit>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) { FLUENT }
}
"""
COLUMNS = ("CreatedAt", "Email", "FullName", "Kind", "Tags", "OwnerId")


def _only(sites: Sites, statement: str, fluent: str = "", more: str = "") -> WriteSite:
    files = {
        "Model/Entities.cs": ENTITIES,
        "Model/AppDb.cs": CONTEXT.replace("FLUENT", fluent) + more,
        "Jobs/Job.cs": f"class Job(AppDb db)\n{{\n    async Task Run(Account account, List<Account> accounts)\n    {{\n"
        f"        {statement}\n    }}\n}}\n",
    }
    (site,) = sites(files)
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def test_a_set_names_the_table_and_all_properties_but_the_generated_key_are_written(sites: Sites) -> None:
    site = _only(sites, "await db.Accounts.Upsert(account).On(a => a.Email).RunAsync();")
    assert str(site.write.table) == "Accounts"
    assert site.write.columns == COLUMNS
    assert site.write.set_columns == tuple(name for name in COLUMNS if name != "Email")
    assert _columns(site) == ("Email",)
    assert (site.status, site.write.action, site.write.rows) == (Status.RESOLVED, Action.UPDATE, 1)


def test_attributes_and_the_schema_are_known(sites: Sites) -> None:
    site = _only(sites, 'db.Upsert(new Visit { Key = "a" }).Run();')
    assert str(site.write.table) == "stats.visits"
    assert site.write.columns == ("visit_key", "hits")
    assert _columns(site) == ("visit_key",)
    assert site.write.set_columns == ("hits",)


def test_without_update_nothing_happens(sites: Sites) -> None:
    site = _only(
        sites, "await db.Accounts.UpsertRange(accounts).On(a => new { a.OwnerId, a.Kind }).NoUpdate().RunAsync();"
    )
    assert (site.write.action, site.write.set_columns, site.write.rows) == (Action.NOTHING, None, None)
    assert _columns(site) == ("OwnerId", "Kind")


def test_what_is_updated_may_be_given_or_excluded(sites: Sites) -> None:
    chain = "await db.Accounts.UpsertRange(accounts)\n            .On(a => a.Email)\n            "
    site = _only(
        sites, chain + ".WhenMatched((o, n) => new Account { FullName = n.FullName, Kind = n.Kind }).RunAsync();"
    )
    assert site.write.set_columns == ("FullName", "Kind")
    assert (site.statement_line, site.span.line) == (5, 6)
    site = _only(sites, chain + ".Exclude(a => new { a.CreatedAt, a.Tags }).RunAsync();")
    assert site.write.set_columns == ("FullName", "Kind", "OwnerId")


def test_a_builder_may_be_put_together_in_steps(sites: Sites) -> None:
    statement = "var q = db.Accounts.Upsert(account).On(a => a.Email); q = q.NoUpdate(); await q.RunAsync();"
    site = _only(sites, statement)
    assert (_columns(site), site.write.action) == (("Email",), Action.NOTHING)


def test_fluent_names_win(sites: Sites) -> None:
    fluent = """modelBuilder.HasDefaultSchema("core");
        modelBuilder.Entity<Account>(e => { e.ToTable("account"); e.HasKey(x => x.Email);
            e.Property(x => x.Email).HasColumnName("mail").HasMaxLength(10); e.Ignore(x => x.Tags); });
        modelBuilder.Entity<Account>().Property(x => x.Kind).HasColumnName("k");"""
    site = _only(sites, "await db.Accounts.Upsert(account).RunAsync();", fluent)
    assert str(site.write.table) == "core.account"
    assert _columns(site) == ("mail",)
    assert site.write.columns == ("CreatedAt", "Id", "mail", "FullName", "k", "OwnerId")


def test_a_configuration_class_names_too(sites: Sites) -> None:
    more = """class AccountMap : IEntityTypeConfiguration<Account>
{
    public void Configure(EntityTypeBuilder<Account> builder)
    {
        builder.ToTable("accounts", "app");
        builder.Property(a => a.Email).HasColumnName("email");
    }
}
"""
    site = _only(sites, "await db.Accounts.Upsert(account).On(a => a.Email).RunAsync();", more=more)
    assert (str(site.write.table), _columns(site)) == ("app.accounts", ("email",))


def test_a_naming_convention_renames_what_is_not_named(sites: Sites) -> None:
    more = "class Setup { void Use(DbContextOptionsBuilder o) => o.UseNpgsql(c).UseSnakeCaseNamingConvention(); }\n"
    site = _only(
        sites, "await db.Accounts.Upsert(account).On(a => new { a.FullName, a.OwnerId }).RunAsync();", more=more
    )
    assert (str(site.write.table), _columns(site)) == ("accounts", ("full_name", "owner_id"))
    site = _only(sites, 'db.Visits.Upsert(new Visit { Key = "a" }).Run();', more=more)
    assert str(site.write.table) == "stats.visits"


def test_a_naming_convention_of_another_database_is_not_ours(sites: Sites) -> None:
    more = (
        "class Setup { void Use(DbContextOptionsBuilder o) => o.UseOracle(c).UseUpperSnakeCaseNamingConvention(); }\n"
    )
    site = _only(sites, "await db.Accounts.Upsert(account).On(a => a.Email).RunAsync();", more=more)
    assert (str(site.write.table), _columns(site)) == ("Accounts", ("Email",))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("UserHTTPLog", "user_http_log"), ("Address2Line", "address2line"), ("A_B", "a_b"), ("ID", "id"), ("AId", "a_id")],
)
def test_snake_case_is_that_of_the_naming_conventions(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_names_that_code_sets_are_not_known(sites: Sites) -> None:
    more = "static class M { static void X(IMutableEntityType e) => e.SetTableName(Rename(e.GetTableName())); }\n"
    site = _only(sites, "await db.Accounts.Upsert(account).On(a => a.Email).RunAsync();", more=more)
    assert site.status is Status.UNRESOLVED
    assert "renamed" in (site.reason or "")


def test_an_owned_type_leaves_the_columns_open(sites: Sites) -> None:
    fluent = "modelBuilder.Entity<Account>().OwnsOne(a => a.Owner);"
    site = _only(sites, "await db.Accounts.Upsert(account).On(a => a.Email).RunAsync();", fluent)
    assert (site.status, site.write.complete) == (Status.PARTIAL, False)


def test_a_match_that_is_computed_is_not_resolved(sites: Sites) -> None:
    site = _only(sites, "await db.Accounts.Upsert(account).On(match).RunAsync();")
    assert site.status is Status.UNRESOLVED


def test_the_identity_is_written_when_it_may_be_matched(sites: Sites) -> None:
    site = _only(sites, "await db.Accounts.Upsert(account).On(a => a.Id).AllowIdentityMatch().RunAsync();")
    assert site.write.columns == ("CreatedAt", "Id", *COLUMNS[1:])


def test_upserts_of_other_libraries_are_no_sites(sites: Sites) -> None:
    source = (
        "class A { void F() { index.Upsert(vectors); cache.Upsert(x).Wait(); hub.On(v => Show(v)); app.Run(); } }\n"
    )
    assert sites({"A.cs": source}) == ()
