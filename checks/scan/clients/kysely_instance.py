"""What an instance of Kysely was made with: its dialect, its schema, and the plugin that renames all identifiers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ..values import Call, Constant, Record, Sequence
from .chain import name_of
from .reading import called_name, text, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value
    from .chain import Chain

_PLUGIN = "CamelCasePlugin"
_OTHERS = ("sqlite", "mysql", "mssql", "libsql", "d1dialect", "planetscale", "turso", "singlestore")


@dataclass(frozen=True, slots=True)
class Casing:
    """The options of CamelCasePlugin (kysely 0.29, plugin/camel-case/camel-case.js)."""

    upper_case: bool = False
    before_digits: bool = False
    between_capitals: bool = False

    def snake(self, name: str) -> str:
        """`createSnakeCaseMapper`: "userId2" becomes "user_id2"."""
        out = name[:1].lower()
        for before, char in pairwise(name):
            if self.before_digits and char in "0123456789" and before not in "0123456789" and not out.endswith("_"):
                out += f"_{char}"
            elif char == char.upper() != char.lower():
                upper = before == before.upper() != before.lower()
                out += char.lower() if upper and not self.between_capitals else f"_{char.lower()}"
            else:
                out += char
        return out.upper() if self.upper_case else out


@dataclass(frozen=True, slots=True)
class Instance:
    """`casing` None: names are sent as they are written; `known` False: how the instance was made is not to be seen."""

    casing: Casing | None = None
    schema: str | None = None
    not_postgres: str | None = None
    reason: str | None = None
    known: bool = False

    def rename(self, name: str) -> str:
        """What an identifier is sent as."""
        return self.casing.snake(name) if self.casing is not None else name


def instance_of(chain: Chain, resolve: Resolve) -> Instance:
    """The instance at the start of a chain, and what the chain changes before it inserts."""
    made = constructed(chain.root, resolve)
    found = made if made is not None else Instance()
    for link in chain.links:
        found = _changed(found, link, resolve)
    return found


def constructed(value: Value, resolve: Resolve) -> Instance | None:
    """`new Kysely({ dialect, plugins })`; None for anything else."""
    if not isinstance(value, Call) or called_name(value) != "Kysely":
        return None
    options = resolve(value.args[0]) if value.args else None
    if not isinstance(options, Record):
        return None
    plugins, dialect = options.get("plugins"), options.get("dialect")
    found = Instance(not_postgres=_other(dialect, resolve), known=options.complete)
    listed = resolve(plugins) if plugins is not None else Sequence(())
    if not isinstance(listed, Sequence):
        return replace(found, known=False)
    for plugin in listed.items:
        found = _with_plugin(found, plugin, resolve)
    return replace(found, known=found.known and listed.complete)


def _changed(found: Instance, link: Call, resolve: Resolve) -> Instance:
    given = link.args[0] if link.args else None
    match name_of(link):
        case "withSchema" if given is not None:
            schema = text(given, resolve)
            reason = None if schema is not None else f"the schema is {told(resolve(given))}"
            return replace(found, schema=schema, reason=reason)
        case "withPlugin" if given is not None:
            return _with_plugin(found, given, resolve)
        case "withoutPlugins":
            return replace(found, casing=None, schema=None, reason=None)
        case _:
            return found


def _with_plugin(found: Instance, plugin: Value, resolve: Resolve) -> Instance:
    known = resolve(plugin)
    if not isinstance(known, Call):
        return replace(found, known=False)
    if called_name(known) != _PLUGIN:
        return found
    options = resolve(known.args[0]) if known.args else Record(())
    given = dict(options.entries) if isinstance(options, Record) else {}
    names = ("upperCase", "underscoreBeforeDigits", "underscoreBetweenUppercaseLetters")
    return replace(found, casing=Casing(*(given.get(name) == Constant(True, _at(given.get(name))) for name in names)))


def _at(value: Value | None) -> int:
    return value.offset if isinstance(value, Constant) else 0


def _other(dialect: Value | None, resolve: Resolve) -> str | None:
    """Why a dialect is not PostgreSQL's."""
    known = resolve(dialect) if dialect is not None else None
    name = called_name(known) if isinstance(known, Call) else None
    return f'Kysely is given "{name}"' if name and any(word in name.lower() for word in _OTHERS) else None
