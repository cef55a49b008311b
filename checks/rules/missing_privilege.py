"""The role that runs the statement lacks a privilege.

PostgreSQL checks all privileges of a statement when it starts, whether or not a row conflicts: INSERT on the written
columns, UPDATE on those that DO UPDATE sets, and SELECT on every column that is read. A conflict target reads its
columns, `EXCLUDED.name` reads `name`, and so does RETURNING. PostgREST sets every written column, the key included,
and reads each one by EXCLUDED: a column-level UPDATE that leaves out the key is not enough for an upsert. A default
that draws from a sequence (`serial`) needs USAGE on it, where DO UPDATE sets it only when a row is updated; an identity
column does not. EXECUTE is needed on what the statement, a default, a CHECK, an index or a policy calls, whatever is
called in the end, and SELECT on the tables that it and its policies read. Behind a view the rights of the view's owner
count, unless it is a `security_invoker` view.

Silent unless a role is named: `role` in the settings, or `--role`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..access.model import THE_TABLE, UNDEFINED_TABLE, Moment
from ..catalog.acl import Privilege
from ..quoting import quoted
from ._access import is_called, softened
from ._names import is_postgrest, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..access.model import Need
    from ..arbiter.model import BoundSite

_MOST_COLUMNS = 4


@rule(
    "PGA401",
    severity=Severity.ERROR,
    summary="the role that runs the statement lacks a privilege",
    effect="Every execution fails with 42501.",
    remedy="Grant what the finding names, or let another role run the statement.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """One hit for all privileges that a site lacks."""
    access = context.access.get(bound.site.id)
    if access is None or not access.missing:
        return
    first = min(access.missing, key=lambda need: [*Moment].index(need.when))
    severity = Severity.WARNING if first.when is Moment.CONFLICT else Severity.ERROR
    yield Hit(
        message=lacking(access.needs),
        effect=_effect(bound, first),
        remedy=f"{'; '.join(grants(access.needs))}.",
        related=(
            *_reasons(access.needs),
            *_trails(bound, access.missing),
            *is_called(bound, context),
            *_source(context),
        ),
        severity=softened(severity, bound, context),
    )


def lacking(needs: Iterable[Need]) -> str:
    """What is missing, in words."""
    return _listed(map(_told, _grouped(needs)))


def grants(needs: Iterable[Need]) -> Iterator[str]:
    """The GRANT statements that give what is missing, one for each object and role."""
    objects: dict[tuple[str, tuple[str, ...], str], list[_Lack]] = {}
    for lack in _grouped(needs):
        objects.setdefault((lack.first.kind, lack.first.object, lack.first.role), []).append(lack)
    for (kind, name, role), lacks in objects.items():
        privileges = ", ".join(_granted(lack) for lack in lacks)
        of = f"{kind.upper()} " if kind in {"schema", "sequence", "function"} else ""
        arguments = f"({_arguments(lacks[0].first)})" if kind == "function" else ""
        yield f"GRANT {privileges} ON {of}{'.'.join(quoted(part) for part in name)}{arguments} TO {quoted(role)}"


def _arguments(need: Need) -> str:
    return need.arguments if need.arguments is not None else "..."


def _granted(lack: _Lack) -> str:
    listed = ", ".join(quoted(column) for column in lack.columns)
    return f"{lack.first.privilege} ({listed})" if listed else str(lack.first.privilege)


@dataclass(frozen=True, slots=True)
class _Lack:
    """One privilege that a role lacks on one object; without columns where it lacks it on all of many."""

    first: Need
    columns: tuple[str, ...]


def _grouped(needs: Iterable[Need]) -> Iterator[_Lack]:
    """What is missing, in order."""
    groups: dict[tuple[object, ...], list[Need]] = {}
    for need in needs:
        groups.setdefault((need.role, need.kind, need.object, need.privilege), []).append(need)
    for group in groups.values():
        missing = [need for need in group if need.given_by is None]
        columns = [need.column for need in missing if need.column is not None]
        if missing:
            whole = len(missing) == len(group) and len(columns) > _MOST_COLUMNS
            yield _Lack(missing[0], () if whole else tuple(columns))


def _told(lack: _Lack) -> str:
    first, columns = lack.first, lack.columns
    of = f'{first.kind} "{".".join(first.object)}"'
    on = f"{'column' if len(columns) == 1 else 'columns'} {named(columns)} of {of}" if columns else of
    return f'role "{first.role}" lacks {first.privilege} on {on}'


def _listed(parts: Iterable[str]) -> str:
    """The parts, of which those of one role name it once."""
    told = list(parts)
    lead = told[0].partition(" lacks ")[0]
    rest = [part.removeprefix(f"{lead} lacks ") for part in told[1:]]
    return " and ".join([", ".join([told[0], *rest[:-1]]), rest[-1]]) if rest else told[0]


def _effect(bound: BoundSite, first: Need) -> str:
    if first.sqlstate == UNDEFINED_TABLE:
        name = bound.site.write.table
        return (
            f'Every execution fails with 42P01: relation "{name}" does not exist, for a role that may not look there.'
        )
    http = ", HTTP 401 or 403" if is_postgrest(bound.site) else ""
    what = {
        Moment.ALWAYS: "Every execution fails",
        Moment.INSERT: "Every execution that inserts a row fails",
        Moment.CONFLICT: "The first write of a key works, each that updates its row fails",
    }[first.when]
    return f"{what} with 42501{http}: permission denied for {first.kind} {first.object[-1]}."


def _reasons(needs: Iterable[Need]) -> Iterator[str]:
    """What in the statement needs each privilege."""
    groups: dict[tuple[str, str], list[str]] = {}
    for need in needs:
        if need.given_by is None and _is_explained(need):
            groups.setdefault((need.privilege.value, need.why), []).append(need.column or need.object[-1])
    for (privilege, why), names in groups.items():
        if len(names) > _MOST_COLUMNS:
            names[_MOST_COLUMNS:] = []
            yield f"{privilege} on {named(names)} and more: {why}"
        else:
            yield f"{privilege} on {named(names)}: {why}"


def _is_explained(need: Need) -> bool:
    """Whether it is not plain from the statement what needs it."""
    if need.kind == "schema":
        return need.why != THE_TABLE
    return need.column is not None or need.kind in {"sequence", "function"} or need.privilege is Privilege.SELECT


def _trails(bound: BoundSite, missing: tuple[Need, ...]) -> Iterator[str]:
    kinds = {need.privilege.value for need in missing}
    if is_postgrest(bound.site) and "UPDATE" in kinds:
        yield "PostgREST sets every column that is written, the key of the conflict target included"
    if is_postgrest(bound.site) and "SELECT" in kinds and bound.site.write.returning is None:
        yield "return=minimal does not lift it: the conflict target and EXCLUDED are read all the same"
    if any(need.role != bound.site.runs_as for need in missing):
        yield "behind a view the rights of its owner count"


def _source(context: RuleContext) -> Iterator[str]:
    if not context.loaded.live:
        yield f"grants that {context.loaded.schema.source} does not make are not known"
