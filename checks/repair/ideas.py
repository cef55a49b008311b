"""What could cure a finding: one function per rule, best first. Whether it does is tried afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import CollationDiffers, ColumnsDiffer, Exclusion, NotValid, OpclassDiffers, PredicateNotImplied
from ..catalog.model import ConstraintKind, RelationKind
from ..model import Action, InferenceClause, NamedConstraint
from ..online.not_null import DropNotNull
from ..rules._cause import key_of, over_expression, single
from ..rules._names import is_postgrest, named, quoted, target_sql
from ..rules.owner_overwritten import owners_of
from . import definitions as define
from .model import Change, InferIndex, NameConstraint, NotOffered, Rewrite
from .nullable import nullable_target
from .racing import select_then_insert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..arbiter.model import BoundSite, Candidate
    from ..catalog.model import Index, Relation
    from .circumstances import Circumstances
    from .model import Idea

_OTHER_KEYS = (ColumnsDiffer, CollationDiffers, OpclassDiffers)
_PREDICATE = "a PostgREST client can name columns, and neither a predicate nor an expression"
_TABLES = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)


def ideas(code: str, bound: BoundSite, known: Circumstances) -> Iterator[Idea]:
    """What could cure the finding of that rule at that site."""
    if bound.when_run:
        yield NotOffered("a change of the statement", "it stands in a migration that runs before any new revision")
        return
    if reason := _OUT_OF_REACH.get(code):
        yield NotOffered("a change of the schema", reason)
        return
    relation = bound.base
    if relation is None or relation.kind not in _TABLES:
        yield NotOffered("a change of the schema", "the statement does not reach a table")
        return
    if bound.relation is not relation and code in _BY_RULE:
        yield NotOffered("a change of the schema", "the statement writes through a view, which renames columns at will")
        return
    yield from _BY_RULE.get(code, _nothing)(bound, relation, known)


def _nothing(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    del bound, relation, known
    yield NotOffered("a repair", "this rule has none that could be told from the catalog")


def _no_arbiter(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    target = bound.site.write.target
    near = _usable(bound)
    elements = define.asked_by(target) if isinstance(target, InferenceClause) else None
    rewrite = [Rewrite("existing-index", InferIndex(near), *_told_existing(near))] if near else []
    narrower = near is not None and elements is not None and set(near.columns) < set(elements)
    if narrower:
        yield from rewrite
    if elements is None:
        yield NotOffered("a unique index", "what the target asks for is not known")
    else:
        yield from _added(relation, elements, near if narrower else None, known)
    if near is not None and narrower and elements is not None:
        yield _widened(relation, near, elements, known)
    if not narrower:
        yield from rewrite


def _added(
    relation: Relation, elements: tuple[str, ...], narrower: Index | None, known: Circumstances
) -> Iterator[Idea]:
    operation = define.add(relation, elements, known.policy)
    price = (
        f'Rows that differ in it are still refused by "{narrower.name}" with 23505, and every write pays for one more '
        "index."
        if narrower
        else "Rows that are duplicates by it must go first, and every write pays for one more index."
    )
    yield Change("unique-index", (operation,), f"a unique index on {_shown(elements)}", price)


def _widened(relation: Relation, near: Index, elements: tuple[str, ...], known: Circumstances) -> Idea:
    price = f"Rows with equal {named(near.columns)} are let in, which until now were refused."
    if near.primary:
        return NotOffered("another key in place of the primary key", "foreign keys and clients go by the primary key")
    operation = define.replace(relation, near, elements, known.policy)
    return Change("wider-key", (operation,), f'{_shown(elements)} in place of "{near.name}"', price, asks=True)


def _told_existing(near: Index) -> tuple[str, str]:
    return (
        f'the target of index "{near.name}"',
        f"Rows are then told apart by ({', '.join(near.columns)}) alone: right only if that is what identifies a row.",
    )


def _usable(bound: BoundSite) -> Index | None:
    """The nearest index on other columns whose key the statement writes."""
    target, write = bound.site.write.target, bound.site.write
    columns = target.columns if isinstance(target, InferenceClause) else ()
    written = set(write.columns or columns)
    for candidate in bound.verdict.candidates:
        keys = set(candidate.index.columns)
        shared = keys <= written or (not write.complete and keys & set(columns))
        if shared and _plain(candidate.index) and _only(candidate, _OTHER_KEYS):
            return candidate.index
    return None


def _only(candidate: Candidate, kinds: tuple[type[object], ...]) -> bool:
    return all(isinstance(mismatch, kinds) for mismatch in candidate.mismatches)


def _plain(index: Index) -> bool:
    return all(key.column is not None for key in index.keys)


def _partial(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    near = single(bound, PredicateNotImplied)
    if near is None:
        return
    same = _only_leaves_out_nulls(near.index)
    if same:
        yield _full(relation, near.index, known)
    if is_postgrest(bound.site):
        yield NotOffered("the predicate in the conflict target", _PREDICATE)
    else:
        yield _with_predicate(near.index)
    if not same:
        yield _full(relation, near.index, known)


def _with_predicate(index: Index) -> Rewrite:
    return Rewrite(
        "add-predicate",
        InferIndex(index),
        f"the predicate in the conflict target: {target_sql(index)}",
        "Nothing changes in the database; every statement that upserts by these columns must repeat the predicate, as "
        "a literal.",
    )


def _full(relation: Relation, index: Index, known: Circumstances) -> Change:
    operation = define.replace(relation, index, define.elements_of(index), known.policy)
    price = (
        "It lets the same rows in, since NULLs are distinct, and serves targets with and without the predicate."
        if _only_leaves_out_nulls(index)
        else "It is stricter: rows outside of the predicate become unique too, and duplicates among them must go first."
    )
    asks = not _only_leaves_out_nulls(index)
    return Change("full-index", (operation,), f'a full index in place of the partial "{index.name}"', price, asks=asks)


def _only_leaves_out_nulls(index: Index) -> bool:
    said = {f"{quoted(column)} IS NOT NULL" for column in index.columns}
    parts = set((define.predicate_of(index) or "").replace("(", "").replace(")", "").split(" AND "))
    return _plain(index) and not index.nulls_not_distinct and parts <= said


def _parameter(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    found = (
        c.index
        for c in bound.verdict.candidates
        if any(isinstance(m, PredicateNotImplied) and m.parametrised for m in c.mismatches)
    )
    index = next(found, None)
    if index is None:
        yield NotOffered("the value as a literal", "which index is meant cannot be told")
        return
    yield Rewrite(
        "literal-predicate",
        InferIndex(index),
        f"the value as a literal: {target_sql(index)}",
        "The statement serves that one value only; where it upserts for several, it needs a full index.",
    )
    yield _full(relation, index, known)


def _expression(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    index, target = over_expression(bound), bound.site.write.target
    if index is None:
        return
    if is_postgrest(bound.site):
        yield NotOffered("the expression in the conflict target", _PREDICATE)
    else:
        yield Rewrite(
            "name-expression",
            InferIndex(index),
            f"the expression of the index: {target_sql(index)}",
            "Rows are told apart as the index does, which is what it was made for.",
        )
    elements = define.asked_by(target) if isinstance(target, InferenceClause) else None
    if elements is not None:
        told = "Both indexes hold then: what differs only in what the expression leaves out is still refused (23505)."
        operation = define.add(relation, elements, known.policy)
        yield Change("unique-index", (operation,), f"a unique index on {_shown(elements)}", told)


def _constraint_name(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    target = bound.site.write.target
    index = next((i for i in relation.indexes if isinstance(target, NamedConstraint) and i.name == target.name), None)
    if index is None or not (index.unique and index.valid):
        usable = [i for i in relation.indexes if i.unique and i.valid and i.immediate and not i.exclusion]
        if len(usable) != 1:
            yield NotOffered("the columns of a unique index", "the table has none, or several, and none of that name")
            return
        index = usable[0]
    yield Rewrite(
        "name-columns",
        InferIndex(index),
        f"the columns instead of the name: {target_sql(index)}",
        "It works with an index as well as with a constraint, and survives a rename.",
    )
    if isinstance(target, NamedConstraint) and index.name == target.name and index.predicate is None and _plain(index):
        operation = define.add(relation, define.elements_of(index), known.policy, name=index.name, constraint=True)
        told = "The index becomes a constraint under a short lock; its build is not done again."
        yield Change("make-constraint", (operation,), f'a constraint of the index "{index.name}"', told)


def _deferrable(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    deferrable = {c.index: c for c in relation.constraints if c.deferrable and c.kind is ConstraintKind.UNIQUE}
    meant = {c.index.oid for c in bound.verdict.candidates} | {
        i.oid for i in relation.indexes if i.name in bound.verdict.arbiters
    }
    chosen = [i for i in relation.indexes if i.oid in deferrable and i.oid in meant] or [
        i for i in relation.indexes if i.oid in deferrable
    ]
    if not chosen:
        yield NotOffered("the constraint without DEFERRABLE", "it is a primary key or an exclusion constraint")
        return
    yield Change(
        "not-deferrable",
        tuple(define.replace(relation, index, define.elements_of(index), known.policy) for index in chosen),
        f"{named(index.name for index in chosen)} without DEFERRABLE",
        "Transactions that rely on a check at COMMIT, such as swapping two keys, fail from then on.",
        asks=True,
    )


def _invalid(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    near = single(bound, NotValid)
    if near is None:
        return
    index = near.index
    operation = define.add(
        relation,
        define.elements_of(index),
        known.policy,
        name=index.name,
        constraint=index.constraint is not None,
        where=define.predicate_of(index),
        nulls_not_distinct=index.nulls_not_distinct,
        include=index.include,
    )
    told = "What the failed build left behind goes; the duplicates that stopped it must go first."
    yield Change("rebuild", (operation,), f'"{index.name}" built anew', told)


def _exclusion(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    near, target = single(bound, Exclusion), bound.site.write.target
    if near is not None and bound.site.write.action is Action.NOTHING and not is_postgrest(bound.site):
        told = "The constraint arbitrates for DO NOTHING only."
        yield Rewrite("name-constraint", NameConstraint(near.index.name), f'ON CONSTRAINT "{near.index.name}"', told)
    elements = define.asked_by(target) if isinstance(target, InferenceClause) else None
    if elements is None:
        yield NotOffered("a unique index", "the target names a constraint, not columns")
        return
    told = "The exclusion constraint stays: rows that it refuses fail with 23P01, which ON CONFLICT cannot catch then."
    yield Change(
        "unique-index",
        (define.add(relation, elements, known.policy),),
        f"a unique index on {_shown(elements)}",
        told,
    )


def _postgrest(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    if single(bound, PredicateNotImplied):
        yield from _partial(bound, relation, known)
    else:
        yield from _expression(bound, relation, known)


def _missing_target(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    del known
    written = set(bound.site.write.columns or ())
    usable = [i for i in relation.indexes if i.unique and i.valid and i.immediate and not i.exclusion]
    fitting = [i for i in usable if _plain(i) and set(i.columns) <= written]
    for index in fitting:
        told = "It is the only unique index whose columns are written."
        if len(fitting) > 1:
            told = "Several unique indexes have their columns written: which one identifies a row, you must say."
        yield Rewrite(f"target-{index.name}", InferIndex(index), target_sql(index), told, asks=len(fitting) > 1)
    if not fitting:
        yield NotOffered("a conflict target", "no unique index has all its columns written")


def _client_default(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """An upsert that names no target, where the primary key is absent or never written."""
    del known
    written = bound.site.write.columns
    fitting = [
        i
        for i in relation.indexes
        if i.unique and i.valid and i.immediate and not (i.exclusion or i.primary or i.predicate) and _plain(i)
        if written is not None and set(i.columns) <= set(written)
    ]
    for index in fitting:
        told = "Rows that exist are then updated instead of being inserted again or refused."
        says = f"({', '.join(index.columns)}) as target"
        yield Rewrite(f"target-{index.name}", InferIndex(index), says, told, asks=len(fitting) > 1)
    if not fitting:
        yield NotOffered("a unique index", "the statement does not say which columns identify a row")


def _not_null(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    del known
    yield NotOffered("a value in the statement", "which one is right only its author knows")
    errors = [e for e in bound.verdict.errors if e.sqlstate == "23502" and e.subject and e.certain]
    names = [n for n in dict.fromkeys(e.subject for e in errors if e.subject) if n not in relation.primary_key]
    if names:
        told = "Rows without a value are let in from then on, and every reader must expect that."
        made = tuple(DropNotNull(define.table_of(relation), name) for name in names)
        yield Change("drop-not-null", made, f"{named(names)} without NOT NULL", told, asks=True)


def _owner(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    keys = key_of(bound)
    owners = [c for c in owners_of(relation) if c in (bound.site.write.set_columns or ()) and c not in keys]
    arbiters = [i for i in relation.indexes if i.name in bound.verdict.arbiters and not i.primary]
    if not owners or len(arbiters) != 1 or arbiters[0].predicate:
        yield NotOffered("the owner in the key", "the arbiter is the primary key, partial, or one of several")
        return
    elements = (*owners, *define.elements_of(arbiters[0]))
    yield Change(
        "owner-in-key",
        (define.replace(relation, arbiters[0], elements, known.policy),),
        f'{_shown(elements)} in place of "{arbiters[0].name}"',
        f"Two owners can then have a row each with the same {named(keys)}; every statement must name the owner in its "
        "target, on the day of the change.",
        asks=True,
    )


def _shown(elements: tuple[str, ...]) -> str:
    return f"({', '.join(each if each.startswith('(') else quoted(each) for each in elements)})"


_OUT_OF_REACH: Mapping[str, str] = {
    "PGA001": "what columns and types the table should have is not known",
    "PGA002": "what type the column should have is not known; add it by a revision of your own, or mend the name",
    "PGA110": "a name must be changed in the body of the function, by a revision of your own that replaces it",
    "PGA201": "the value must be left out of the statement, or GENERATED ALWAYS given up by a revision of your own",
    "PGA901": "nothing is known to be wrong",
}
_BY_RULE: Mapping[str, Callable[[BoundSite, Relation, Circumstances], Iterator[Idea]]] = {
    "PGA101": _no_arbiter,
    "PGA102": _partial,
    "PGA103": _parameter,
    "PGA104": _expression,
    "PGA105": _constraint_name,
    "PGA106": _deferrable,
    "PGA107": _invalid,
    "PGA108": _exclusion,
    "PGA109": _postgrest,
    "PGA111": _missing_target,
    "PGA202": _not_null,
    "PGA203": _client_default,
    "PGA204": _client_default,
    "PGA205": nullable_target,
    "PGA301": select_then_insert,
    "PGA302": _owner,
}
