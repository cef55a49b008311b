"""Entity Framework Core: a row that is added where the same function has asked for one with the same values before.

`db.Users.FirstOrDefaultAsync(u => u.Email == email)`, then `db.Users.Add(new User { Email = email })`. Source: EF Core
9; a row that is added is written with all its mapped properties but for those that the database makes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..declarations.csharp_classes import class_of, type_argument
from ..declarations.ef_core import declaration_of, entity_of, model_of
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Choice, Class, Constant, Lambda, Member, Name, Record, Sequence, Text
from .asked import NOT_ASKED, racy
from .chain import name_of, own_links
from .drafting import insert
from .payload import Payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.ef_core import EfModel
    from ..declarations.model import TableDeclaration
    from ..model import Draft, Module, Resolve
    from ..values import Value

_ASKS = frozenset({
    "FirstOrDefault", "FirstOrDefaultAsync", "SingleOrDefault", "SingleOrDefaultAsync", "Any", "AnyAsync",
})  # fmt: skip
_KEEPING = _ASKS | {"Where", "AsNoTracking", "AsTracking", "AsQueryable", "Include", "IgnoreQueryFilters", "TagWith"}
_ADDS = frozenset({"Add", "AddAsync"})
_COMPARED = re.compile(r"""\s*(?P<row>\w+)\.(?P<name>\w+)\s*==\s*(?P<value>"[^"\\]*"|[\w.]+?)(?:!|\.Value)?\s*""")
_TOKEN = re.compile(r",\s*(?:cancellationToken\s*:\s*)?[\w.]+\s*$")  # what cancels it, behind the condition
_DECIDED = re.compile(r"\s*\)?\s*(?:\?\?|[=!]= null|is (?:not )?null)")
_ASKED = r"\b{0}\s*(?:[!=]=|is)\s*(?:not\s+)?(?:null|false|true|\{{)|\bif\s*\(\s*!?\s*{0}\s*[)&|]|\b{0}\s*\?\?"
_HELD = re.compile(r"(\w+)\s*=\s*(?:await\s+)?$")
_AT_ONCE = re.compile(r"\bif\s*\((?:[\s!(]|await\b)*$")
_NEAR = 60


def _is_paired(data: bytes) -> bool:
    """Whether a file asks for rows of a context and adds one."""
    adds = b".Add(" in data or b".AddAsync(" in data
    asks = b"OrDefault(" in data or b"OrDefaultAsync(" in data or b".Any(" in data or b".AnyAsync(" in data
    return adds and asks and b"SaveChanges" in data


def _find(module: Module) -> Iterator[SiteFact]:
    """Each row that is added, with what its function has asked for before, latest first."""
    if "SaveChanges" not in module.file.text:
        return
    asked: list[Sequence] | None = None
    for call in module.calls(_ADDS):
        row = _literal(module, call.args[0]) if call.args else None
        around = module.function_at(call.offset)
        if row is None or around is None:
            continue
        asked = list(_asked(module)) if asked is None else asked
        before = [one for one in reversed(asked) if around.offset <= one.offset and one.offset < row.offset]
        if before:
            values: dict[str, Value] = {"call": call, "row": row, "asked": Sequence(tuple(before))}
            at, end = call.name_offset, call.end
            yield SiteFact(client="ef-core", values=values, offset=at, statement=call.offset, end=end)


def _literal(module: Module, value: Value) -> Call | None:
    """`new User { .. }` that the row is, or that its variable was made as."""
    meant = module.lookup(value.name, value.offset) if isinstance(value, Name) else value
    options = meant.options if isinstance(meant, Choice) else (meant,)
    made = [one for one in options if isinstance(one, Call) and one.keywords and not isinstance(one.callee, Member)]
    return made[0] if len(made) == 1 else None


def _asked(module: Module) -> Iterator[Sequence]:
    """Each lookup by equality whose result is asked for: what it is asked of, and the values by property."""
    text = module.file.text
    for call in module.calls(_ASKS):
        _, links = own_links(call)
        links = links[1:] if name_of(links[0]) == "Set" else links
        queries = [link for link in links if name_of(link) in _KEEPING]
        conditions = [
            one for link in queries for one in link.args if isinstance(one, Lambda) and name_of(link) != "Include"
        ]
        first = queries[0].callee if queries else None
        around = module.function_at(call.offset)
        if not conditions or len(queries) < len(links) or not isinstance(first, Member) or around is None:
            continue
        keys = _keys(module, links)
        if keys is not None and _is_decided(text, call, around.end):
            record = Record(tuple((name, Text(value)) for name, value in keys.items()))
            yield Sequence((first.object, record), offset=call.offset)


