"""Joins a write site to the relation that its statement reaches, and judges its conflict clause there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import (
    POSTGREST_CLIENTS,
    Action,
    AnyArbiter,
    DefaultKey,
    InferenceClause,
    InferenceElement,
    Mechanism,
    Origin,
    QualifiedName,
    Status,
    Unresolved,
)
from .model import BoundSite, DecidedBy, Outcome, StatementError, Verdict
from .stages import RELATION
from .verdict import judge_write
from .views import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import ConflictTarget, Write, WriteSite
    from ..schema.model import Loaded
    from .verdict import Asks

NOT_IN_CACHE, COLUMN_NOT_IN_CACHE = "PGRST205", "PGRST204"


def bind(site: WriteSite, loaded: Loaded, *, oracle: Asks | None = None, exposed_schema: str = "public") -> BoundSite:
    """The site with its relation and the verdict about its conflict clause.

    `oracle` is asked where the catalog cannot tell. A relation that a schema source does not define, or does not define
    completely, makes the verdict unknown with that reason.
    """
    if site.write.schema_open and site.write.table is not None and not site.write.temporary:
        return _in_some_schema(site, site.write.table, loaded, oracle)
    catalog, write = loaded.catalog, _table_of_client(site, exposed_schema)
    if write.temporary or write.table is None:
        return _bound(site, loaded, None, _without_table(site))
    relation = catalog.resolve(write.table, _path(write, catalog))
    if (reason := _past(site, relation)) is not None:
        return _bound(site, loaded, relation, _not_judged(reason))
    if relation is None:
        return _bound(site, loaded, None, _absent(site, write, write.table, loaded))
    incomplete = _incomplete(relation, catalog, loaded)
    if incomplete is not None and _judged(site):
        verdict = Verdict(outcome=Outcome.UNKNOWN, reason=incomplete)
        return _bound(site, loaded, relation, verdict)
    write = _as_sent(_with_default_key(write, relation, catalog), relation)
    verdict = _as_client_sees(site, judge_write(write, relation, catalog, oracle if _judged(site) else None))
    if not _judged(site) or _is_plain(write):
        verdict = _without_judgement(site, verdict)
    return _bound(site, loaded, relation, verdict)


def sent(site: WriteSite, relation: Relation, catalog: Catalog, exposed_schema: str = "public") -> Write:
    """The write as the server gets it from this client: with the default key, and by the name that is looked up."""
    write = _table_of_client(site, exposed_schema)
    if write.schema_open:
        write = replace(write, table=QualifiedName(relation.schema, relation.name))
    return _as_sent(_with_default_key(write, relation, catalog), relation)


def _in_some_schema(site: WriteSite, table: QualifiedName, loaded: Loaded, oracle: Asks | None) -> BoundSite:
    """A site whose schema is not known, judged by the only table of that name; nothing is said against it.

    The schema that it is in at run time may be one that the catalog does not have, and its table another.
    """
    tables = loaded.catalog.of_any_schema(table.name)
    if len(tables) == 1:
        found = QualifiedName(tables[0].schema, tables[0].name)
        bound = bind(replace(site, write=replace(site.write, table=found, schema_open=False)), loaded, oracle=oracle)
        verdict = bound.verdict
        if not verdict.errors and verdict.outcome is not Outcome.NO_MATCH:
            return replace(bound, site=site)
        doubt = f'"{found}", the only table of that name, would refuse it: {verdict.message or verdict.reason}'
    else:
        doubt = f'{len(tables) or "no"} schemas have a table "{table.name}"'
    reason = f"{site.reason or site.write.reason}; {doubt}"
    return _bound(
        site, loaded, None, Verdict(outcome=Outcome.UNKNOWN if _judged(site) else Outcome.NOT_JUDGED, reason=reason)
    )


def _without_table(site: WriteSite) -> Verdict:
    """Of a table that nobody knows; or of a temporary one, whatever has its name in the catalog."""
    if not site.write.temporary:
        return _not_judged(site.reason or site.write.reason or "the table is only known at run time")
    reason = f'"{site.write.table}" is a temporary table here, which the catalog does not know'
    return Verdict(outcome=Outcome.UNKNOWN, reason=reason) if _judged(site) else _not_judged(site.reason or reason)


def _table_of_client(site: WriteSite, exposed_schema: str) -> Write:
    """PostgREST looks only into the schema that a request names, the exposed one by default."""
    write = site.write
    if site.client in POSTGREST_CLIENTS and write.table is not None and write.table.schema is None:
        return replace(write, table=QualifiedName(exposed_schema, write.table.name))
    return write


def _judged(site: WriteSite) -> bool:
    return (
        site.mechanism is Mechanism.ON_CONFLICT
        and site.status not in (Status.NOT_POSTGRES, Status.UNRESOLVED)
        and not isinstance(site.write.target, Unresolved)
    )


def _past(site: WriteSite, relation: Relation | None) -> str | None:
    """Why a statement that the server counted as executed is not judged: what it ran with is not known any more."""
    if site.origin is not Origin.STATEMENTS:
        return None
    if relation is None:
        return "it has been executed, and its table is gone"
    target = site.write.target
    if isinstance(target, InferenceClause) and (target.predicate_parameters or target.element_parameters):
        return "it has been executed, and the statistics hold no constants of its conflict target"
    return None


def _is_plain(write: Write) -> bool:
    """What is left of an upsert whose client found no key to put into ON CONFLICT."""
    return isinstance(write.target, AnyArbiter) and write.action is None


def _bound(site: WriteSite, loaded: Loaded, relation: Relation | None, verdict: Verdict) -> BoundSite:
    base = reach(relation, loaded.catalog).base if relation is not None else None
    return BoundSite(site, relation, base, verdict, loaded.live)


def _not_judged(reason: str | None) -> Verdict:
    return Verdict(outcome=Outcome.NOT_JUDGED, reason=reason)


def _without_judgement(site: WriteSite, verdict: Verdict) -> Verdict:
    """Only the errors of the INSERT itself count: what the conflict clause would raise is not known to be sent."""
    if site.status is Status.NOT_POSTGRES:
        return _not_judged(site.reason)
    errors = tuple(e for e in verdict.errors if not e.clause)
    first = next((e for e in errors if e.certain), None)
    target = site.write.target
    unresolved = target.reason if isinstance(target, Unresolved) else None
    plain = "there is no primary key for the client to take: a plain INSERT" if isinstance(target, DefaultKey) else None
    return Verdict(
        outcome=Outcome.NOT_JUDGED,
        sqlstate=first.sqlstate if first else None,
        message=first.message if first else None,
        client_code=verdict.client_code,
        reason=unresolved or plain or site.reason,
        errors=errors,
    )


def _absent(site: WriteSite, write: Write, table: QualifiedName, loaded: Loaded) -> Verdict:
    """A relation that is not there: gone from a live database, or unknown to a schema source."""
    if site.status is Status.NOT_POSTGRES:
        return _not_judged(site.reason)
    if not loaded.live:
        reason = _incomplete_reason(_possible_names(table, write, loaded), loaded) or "not in the schema source"
        return Verdict(outcome=Outcome.UNKNOWN if _judged(site) else Outcome.NOT_JUDGED, reason=reason)
    message = f'relation "{table}" does not exist'
    error = StatementError(RELATION, "42P01", message, clause=True, subject=str(table))
    judged = _judged(site)
    return Verdict(
        outcome=Outcome.NO_MATCH if judged else Outcome.NOT_JUDGED,
        sqlstate="42P01",
        client_code=NOT_IN_CACHE if site.client in POSTGREST_CLIENTS else None,
        decided_by=DecidedBy.CATALOG if judged else None,
        reason=message,
        message=message,
        errors=(error,),
    )


def _possible_names(table: QualifiedName, write: Write, loaded: Loaded) -> tuple[str, ...]:
    if table.schema is not None:
        return (str(table),)
    return tuple(f"{schema}.{table.name}" for schema in _path(write, loaded.catalog))


def _path(write: Write, catalog: Catalog) -> tuple[str, ...]:
    """The schemas in which a name without one is looked for; a function may say that there are none."""
    return catalog.search_path if write.search_path is None else write.search_path


def _incomplete(relation: Relation, catalog: Catalog, loaded: Loaded) -> str | None:
    base = reach(relation, catalog).base
    return _incomplete_reason((relation.qualified_name, base.qualified_name), loaded)


def _incomplete_reason(names: Sequence[str], loaded: Loaded) -> str | None:
    return next((reason for name, reason in loaded.incomplete if name in names), None)


def _with_default_key(write: Write, relation: Relation, catalog: Catalog) -> Write:
    """DefaultKey as what the client sends: the primary key's columns, or no ON CONFLICT at all when there is none.

    Of a view PostgREST takes the key of its base table, if the view shows all of it.
    """
    if not isinstance(write.target, DefaultKey):
        return write
    found = reach(relation, catalog)
    shown = {found.base_column(column.name): column.name for column in relation.columns}
    keys = [shown.get(name) for name in found.base.primary_key]
    names = [name for name in keys if name is not None]
    if not names or len(names) < len(keys):
        return replace(write, target=AnyArbiter(), action=None, set_columns=None, set_defaults=(), references=())
    elements = tuple(InferenceElement(text=_quoted(name), column=name) for name in names)
    return replace(write, target=InferenceClause(elements), action=write.action or Action.UPDATE)


def _as_sent(write: Write, relation: Relation) -> Write:
    """The statement of a client that asks the database first, as Rails does."""
    there = {column.name for column in relation.columns}
    absent = [name for name in write.if_there if name not in there]
    columns, updated = (
        None if names is None else tuple(name for name in names if name not in absent)
        for names in (write.columns, write.set_columns)
    )
    return replace(write, columns=columns, set_columns=updated, target=_with_predicate(write.target, relation))


def _with_predicate(target: ConflictTarget, relation: Relation) -> ConflictTarget:
    """The predicate of the first unique index by name that has these columns, which is the one that Rails takes."""
    if not isinstance(target, InferenceClause) or not target.looked_up:
        return target
    columns = sorted(target.columns)
    unique = sorted((index for index in relation.indexes if index.unique), key=lambda index: index.name)
    found = next((index for index in unique if sorted(index.columns) == columns), None)
    return target if found is None or found.predicate is None else replace(target, predicate=found.predicate)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_client_sees(site: WriteSite, verdict: Verdict) -> Verdict:
    """PostgREST answers for unknown written columns from its cache, before the statement is sent."""
    if site.client not in POSTGREST_CLIENTS:
        return verdict
    written = set(site.write.columns or ())
    unknown = any(e.sqlstate == "42703" and e.subject in written and not e.clause for e in verdict.errors)
    return replace(verdict, client_code=COLUMN_NOT_IN_CACHE) if unknown else verdict
