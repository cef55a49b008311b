"""supabase-kt: upserts and inserts of maps, JSON and serializable classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, DefaultKey, InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

HEAD = """import io.github.jan.supabase.postgrest.from
import io.github.jan.supabase.postgrest.postgrest

const val TABLE = "notes"

@Serializable
data class Note(
    val id: Int = 0,
    @SerialName("user_id") val userId: String,
    val text: String? = null,
    @Transient val dirty: Boolean = false,
)
private fun Entity.toNote() = Note(id = key, userId = owner)
"""


def _sites(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    head = f"{HEAD}class Repo(private val supabase: SupabaseClient) {{\n"
    return sites({"Repo.kt": f"{head}    suspend fun save(note: Note, notes: List<Note>) {{\n{body}\n    }}\n}}\n"})


def _columns(site: WriteSite) -> tuple[str, ...] | None:
    return site.write.target.columns if isinstance(site.write.target, InferenceClause) else None


def test_the_block_names_the_target(sites: Sites) -> None:
    body = (
        'supabase.from("notes").upsert(note) {\n  onConflict = "user_id, id"\n  ignoreDuplicates = true\n  select()\n}'
    )
    (site,) = _sites(sites, body)
    assert (str(site.write.table), _columns(site), site.write.action) == ("notes", ("user_id", "id"), Action.NOTHING)
    assert (site.write.columns, site.write.optional, site.status) == (("user_id",), ("id", "text"), Status.RESOLVED)


def test_without_a_target_the_primary_key_is_taken(sites: Sites) -> None:
    (site,) = _sites(sites, "supabase.from(TABLE).upsert(notes)")
    assert (site.write.target, site.write.action) == (DefaultKey(), Action.UPDATE)
    assert site.write.columns == ("user_id",)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ('Note(userId = "a")', ("user_id",)),
        ('Note(1, "a", text = "b")', ("id", "user_id", "text")),
        ('listOf(Note(1, "a"), Note(2, "b"))', ("id", "user_id")),
        ('mapOf("user_id" to "a", "id" to 1)', ("user_id", "id")),
        ('buildJsonObject {\n  put("user_id", "a")\n  put("id", 1)\n}', ("user_id", "id")),
        ("notes.map { Note(1, it.name) }", ("id", "user_id")),
        ("entity.toNote()", ("id", "user_id")),
    ],
)
def test_rows_are_read(sites: Sites, rows: str, columns: tuple[str, ...]) -> None:
    (site,) = _sites(sites, f'supabase.from("notes").upsert({rows}) {{ onConflict = "id" }}')
    assert (site.write.columns, site.write.set_columns) == (columns, columns)


@pytest.mark.parametrize(
    ("receiver", "table"),
    [
        ('supabase.from("app", "notes")', "app.notes"),
        ('supabase.postgrest["notes"]', "notes"),
        ("supabase.postgrest[TABLE]", "notes"),
        ('supabase.postgrest["app", "notes"]', "app.notes"),
        ('supabase.postgrest.from("notes")', "notes"),
        ('supabase.from(table = "notes")', "notes"),
    ],
)
def test_a_table_is_named_in_several_ways(sites: Sites, receiver: str, table: str) -> None:
    (site,) = _sites(sites, f"{receiver}.upsert(note)")
    assert str(site.write.table) == table


def test_a_table_may_be_kept_in_a_variable(sites: Sites) -> None:
    (site,) = _sites(sites, 'val table = supabase.from("notes")\ntable.upsert(note, onConflict = "id")')
    assert (str(site.write.table), _columns(site)) == ("notes", ("id",))


def test_an_insert_is_plain_unless_it_upserts(sites: Sites) -> None:
    plain, old = _sites(
        sites,
        'supabase.from("notes").insert(note)\n'
        'supabase.from("notes").insert(note, upsert = true, onConflict = "user_id")',
    )
    assert (plain.mechanism, plain.write.action) == (Mechanism.PLAIN_INSERT, None)
    assert (old.mechanism, _columns(old)) == (Mechanism.ON_CONFLICT, ("user_id",))


@pytest.mark.parametrize("block", ["{ if (all) onConflict = key }", "{ onConflict = key }"])
def test_a_target_that_is_chosen_at_run_time_is_not_known(sites: Sites, block: str) -> None:
    (site,) = _sites(sites, f'supabase.from("notes").upsert(note) {block}')
    assert site.status is Status.UNRESOLVED


def test_files_are_no_rows(sites: Sites) -> None:
    assert not _sites(sites, 'supabase.storage.from("bucket").upsert("a/b.png", bytes)')


LOOKUP = 'supabase.from("notes").select { filter { eq("user_id", u) } }'
STEPS = (
    (f"if ({LOOKUP}.decodeSingleOrNull<Note>() == null) {{", Mechanism.SELECT_THEN_INSERT),
    (f"val old = {LOOKUP}.decodeList<Note>().firstOrNull()\nif (old == null) {{", Mechanism.SELECT_THEN_INSERT),
    ('supabase.from("notes").delete { filter { eq("user_id", u) } }\nrun {', Mechanism.PLAIN_INSERT),
    ('supabase.from("notes").delete { filter { eq("user_id", u) } }\nif (true) {', Mechanism.DELETE_INSERT),
    (f"val all = {LOOKUP}.decodeList<Note>()\nif (true) {{", Mechanism.PLAIN_INSERT),
    ('if (supabase.from("notes").select { filter { neq("user_id", u) } }.decodeSingleOrNull<Note>() == null) {',
     Mechanism.PLAIN_INSERT),
)  # fmt: skip


@pytest.mark.parametrize(("before", "mechanism"), STEPS)
def test_an_insert_after_a_lookup_of_one_row_is_racy(sites: Sites, before: str, mechanism: Mechanism) -> None:
    (site,) = _sites(sites, f'{before}\n supabase.from("notes").insert(Note(userId = u))\n}}')
    assert site.mechanism is mechanism
    assert site.key_columns == (None if mechanism is Mechanism.PLAIN_INSERT else ("user_id",))
