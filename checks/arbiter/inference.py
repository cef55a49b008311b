"""Which indexes arbitrate: the order of tests of infer_arbiter_indexes, decided from catalog rows alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..catalog.model import ConstraintKind
from ..errors import SqlSyntaxError
from ..model import Action, AnyArbiter, DefaultKey, InferenceClause, NamedConstraint, Unresolved
from .candidates import nearest
from .clause import read_clause
from .compare import Question, compare
from .model import Candidate, Deferrable, Exclusion, Inference, Inferred, NotInferred, NotValid, Unknown
from .stages import ARBITER, CLAUSE, ON_CONFLICT, PLAN, Fault
from .targets import faults as relation_faults
from .targets import swallows
from .views import Reach, reach

if TYPE_CHECKING:
    from ..catalog.model import Index, Relation
    from ..catalog.read import Catalog
    from ..model import Write
    from .clause import Clause

NO_MATCH = "there is no unique or exclusion constraint matching the ON CONFLICT specification"
NEEDS_TARGET = "ON CONFLICT DO UPDATE requires inference specification or constraint name"
NO_INDEX = "constraint in ON CONFLICT clause has no associated index"
NO_EXCLUSION = "ON CONFLICT DO UPDATE not supported with exclusion constraints"
DEFERRABLE = "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters"
_WITHOUT_OVERLAPS = 180000  # indexes that are both unique and exclusion exist from here on


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What inference comes to, with the faults that decide it in the server's order.

    `askable`: a planner could tell where the answer is Unknown. `parametrised`: a value in a parameter's place would
    have found an index. `suspects`: indexes with nothing certain against them, and what may be. `unsound`: the parser
    may refuse the clause.
    """

    inference: Inference
    faults: tuple[Fault, ...] = ()
    askable: bool = False
    parametrised: bool = False
    suspects: tuple[Candidate, ...] = ()
    unsound: bool = False


def infer(write: Write, relation: Relation, catalog: Catalog) -> Inference:
    """What inference comes to for an INSERT into `relation`, from the catalog alone.

    The tests and their order are those of transformOnConflictArbiter, infer_arbiter_indexes and
    ExecCheckIndexConstraints; a deferrable arbiter counts as not inferred (55000), since the statement fails with every
    row. Names in the target's expressions are looked up along `write.search_path`, or the catalog's.
    """
    return conclude(write, relation, catalog).inference


def conclude(write: Write, relation: Relation, catalog: Catalog) -> Conclusion:
    """The same with all that a verdict needs."""
    found = reach(relation, catalog)
    parsing = relation_faults(write, relation, found)
    try:
        parsed = _target(write, relation, catalog, found)
    except SqlSyntaxError as error:
        return Conclusion(Unknown(f"the conflict target does not parse: {error.message}"), parsing)
    faults = tuple(sorted((*parsing, *parsed.faults), key=lambda fault: fault.stage))
    early = [fault for fault in faults if fault.stage < PLAN]
    # What the parser may refuse comes before what the rewriter does.
    if early and not (early[0].stage >= CLAUSE and parsed.unsound):
        candidates = parsed.inference.candidates if isinstance(parsed.inference, NotInferred | Unknown) else ()
        return Conclusion(NotInferred(early[0].sqlstate, early[0].message, candidates), faults)
    if swallows(relation) and not isinstance(parsed.inference, Unknown):
        return Conclusion(Inferred(()))  # DO INSTEAD NOTHING: there is nothing to plan
    return replace(parsed, faults=faults)


def _target(write: Write, relation: Relation, catalog: Catalog, found: Reach) -> Conclusion:
    match write.target:
        case AnyArbiter():
            return _any_arbiter(write, found)
        case NamedConstraint(name):
            return _named(name, write, relation, catalog)
        case InferenceClause():
            return _clause(write.target, write, relation, catalog, found)
        case DefaultKey():
            return Conclusion(Unknown("the primary key that the client takes is not known"))
        case Unresolved(reason):
            return Conclusion(Unknown(reason))


