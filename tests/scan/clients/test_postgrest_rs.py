from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import DefaultKey, InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

HEAD = """use postgrest::Postgrest;
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row { user_id: i64, #[serde(rename = "mail")] email: String }
"""


def _only(sites: Sites, statement: str) -> WriteSite:
    source = f"{HEAD}async fn save(client: &Postgrest, row: &Row) {{\n    {statement}.execute().await?;\n}}\n"
    (site,) = sites({"src/save.rs": source})
    assert site.client == "postgrest-rs"
    return site


def test_a_text_of_json_gives_the_columns(sites: Sites) -> None:
    statement = """client.from("users").upsert(r#"[{ "id": 1, "name": "a" }]"#).on_conflict("id, name")"""
    site = _only(sites, statement)
    assert str(site.write.table) == "users"
    assert site.write.columns == ("id", "name")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id", "name")
    assert site.status is Status.RESOLVED


def test_a_struct_is_written_by_its_names_in_json(sites: Sites) -> None:
    site = _only(sites, 'client.from("users").upsert(serde_json::to_string(row)?)')
    assert site.write.columns == ("userId", "mail")
    assert site.write.target == DefaultKey()


def test_a_literal_of_json_is_read(sites: Sites) -> None:
    site = _only(sites, 'client.from("users").insert(json!({ "id": row.id, "tags": [1, 2] }).to_string())')
    assert site.write.columns == ("id", "tags")
    assert site.mechanism is Mechanism.PLAIN_INSERT
