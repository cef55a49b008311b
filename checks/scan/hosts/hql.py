"""Strings that are no SQL but queries of JPA, which name entities and their properties: HQL, JPQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..values import Join

if TYPE_CHECKING:
    from ..values import Value

HQL = "hql"
_CALLS = frozenset({"createQuery", "createMutationQuery", "createSelectionQuery", "NamedQuery"})
_JPA = re.compile(r"\b(?:jakarta|javax)\.persistence\b|\borg\.hibernate\b|\bEntityManager\b")
_NATIVE = re.compile(r"\bnativeQuery\s*=\s*true\b")


def queried(value: Value, holder: tuple[str, str], source: str) -> Value:
    """A string, tagged when it is a query on entities by the call or annotation that it is given to.

    `holder` is the name of that and its text, `source` the file: others that know nothing but SQL have an annotation
    Query and a method createQuery (JDBI), too.
    """
    name, text = holder
    of_jpa = name == "Query" and "springframework.data.jpa" in source and _NATIVE.search(text) is None
    created = name in _CALLS and _JPA.search(source) is not None
    return Join((value,), HQL) if of_jpa or created else value