def _any_arbiter(write: Write, found: Reach) -> Conclusion:
    """Without a target every unique or exclusion index arbitrates, and none is named."""
    if write.action is Action.UPDATE:
        return _refused(Fault(ON_CONFLICT, "42601", NEEDS_TARGET))
    guards = (ix for ix in found.base.indexes if (ix.unique or ix.exclusion) and ix.live and ix.ready)
    return _arbiters((), tuple(guards) if write.action is Action.NOTHING else ())


def _named(name: str, write: Write, relation: Relation, catalog: Catalog) -> Conclusion:
    """ON CONSTRAINT: pg_constraint by relation and name (get_relation_constraint_oid), then its index."""
    constraint = next((c for c in relation.constraints if c.name == name), None)
    if constraint is None:
        fault = Fault(CLAUSE, "42704", f'constraint "{name}" for table "{relation.name}" does not exist', name)
        return _refused(fault, nearest(write, relation, catalog))
    owners = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.EXCLUSION)
    index = next((ix for ix in relation.indexes if ix.oid == constraint.index), None)
    if constraint.kind not in owners or index is None:
        return _refused(Fault(PLAN, "42809", NO_INDEX, name))
    if not (index.valid and index.live):
        return _refused(Fault(PLAN, "42P10", NO_MATCH, name), (Candidate(index, (NotValid(),)),))
    exclusion = index.exclusion if catalog.version >= _WITHOUT_OVERLAPS else not index.unique
    if write.action is Action.UPDATE and exclusion:
        return _refused(Fault(PLAN, "42809", NO_EXCLUSION, name), (Candidate(index, (Exclusion(),)),))
    return _arbiters((index,), (index,))


def _clause(clause: InferenceClause, write: Write, relation: Relation, catalog: Catalog, found: Reach) -> Conclusion:
    """Columns and expressions: every index is compared with all of them."""
    read = read_clause(clause, write, relation, catalog, found)
    if read.faults:
        candidates = nearest(write, relation, catalog)
        if read.unsound is not None:  # before the first fault, so that the server may refuse that instead
            return Conclusion(Unknown(_unsound(read), candidates), read.faults, askable=True, unsound=True)
        return Conclusion(NotInferred(read.faults[0].sqlstate, read.faults[0].message, candidates), read.faults)
    if found.reason is not None:
        return Conclusion(Unknown(found.reason), askable=True)
    question = Question(read, found.base)
    live = tuple(index for index in found.base.indexes if index.live)
    compared = tuple((index, compare(index, question)) for index in live)
    matched = tuple(index for index, result in compared if not result.mismatches and not result.unknown)
    unsure = tuple((index, result) for index, result in compared if not result.mismatches and result.unknown)
    candidates = nearest(write, relation, catalog, tuple((ix, r.mismatches) for ix, r in compared))
    parametrised = read.parameters and any(not compare(ix, question.with_any_value()).mismatches for ix in live)
    if unsure or not read.sound:
        reason = unsure[0][1].unknown if unsure else _unsound(read)
        suspects = tuple(Candidate(index, result.suspected) for index, result in unsure)
        return Conclusion(
            Unknown(reason or "", candidates),
            askable=True,
            parametrised=parametrised,
            suspects=suspects,
            unsound=not read.sound,
        )
    if matched:
        return _arbiters(matched, matched)
    return _refused(Fault(PLAN, "42P10", NO_MATCH), candidates, parametrised=parametrised)


def _unsound(read: Clause) -> str:
    return f"cannot tell whether the server accepts {read.unsound}"


def conclude_arbiters(arbiters: tuple[Index, ...]) -> Conclusion:
    """What it means that a planner inferred these: one that is deferrable fails with every row."""
    return _arbiters(arbiters, arbiters)


def _arbiters(arbiters: tuple[Index, ...], guards: tuple[Index, ...]) -> Conclusion:
    deferrable = tuple(Candidate(index, (Deferrable(),)) for index in guards if not index.immediate)
    if deferrable:
        return _refused(Fault(ARBITER, "55000", DEFERRABLE, deferrable[0].index.name), deferrable)
    return Conclusion(Inferred(arbiters))


def _refused(fault: Fault, candidates: tuple[Candidate, ...] = (), *, parametrised: bool = False) -> Conclusion:
    return Conclusion(NotInferred(fault.sqlstate, fault.message, candidates), (fault,), parametrised=parametrised)
