"""Strings that are no SQL but queries of JPA, which name entities and their properties: HQL, JPQL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..values import Join

if TYPE_CHECKING:
    from ..values import Value

HQL = "hql"
_CALLS = frozenset({"createQuery", "createMutationQuery", "createSelectionQuery", "NamedQuery"})
_NATIVE = re.compile(r"\bnativeQuery\s*=\s*true\b")


def queried(value: Value, holder: tuple[str, str], source: str) -> Value:
    """A string, tagged when it is a query on entities by the call or annotation that it is given to.

    `holder` is the name of that and its text, `source` the file: Query is also an annotation of libraries that know
    nothing but SQL.
    """
    name, text = holder
    of_jpa = name == "Query" and "springframework.data.jpa" in source and _NATIVE.search(text) is None
    return Join((value,), HQL) if of_jpa or name in _CALLS else value