def _is_decided(text: str, call: Call, until: int) -> bool:
    """Whether the code asks what the lookup has given."""
    head = text[max(0, call.offset - _NEAR) : call.offset]
    held = _HELD.search(head)
    if held is None:
        return _AT_ONCE.search(head) is not None or _DECIDED.match(text, call.end) is not None
    asked = re.compile(_ASKED.format(re.escape(held[1])))
    return asked.search(text, call.end, until) is not None or _DECIDED.match(text, call.end) is not None


def _keys(module: Module, links: tuple[Call, ...]) -> dict[str, str] | None:
    """The properties that all conditions compare by `==`, joined by `&&`, with the values as they are written."""
    found: dict[str, str] = {}
    for link in links:
        condition = next((arg for arg in link.args if isinstance(arg, Lambda)), None)
        if condition is None or name_of(link) == "Include":
            continue
        begin = getattr(condition.result, "offset", 0)
        written = _TOKEN.sub("", module.file.text[begin : link.end].rstrip().removesuffix(")"))
        parts = [_COMPARED.fullmatch(part) for part in written.split("&&")]
        row = condition.params[0].name if condition.params else ""
        for part in parts:
            if part is None or part["row"] != row:
                return None
            found[part["name"]] = part["value"]
    return found or None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The site of the row and the last lookup of its values."""
    row, asked, call = fact.values["row"], fact.values["asked"], fact.values["call"]
    owner = class_of(row, resolve)
    model = model_of(resolve)
    if not isinstance(owner, Class) or not isinstance(row, Call) or not isinstance(call, Call):
        return NoSite(NOT_ASKED)
    table = declaration_of(owner, model, resolve)
    if isinstance(table, Undeclared) or owner.name not in model.sets:
        return NoSite(NOT_ASKED)
    given = {name: _written(value) for name, value in row.keywords}
    for one in asked.items if isinstance(asked, Sequence) else ():
        match one:
            case Sequence((rows, Record(entries)), offset=offset) if _asks_for(rows, owner, model, resolve):
                keys = [table.by_attribute(name) for name, value in entries if Text(given.get(name) or "") == value]
                columns = tuple(column.name for column in keys if column is not None)
                if len(columns) == len(entries):
                    begun = SiteFact(client=fact.client, values={}, offset=fact.offset, statement=offset, end=fact.end)
                    name = QualifiedName(table.schema, table.name)
                    return (insert(begun, name, _rows(table), racy=racy(columns)),)
            case _:
                pass
    return NoSite(NOT_ASKED)


def _asks_for(rows: Value, owner: Class, model: EfModel, resolve: Resolve) -> bool:
    """Whether rows of that entity are asked for in the database: not in a collection that another entity holds."""
    entity = entity_of(rows, model, resolve)
    if isinstance(rows, Member):
        holder = class_of(rows.object, resolve)
        held = isinstance(holder, Class) and holder.name in model.sets
        return rows.name in model.entities and not held and _names(entity) == owner.name
    return isinstance(rows, Call) and name_of(rows) == "Set" and _names(type_argument(rows)) == owner.name


def _names(entity: Value | None) -> str:
    return entity.name if isinstance(entity, Name | Class) else ""


def _rows(table: TableDeclaration) -> Payload:
    columns = tuple(c.name for c in table.columns if not (c.generated or c.client_default))
    reason = None if table.complete else "the columns of the entity are not all known"
    return Payload(columns, table.complete, 1, reason=reason)


def _written(value: Value) -> str | None:
    """A value as it is written: a name, a member, a text."""
    match value:
        case Name(name):
            return name
        case Member(owner, name):
            inner = _written(owner)
            return inner if name == "Value" else f"{inner}.{name}" if inner is not None else None
        case Text(text):
            return f'"{text}"'
        case Constant(float(number)):
            return f"{number:g}"
        case _:
            return None


EF_CORE = Client(
    name="ef-core",
    languages=frozenset({"csharp"}),
    triggers=(),
    find=_find,
    finish=_finish,
    paired=_is_paired,
)
