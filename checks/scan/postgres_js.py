"""The helpers of postgres.js and Bun in a template: `${sql("t")}`, `${sql(rows, "a", "b")}`, as SQL text.

Follows postgres 3.4.7: src/index.js (a string alone is an identifier) and src/types.js (`Builder`: the word before the
helper decides what it makes). Bun's `sql` is made alike.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .values import Call, Import, Join, Member, Name, Param, Record, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .values import Value

_DRIVERS = frozenset({"postgres", "SQL"})  # `postgres(url, options)`, `new SQL(options)` of Bun
_MADE_BY = "made by"  # the keyword under which a helper keeps what its tag is
_SNAKE = frozenset({"camel", "fromCamel"})


def as_helper(part: Value, known: Value, tag: str) -> Call | None:
    """The call of a hole, resolved as `known`, that is a helper of the template's own tag, under that name."""
    if not isinstance(known, Call):
        return None
    if isinstance(part, Call) and _spelled(part.callee) == tag:
        return replace(known, callee=Name(tag, part.offset), keywords=((_MADE_BY, known.callee),))
    if isinstance(known.callee, Call) and _name(known.callee.callee) in _DRIVERS:
        return replace(known, callee=Name(tag, known.offset), keywords=((_MADE_BY, known.callee),))
    return None


def _spelled(value: Value) -> str | None:
    match value:
        case Name(name):
            return name
        case Member(owner, name):
            before = _spelled(owner)
            return None if before is None else f"{before}.{name}"
        case _:
            return None


def _name(value: Value) -> str | None:
    match value:
        case Name(name) | Member(name=name) | Param(name=name):
            return name
        case Import(module, name):
            return "postgres" if name in {None, "default"} and _is_postgres(module) else name
        case _:
            return None


def _is_postgres(module: str) -> bool:
    """`postgres`, `npm:postgres@3`, `https://deno.land/x/postgresjs/mod.js`."""
    return re.search(r"(?:^|[:/])postgres(?:js)?(?:[@/]|$)", module) is not None


def written(call: Call, tag: str, before: str) -> Value | None:
    """What a helper writes after the text `before`; None when that is not known, or the call is no helper."""
    if not isinstance(call.callee, Name) or call.callee.name != tag or not call.args:
        return None
    rename = _renaming(next((value for key, value in call.keywords if key == _MADE_BY), None))
    first, *rest = call.args
    words = before.rstrip().lower()
    if rename is None or words.endswith("values"):
        return None
    if isinstance(first, Text) and not rest:
        return _quoted(rename(first))
    alone = not rest and _is_list_of_names(first)
    columns = [_quoted(rename(name)) for name in (_listed(first) if alone else _names(first, tuple(rest)))]
    if alone or not columns:
        return _separated(columns) if columns else None
    if words.endswith("set"):
        return _separated([Join((*column.parts, Text(" = "), call)) for column in columns])
    return Join((Text("("), _separated(columns), Text(") values ("), _separated([call for _ in columns]), Text(")")))


def _is_list_of_names(value: Value) -> bool:
    return isinstance(value, Sequence) and all(isinstance(item, Text) for item in value.items)


def _listed(value: Value) -> list[Text]:
    """The texts of a list that is wholly known, else nothing."""
    known = [item for item in value.items if isinstance(item, Text)] if isinstance(value, Sequence) else []
    return known if isinstance(value, Sequence) and value.complete and len(known) == len(value.items) else []


def _names(first: Value, rest: tuple[Value, ...]) -> list[Text]:
    """The columns that it is given, else the keys of the first row."""
    if rest:
        whole = [one.items if isinstance(one, Sequence) and one.complete else (one,) for one in rest]
        return _listed(Sequence(tuple(item for items in whole for item in items)))
    row = first.items[0] if isinstance(first, Sequence) and first.items else first
    return [Text(key) for key, _ in row.entries] if isinstance(row, Record) and row.complete else []


def _renaming(made_by: Value | None) -> Callable[[Text], Text] | None:
    """How the tag changes names by its option `transform`; None when that is not known."""
    options = made_by.args[-1] if isinstance(made_by, Call) and made_by.args else None
    option = options.get("transform") if isinstance(options, Record) else None
    if isinstance(option, Record) and option.get("column") is None and option.complete:
        option = None
    if isinstance(option, Record) and (column := option.get("column")) is not None:
        option = column.get("to") if isinstance(column, Record) and column.complete else column
        if option is None:
            return _same
    if option is None:
        return _same
    return _snaked if isinstance(option, (Member, Import)) and option.name in _SNAKE else None


def _same(name: Text) -> Text:
    return name


def _snaked(name: Text) -> Text:
    """`userId` to `user_id`, as `postgres.fromCamel` does."""
    changed = re.sub(r"([A-Z])", r"_\1", name.text).lower()
    return name if changed == name.text else Text(changed, name.runs[:1], name.path)


def _quoted(name: Text) -> Join:
    """An identifier, each part of it in quotes."""
    text = name.text.replace('"', '""').replace(".", '"."')
    return Join((Text('"'), name if text == name.text else Text(text, name.runs[:1], name.path), Text('"')))


def _separated(parts: Iterable[Value]) -> Join:
    out: list[Value] = []
    for index, part in enumerate(parts):
        out += [Text(", "), part] if index else [part]
    return Join(tuple(out))
