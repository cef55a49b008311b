"""What instances of Sequelize are made with: the dialect, and the options of all models (`define`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..clients.reading import texts
from ..values import Constant, Record, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Resolve
    from ..values import Value

_POSTGRES = frozenset({"postgres", "postgresql"})
_OPTIONS = (b"underscored", b"freezeTableName")


@dataclass(frozen=True, slots=True)
class Settings:
    """`doubt`: why the options of all models are not known."""

    define: Record
    doubt: str | None = None
    not_postgres: str | None = None


def settings_of(resolve: Resolve) -> Settings:
    """The settings of the project's instances, as far as they agree."""
    configs = [*_made(resolve), *_configured(resolve)]
    defines = [known for config in configs if (known := _define(config, resolve)) is not None]
    dialects = {name for config in configs for name in _dialects(config, resolve)}
    others = sorted(dialects - _POSTGRES)
    evidence = f'the dialect of Sequelize is "{others[0]}"' if others and not dialects & _POSTGRES else None
    distinct = {_shown(one): one for one in defines}
    if len(distinct) > 1:
        return Settings(Record(()), "instances of Sequelize define their models differently", evidence)
    define = next(iter(distinct.values()), Record(()))
    if not define.complete or (not distinct and _may_define(resolve)):
        return Settings(define, "the options that an instance of Sequelize gives to all models are not known", evidence)
    return Settings(define, None, evidence)


def _made(resolve: Resolve) -> Iterator[Record]:
    """The options of `new Sequelize(..)` and `SequelizeModule.forRoot(..)`."""
    for needle, name in ((b"new Sequelize(", "Sequelize"), (b"SequelizeModule.", "forRoot")):
        for module in resolve.modules_holding(needle):
            for call in module.calls(frozenset({name})):
                known = resolve(call.args[-1]) if call.args else None
                if isinstance(known, Record):
                    yield known


def _configured(resolve: Resolve) -> Iterator[Record]:
    """The environments of a `config.json` of sequelize-cli."""
    for file in resolve.files("config.json"):
        try:
            content: Any = json.loads(file.text)
        except (ValueError, RecursionError):
            continue
        for entry in content.values() if isinstance(content, dict) else ():
            if isinstance(entry, dict) and "dialect" in entry:
                yield _record(entry)


def _record(entry: dict[str, Any]) -> Record:
    return Record(tuple((key, _value(value)) for key, value in entry.items()))


def _value(value: Any) -> Value:
    match value:
        case dict():
            return _record(value)
        case str():
            return Text(value)
        case bool() | int() | float() | None:
            return Constant(value)
        case _:
            return Constant(None)


def _define(config: Record, resolve: Resolve) -> Record | None:
    given = config.get("define")
    if given is None:
        return Record(()) if config.complete else None
    known = resolve(given)
    return known if isinstance(known, Record) else Record((), complete=False)


def _shown(define: Record) -> str:
    """What tells two of them apart, wherever they stand."""
    return repr([(key, getattr(value, "text", getattr(value, "value", None))) for key, value in define.entries])


def _dialects(config: Record, resolve: Resolve) -> tuple[str, ...]:
    given = config.get("dialect")
    return (texts(given, resolve) or ()) if given is not None else ()


def _may_define(resolve: Resolve) -> bool:
    """Whether some file holds options of all models that were not read."""
    files = [file for needle in _OPTIONS for file in resolve.holding(needle)]
    return any("define:" in file.text or '"define"' in file.text for file in files)
