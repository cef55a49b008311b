from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, DefaultKey, InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

MODEL = """using Supabase.Postgrest.Attributes;
using Supabase.Postgrest.Models;

[Table("movies")]
public class Movie : BaseModel
{
    [PrimaryKey("id", false)] public int Id { get; set; }
    [Column("name")] public string Name { get; set; }
    [Column("imdb_id")] public string ImdbId { get; set; }
    [Column("note", NullValueHandling = NullValueHandling.Ignore)] public string Note { get; set; }
    [Column("made", ignoreOnInsert: true)] public DateTime Made { get; set; }
    [Reference(typeof(Person))] public List<Person> Actors { get; set; }
    [JsonIgnore] public string Cached { get; set; }
}
"""


def _only(sites: Sites, statement: str) -> WriteSite:
    job = f"class Job {{ async Task Run(Supabase.Client client, Movie movie) {{\n{statement}\n}} }}\n"
    (site,) = sites({"Movie.cs": MODEL, "Jobs/Job.cs": job})
    return site


def test_an_upsert_takes_the_primary_key_and_writes_the_columns_of_the_model(sites: Sites) -> None:
    site = _only(sites, "await client.From<Movie>().Upsert(movie);")
    assert str(site.write.table) == "movies"
    assert (site.write.target, site.write.action) == (DefaultKey(), Action.UPDATE)
    assert (site.write.columns, site.write.optional) == (("id", "name", "imdb_id"), ("note",))
    assert (site.status, site.client) == (Status.RESOLVED, "supabase-csharp")


def test_options_name_the_target_and_the_action(sites: Sites) -> None:
    options = """new QueryOptions { OnConflict = "imdb_id, name",
        DuplicateResolution = QueryOptions.DuplicateResolutionType.IgnoreDuplicates }"""
    site = _only(sites, f"await client.From<Movie>().Upsert(movie, {options});")
    assert isinstance(site.write.target, InferenceClause)
    assert (site.write.target.columns, site.write.action) == (("imdb_id", "name"), Action.NOTHING)


def test_the_target_may_be_a_link_of_the_chain(sites: Sites) -> None:
    for given in ('"imdb_id"', "x => x.ImdbId"):
        site = _only(
            sites, f"await client.From<Movie>().OnConflict({given}).Upsert(new List<Movie> {{ movie, movie }});"
        )
        assert isinstance(site.write.target, InferenceClause)
        assert (site.write.target.columns, site.write.rows) == (("imdb_id",), 2)


def test_an_insert_leaves_out_the_key_that_the_database_makes(sites: Sites) -> None:
    site = _only(sites, "var table = client.From<Movie>(); await table.Insert(movie);")
    assert site.mechanism is Mechanism.PLAIN_INSERT
    assert site.write.columns == ("name", "imdb_id")
    site = _only(sites, "await client.From<Movie>().Insert(movie, new QueryOptions { Upsert = true });")
    assert site.mechanism is Mechanism.ON_CONFLICT


def test_a_model_that_is_not_known_is_not_resolved(sites: Sites) -> None:
    (site,) = sites({"Job.cs": "class Job { void Run() { client.From<Film>().Upsert(film); } }\n"})
    assert site.status is Status.UNRESOLVED
