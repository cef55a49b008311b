"""Entity Framework Core: rows that are added where a lookup of their values found none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Status

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

MODEL = """using Microsoft.EntityFrameworkCore;
[Table("users", Schema = "app")]
public class User {
    public int Id { get; set; }
    [Column("mail")] public string Email { get; set; }
    [Column("name")] public string Name { get; set; }
}
public class Team {
    public int Id { get; set; }
    public string Email { get; set; }
    public List<User> Members { get; set; }
}
public class Db : DbContext {
    public DbSet<User> Users { get; set; }
    public DbSet<Team> Teams { get; set; }
}
"""
NEW = "new User { Email = email, Name = name }"


def _sites(place: Path, body: str) -> tuple[WriteSite, ...]:
    method = f"public async Task Save(string email, string name) {{\n{body}\nawait _db.SaveChangesAsync();\n}}"
    source = f"using Microsoft.EntityFrameworkCore;\npublic class Store {{\nprivate readonly Db _db;\n{method}\n}}\n"
    return sites_of(place, {"Model.cs": MODEL, "Store.cs": source})


@pytest.mark.parametrize(
    "body",
    [
        f"var u = await _db.Users.FirstOrDefaultAsync(u => u.Email == email);\nif (u == null) _db.Users.Add({NEW});",
        f"var u = _db.Users.SingleOrDefault(u => u.Email == email);\nif (u is null) {{ u = {NEW}; _db.Users.Add(u); }}",
        f"if (!await _db.Users.AnyAsync(u => u.Email == email, token)) _db.Add({NEW});",
        f"var exists = _db.Users.Any(u => u.Email == email);\nif (exists) return;\nawait _db.Users.AddAsync({NEW});",
        f"""var user = await _db.Users.AsNoTracking().Where(u => u.Email == email).FirstOrDefaultAsync();
        if (user != null) return;
        _db.Users.Add({NEW});""",
    ],
)
def test_a_row_is_added_that_a_lookup_did_not_find(tmp_path: Path, body: str) -> None:
    (site,) = _sites(tmp_path, body)
    assert (site.client, site.mechanism, site.status) == ("ef-core", Mechanism.SELECT_THEN_INSERT, Status.RESOLVED)
    assert str(site.write.table) == "app.users"
    assert site.key_columns == ("mail",)
    assert site.write.columns == ("mail", "name")


def test_two_properties_are_both_keys(tmp_path: Path) -> None:
    lookup = "_db.Users.FirstOrDefault(u => u.Email == email && u.Name == name)"
    (site,) = _sites(tmp_path, f"var user = {lookup};\nif (user == null) _db.Users.Add({NEW});")
    assert site.key_columns == ("mail", "name")


@pytest.mark.parametrize(
    "lookup",
    [
        "_db.Users.FirstOrDefault(u => u.Email == other)",  # another value
        "_db.Users.FirstOrDefault(u => u.Email != email)",
        "_db.Users.FirstOrDefault(u => u.Email == email || u.Name == name)",
        "_db.Teams.FirstOrDefault(u => u.Email == email)",  # another table
        "_db.Users.OrderBy(u => u.Id).FirstOrDefault(u => u.Email == email)",
    ],
)
def test_lookups_of_other_rows_decide_nothing(tmp_path: Path, lookup: str) -> None:
    assert not _sites(tmp_path, f"var user = {lookup};\nif (user == null) _db.Users.Add({NEW});")


def test_a_lookup_whose_result_is_not_asked_for_decides_nothing(tmp_path: Path) -> None:
    assert not _sites(tmp_path, f"var user = _db.Users.FirstOrDefault(u => u.Email == email);\n_db.Users.Add({NEW});")


def test_a_set_may_be_asked_for_by_its_type(tmp_path: Path) -> None:
    body = f"if (_db.Set<User>().Any(u => u.Email == email)) return;\n_db.Set<User>().Add({NEW});"
    assert [site.key_columns for site in _sites(tmp_path, body)] == [("mail",)]


def test_rows_that_another_row_holds_are_not_asked_for_by_these_values_alone(tmp_path: Path) -> None:
    body = f"if (team.Members.Any(u => u.Email == email)) return;\n_db.Users.Add({NEW});"
    assert not _sites(tmp_path, f"Team team = await _db.Teams.FirstAsync();\n{body}")


def test_lists_that_are_no_tables_are_none(tmp_path: Path) -> None:
    body = (
        "var user = list.FirstOrDefault(u => u.Email == email);\nif (user == null) list.Add(new Row { Email = email });"
    )
    assert not _sites(tmp_path, body)
