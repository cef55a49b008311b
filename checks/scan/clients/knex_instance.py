"""Instances of Knex: which database they are for, and how they change names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..declarations.casing import objection_snake_case
from ..declarations.modules import module_of
from ..values import Call, Choice, Import, Member, Name, Record
from .reading import called_name, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..model import Resolve, SourceFile
    from ..values import Value

_POSTGRES = frozenset({"pg", "postgres", "postgresql", "pgnative", "pg-native", "cockroachdb", "redshift"})
_MAPPERS = "knexSnakeCaseMappers"
_MAKERS = frozenset({"knex", "Knex", "makeKnex"})


@dataclass(frozen=True, slots=True)
class Instance:
    """`maps` makes the identifier that is sent of each name; `doubt`: why names that it would change are not known."""

    not_postgres: str | None = None
    maps: Callable[[str], str] | None = None
    doubt: str | None = None

    def identifier(self, name: str) -> str | None:
        """The name as it is sent, None when that is not known."""
        if self.maps is not None:
            return self.maps(name)
        return name if self.doubt is None or objection_snake_case(name) == name else None


def instance_of(value: Value, resolve: Resolve) -> Instance:
    """The instance that a value is, or, when it cannot be followed to where it is made, the project's."""
    configs = tuple(_configs(resolve(value), resolve))
    known = bool(configs)
    if not configs:
        configs = tuple(config for file in resolve.files("knexfile.*") for config in _of_file(file, resolve))
    clients = [names for config in configs if (names := _clients(config, resolve))]
    others = sorted({name for names in clients for name in names if name not in _POSTGRES})
    postgres = any(name in _POSTGRES for names in clients for name in names)
    evidence = f'the client of knex is "{others[0]}"' if others and not postgres else None
    if any(_maps(config) for config in configs):
        return Instance(evidence, objection_snake_case)
    if any(config.get("wrapIdentifier") is not None for config in configs):
        return Instance(evidence, None, "names are changed by wrapIdentifier")
    doubtful = not known and any(resolve.holding(word) for word in (_MAPPERS.encode(), b"wrapIdentifier"))
    return Instance(evidence, None, "names may be changed by the instance of knex" if doubtful else None)


def _configs(value: Value, resolve: Resolve) -> Iterator[Record]:
    """The options that an instance is made with."""
    match value:
        case Choice(options):
            for option in options:
                yield from _configs(option, resolve)
        case Call(args=(config, *_)) if _makes(value):
            yield from _records(resolve(config))
        case Call(callee=Member(owner)):  # knex.withUserParams(..), knex.transaction()
            yield from _configs(owner, resolve)
        case _:
            return


def _makes(call: Call) -> bool:
    match call.callee:
        case Import(module="knex"):
            return True
        case Member(Import(module="knex")) | Name():
            return called_name(call) in _MAKERS | {"default"}
        case _:
            return False


def _records(value: Value) -> Iterator[Record]:
    """A configuration, or those of several environments."""
    match value:
        case Record(entries) if value.get("client") is not None or value.get("connection") is not None:
            yield value
        case Record(entries):
            for _, entry in entries:
                yield from _records(entry)
        case Choice(options):
            for option in options:
                yield from _records(option)
        case _:
            return


def _of_file(file: SourceFile, resolve: Resolve) -> Iterator[Record]:
    """The configurations of a knexfile."""
    module = module_of(file)
    exported = module.exported("default") if module is not None else None
    if exported is not None:
        yield from _records(resolve(exported))


def _clients(config: Record, resolve: Resolve) -> tuple[str, ...]:
    given = config.get("client")
    return (texts(given, resolve) or ()) if given is not None else ()


def _maps(config: Record) -> bool:
    return any(isinstance(one, Call) and called_name(one) == _MAPPERS and not one.args for _, one in config.spreads)
