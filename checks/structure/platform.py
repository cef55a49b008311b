"""What a platform provides, told by name: it is left out of a structure, since projects neither make nor change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from .model import RELATIONS, TYPES, Kind, Relation

if TYPE_CHECKING:
    from .model import Object, Structure
    from .parts import Policy, Trigger


class _Provided(NamedTuple):
    """Names of schemas (a final * stands for any ending), extensions, publications, event triggers and roles."""

    schemas: tuple[str, ...]
    extensions: tuple[str, ...] = ()
    publications: tuple[str, ...] = ()
    event_triggers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


SUPABASE, TIMESCALE = "supabase", "timescale"
_PROVIDED = {
    # A project of Supabase before its first migration; see schema/platforms/supabase.sql.
    SUPABASE: _Provided(
        schemas=(
            "auth", "storage", "realtime", "_realtime", "graphql", "graphql_public", "vault", "pgsodium",
            "pgsodium_masks", "pgbouncer", "extensions", "supabase_functions", "supabase_migrations", "net", "cron",
            "pgmq", "pgtle", "_analytics", "_supavisor",
        ),
        extensions=(
            "plpgsql", "pg_graphql", "pg_stat_statements", "pgcrypto", "pgjwt", "supabase_vault", "uuid-ossp",
            "pgsodium",
        ),
        publications=("supabase_realtime_messages_publication",),
        event_triggers=("pgrst_*", "issue_*", "graphql_watch_*"),
        roles=("supabase_*", "postgres", "pgbouncer", "authenticator"),
    ),
    TIMESCALE: _Provided(
        schemas=("_timescaledb_*", "timescaledb_*", "toolkit_experimental"), extensions=("timescaledb",)
    ),
}  # fmt: skip
# The kinds of which the names are told, and where.
_FIELDS = {
    Kind.SCHEMA: "schemas",
    Kind.EXTENSION: "extensions",
    Kind.PUBLICATION: "publications",
    Kind.EVENT_TRIGGER: "event_triggers",
}
_CALLS = ("EXECUTE FUNCTION ", "EXECUTE PROCEDURE ")
_BLOCKER = "ts_insert_blocker"  # a trigger of each hypertable


def platform_of(structure: Structure) -> str | None:
    """The platform whose marks a database has."""
    tables = structure.objects.get(Kind.TABLE, {})
    if ("auth", "users") in tables and ("storage", "objects") in tables:
        return SUPABASE
    return TIMESCALE if ("timescaledb",) in structure.objects.get(Kind.EXTENSION, {}) else None


def without_platform(structure: Structure, platform: str) -> Structure:
    """The structure without what that platform provides.

    Of its relations only the triggers that call a function of the project, and the policies, are left.
    """
    provided = _PROVIDED.get(platform)
    if provided is None:
        return structure
    objects: dict[Kind, dict[tuple[str, ...], Object]] = {}
    for kind, members in structure.objects.items():
        kept = ((identity, _left(kind, found, provided)) for identity, found in members.items())
        objects[kind] = {identity: found for identity, found in kept if found is not None}
    return structure._replace(objects=objects)


def _left(kind: Kind, found: Any, provided: _Provided) -> Any:
    if kind in _FIELDS:
        return None if _among(found.name, getattr(provided, _FIELDS[kind])) else found
    if kind is Kind.DEFAULT_PRIVILEGES:
        theirs = _among(found.role, provided.roles) or _among(found.schema, provided.schemas)
        return None if theirs else found
    if kind is Kind.OTHER:
        # A cast is "(type AS type)".
        names = found.name.strip("()").split(" AS ") if found.kind == "cast" else [found.name]
        theirs = any(_among(name.partition(".")[0].strip('"'), provided.schemas) for name in names)
        return None if theirs else found
    if TYPES[kind][1] > 1 and _among(found[0], provided.schemas):
        return _project_parts(found, provided) if kind in RELATIONS else None
    return _unblocked(found)


def _project_parts(found: Relation, provided: _Provided) -> Relation | None:
    """What a project has added to a relation of the platform."""
    triggers = tuple(one for one in found.triggers if not _among(_called(one), provided.schemas))
    policies: tuple[Policy, ...] = found.policies
    return Relation(found.schema, found.name, triggers=triggers, policies=policies) if triggers or policies else None


def _called(trigger: Trigger) -> str:
    """The schema of the function that a trigger calls."""
    for words in _CALLS:
        _, found, call = trigger.definition.rpartition(words)
        if found:
            return call.partition(".")[0].strip('"')
    return ""


def _unblocked(found: Any) -> Any:
    if isinstance(found, Relation) and any(one.name == _BLOCKER for one in found.triggers):
        return found._replace(triggers=tuple(one for one in found.triggers if one.name != _BLOCKER))
    return found


def _among(name: str, known: tuple[str, ...]) -> bool:
    return any(name.startswith(one[:-1]) if one.endswith("*") else name == one for one in known)
