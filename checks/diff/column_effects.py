"""What it costs to add, drop or change a column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sql.calls import called
from ..structure.model import Kind
from .model import Effect, Severity
from .type_change import Loss, type_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..structure.parts import Column
    from .model import Change, Property

REWRITE = "rewrites the table under ACCESS EXCLUSIVE"
_REINDEX = "rebuilds the indexes of the column under ACCESS EXCLUSIVE"
# Volatile functions of pg_proc.dat, uuid-ossp, pgcrypto and pg_uuidv7 that defaults are made of.
_VOLATILE = frozenset(
    """
    nextval setval currval lastval random random_normal gen_random_uuid uuidv4 uuidv7 clock_timestamp timeofday
    uuid_generate_v1 uuid_generate_v1mc uuid_generate_v4 uuid_generate_v7 gen_random_bytes gen_salt
    """.split()  # noqa: SIM905 - quoted words are no better to read
)
# Functions that are not, and what stands before a parenthesis without being a function.
_HARMLESS = frozenset(
    """
    now statement_timestamp transaction_timestamp timezone date_trunc date_part to_char to_timestamp make_interval
    current_setting lower upper md5 concat coalesce nullif greatest least length substr round floor ceil
    jsonb_build_object jsonb_build_array json_build_object json_build_array to_jsonb row array in any all and or not
    character varying varchar char numeric decimal bit timestamp timestamptz time interval case when then else
    """.split()  # noqa: SIM905 - quoted words are no better to read
)


def added(change: Change) -> Iterator[Effect]:
    """ADD COLUMN: a rewrite for what every row has another value of, nothing for a constant."""
    column: Column = change.new
    if change.subject.kind is not Kind.TABLE:
        return
    if column.generated == "stored":
        yield Effect(Severity.LOCKS, f"{REWRITE}: every row's value is computed")
    elif column.identity:
        yield Effect(Severity.LOCKS, f"{REWRITE}: every row is given a number")
    elif column.default is not None:
        yield from _default(column.default)
    elif column.not_null and not column.generated:
        yield Effect(Severity.CHANGE, "fails while the table has rows: it is NOT NULL and has no default")


def _default(expression: str) -> Iterator[Effect]:
    functions = called(expression)
    if found := sorted(functions & _VOLATILE):
        yield Effect(Severity.LOCKS, f"{REWRITE}: {found[0]}() of the default is volatile")
    elif unknown := sorted(functions - _HARMLESS):
        yield Effect(Severity.CHANGE, f"{REWRITE} if {unknown[0]}() of the default is volatile")


def removed(change: Change) -> Iterator[Effect]:
    """DROP COLUMN: the values are lost, unless they are computed from others."""
    if change.subject.kind is Kind.TABLE and not change.old.generated:
        yield Effect(Severity.DESTRUCTIVE, "drops the column with its values")


def changed(change: Change, each: Property) -> Iterator[Effect]:
    """ALTER COLUMN, for one of the properties."""
    if change.subject.kind is not Kind.TABLE:
        yield Effect(Severity.CHANGE, "")
        return
    match each.name:
        case "type":
            yield from _type(each)
        case "not_null" if each.new and (kept := change.new.not_null_constraint) and not kept.validated:
            yield Effect(Severity.CHANGE, "VALIDATE CONSTRAINT will read the table, and no one waits for that")
        case "not_null" if each.new:
            scan = "reads the whole table while it holds ACCESS EXCLUSIVE, unless a valid CHECK constraint proves it"
            yield Effect(Severity.LOCKS, scan)
        case "collation":
            yield Effect(Severity.LOCKS, _REINDEX)
        case "identity" if not each.new:
            yield Effect(Severity.DESTRUCTIVE, "drops the sequence of the column, and with it the last number given")
        case "generated" | "default" if change.new.generated:
            yield from _generated(change, each)
        case "not_null_constraint" if (each.old or each.new).validated:  # only one side has a name worth telling
            yield Effect(Severity.COSMETIC, "")
        case "not_null_constraint.name":
            yield Effect(Severity.COSMETIC, "")
        case _:
            yield Effect(Severity.CHANGE, "")


def _type(each: Property) -> Iterator[Effect]:
    found = type_change(each.old, each.new)
    if found.loss is Loss.SOME:
        yield Effect(Severity.DESTRUCTIVE, f"values that {each.new} has no room for are cut, rounded or refused")
    if found.rewrites:
        unknown = ", unless the types are binary coercible; whether every value survives cannot be told"
        yield Effect(Severity.LOCKS, REWRITE + (unknown if found.loss is Loss.UNKNOWN else ""))
    elif found.loss is Loss.NONE:
        yield Effect(Severity.CHANGE, "needs no rewrite")


def _generated(change: Change, each: Property) -> Iterator[Effect]:
    if not change.old.generated:
        yield Effect(Severity.DESTRUCTIVE, "has to be dropped and added: its values are replaced by computed ones")
    elif each.name == "generated":
        yield Effect(Severity.LOCKS, "has to be dropped and added")
    elif change.new.generated == "stored":
        yield Effect(Severity.LOCKS, f"{REWRITE}: every row's value is computed")
    else:
        yield Effect(Severity.CHANGE, "")
