"""The small catalogs as dictionaries by OID."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from .model import Collation, Opclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .rows import Row


class Domain(NamedTuple):
    """What a column inherits from the domains that its type is made of."""

    not_null: bool = False
    default: str | None = None


_NO_DOMAIN = Domain()


class Dictionaries:
    """Schemas, types, domains, collations, operator classes and access methods by OID; parents by child."""

    def __init__(self, shared: Mapping[str, Sequence[Row]]) -> None:
        self.schemas: dict[int, str] = {row[0]: row[1] for row in shared["schemas"]}
        self.types = {(oid, typmod): text for oid, typmod, text in shared["types"]}
        self.methods: dict[int, str] = dict(shared["methods"])
        self.collations = {
            oid: Collation(oid, self.schemas[schema], name)
            for oid, schema, name in shared["collations"]
            if schema in self.schemas
        }
        self.opclasses = {
            oid: Opclass(oid, self.schemas[schema], name, opfamily, opcintype)
            for oid, schema, name, _, opfamily, opcintype in shared["opclasses"]
            if schema in self.schemas
        }
        self.parents = grouped(shared["parents"])
        self.domains: dict[int, Row] = {oid: row for oid, *row in shared["domains"]}

    def domain(self, type_oid: int) -> Domain:
        """NOT NULL and the default of a domain, which it may have from the domain below it."""
        row = self.domains.get(type_oid)
        if row is None:
            return _NO_DOMAIN
        base, not_null, default = row
        below = self.domain(base)
        # CREATE DOMAIN copies the default of the domain below, so a missing one was dropped (typecmds.c)
        return Domain(not_null or below.not_null, default)

    def collation_name(self, oid: int) -> str | None:
        """The name, with its schema unless that is pg_catalog; None if the database cannot use that collation."""
        found = self.collations.get(oid)
        if found is None:
            return None
        return found.name if found.schema == "pg_catalog" else f"{found.schema}.{found.name}"


def grouped(pairs: Iterable[Sequence[int]]) -> dict[int, tuple[int, ...]]:
    """The second members by the first, in order."""
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
