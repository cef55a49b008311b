"""Names and statements as a user would write them: quoted identifiers, conflict targets, index definitions."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..model import POSTGREST_CLIENTS, Mechanism
from ..quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..catalog.model import Index, IndexKey, Relation
    from ..model import InferenceElement, WriteSite

# How PostgREST's clients take the columns of a conflict target.
_SPELLINGS = {
    "supabase-js": "onConflict: '{}'",
    "supabase-py": 'on_conflict="{}"',
    "supabase-dart": "onConflict: '{}'",
    "supabase-swift": 'onConflict: "{}"',
    "supabase-kt": 'onConflict = "{}"',
    "supabase-csharp": 'OnConflict = "{}"',
    "postgrest-go": 'onConflict "{}"',
    "postgrest-rs": '.on_conflict("{}")',
    "postgrest-http": "?on_conflict={}",
}


def named(names: Iterable[str]) -> str:
    """Names for a message: `"a", "b" and "c"`."""
    shown = [f'"{name}"' for name in names]
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most like this one, if any is."""
    matches = get_close_matches(name.lower(), [k.lower() for k in known], n=1, cutoff=0.72)
    return next((k for k in known if matches and k.lower() == matches[0]), None)


def table_sql(relation: Relation) -> str:
    """schema.table as SQL."""
    return f"{quoted(relation.schema)}.{quoted(relation.name)}"


def key_sql(key: IndexKey) -> str:
    """One key of an index as SQL, without collation and operator class."""
    return quoted(key.column) if key.column is not None else f"({key.expression})"


def columns_sql(columns: Iterable[str]) -> str:
    """A column list as SQL, in parentheses."""
    return f"({', '.join(quoted(c) for c in columns)})"


def target_sql(index: Index) -> str:
    """The conflict target that infers this index: its keys, and its predicate if it is partial."""
    keys = f"({', '.join(key_sql(key) for key in index.keys)})"
    return f"ON CONFLICT {keys}" + (f" WHERE {bare(index.predicate)}" if index.predicate else "")


def element_sql(element: InferenceElement) -> str:
    """One element of a conflict target as SQL, its collation and operator class included."""
    named_alone = element.column is not None and element.text == element.column
    return quoted(element.text) if named_alone else element.text


def bare(expression: str) -> str:
    """pg_get_expr()'s text without the one pair of parentheses around the whole of it."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth, quote = 0, ""
    for position, char in enumerate(expression):
        if quote or char in "'\"":
            quote = "" if char == quote else quote or char
            continue
        depth += (char == "(") - (char == ")")
        if depth == 0 and position < len(expression) - 1:
            return expression
    return expression[1:-1]


def is_postgrest(site: WriteSite) -> bool:
    """The statement is written by PostgREST, so the client can name columns and nothing else."""
    return site.client in POSTGREST_CLIENTS


def looks_for_index(site: WriteSite) -> bool:
    """The client asks the database for a unique index of these columns, and sends nothing when there is none.

    Rails does so for `unique_by`, and for the primary key of the model (activerecord 8.1, InsertAll).
    """
    return site.client == "rails" and site.mechanism is Mechanism.ON_CONFLICT


def refused_without_index(site: WriteSite) -> str:
    """What it costs that no unique index has the columns of the conflict target."""
    if looks_for_index(site):
        return 'Every call raises ArgumentError ("No unique index found for ..."), before Rails sends the INSERT.'
    return f"Every execution fails with 42P10{', HTTP 400' if is_postgrest(site) else ''}."


def target_in_client(site: WriteSite, columns: Sequence[str]) -> str:
    """How this client spells a conflict target of plain columns."""
    spelling = _SPELLINGS.get(site.client)
    if spelling is not None:
        return spelling.format(",".join(columns))
    if site.client == "sqlalchemy":
        return f"index_elements=[{', '.join(repr(c) for c in columns)}]"
    if looks_for_index(site):
        return f"unique_by: [{', '.join(_symbol(c) for c in columns)}]"
    return f"ON CONFLICT {columns_sql(columns)}"


def index_in_client(site: WriteSite, index: Index) -> str:
    """How this client spells the conflict target that infers this index."""
    if looks_for_index(site):
        return f"unique_by: {_symbol(index.name)}"
    if site.client != "sqlalchemy":
        return target_sql(index)
    keys = [repr(key.column) if key.column is not None else f"text({key.expression!r})" for key in index.keys]
    where = f", index_where=text({bare(index.predicate)!r})" if index.predicate else ""
    return f"index_elements=[{', '.join(keys)}]{where}"


def _symbol(name: str) -> str:
    """A symbol of Ruby."""
    return f":{name}" if name.isidentifier() else f':"{name}"'


def constraint_in_client(site: WriteSite, name: str) -> str:
    """How this client names a constraint as its conflict target."""
    return f"constraint={name!r}" if site.client == "sqlalchemy" else f"ON CONFLICT ON CONSTRAINT {quoted(name)}"


def unique_index_sql(relation: Relation, columns: Iterable[str]) -> str:
    """The statement that makes a unique index on columns without blocking writers."""
    return unique_index_on(relation, (quoted(column) for column in columns))


def unique_index_on(relation: Relation, keys: Iterable[str]) -> str:
    """The same for keys that are SQL already, such as `lower(email)`."""
    concurrently = "" if is_partitioned(relation) else "CONCURRENTLY "  # refused on a partitioned table
    return f"CREATE UNIQUE INDEX {concurrently}ON {table_sql(relation)} ({', '.join(dict.fromkeys(keys))})"


def is_partitioned(relation: Relation) -> bool:
    """A unique index of it must hold the columns of the partition key (0A000 otherwise)."""
    return relation.kind.value == "p"
