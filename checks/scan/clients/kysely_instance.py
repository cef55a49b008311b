"""What an instance of Kysely was made with: its dialect, its schema, and the plugin that renames all identifiers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from ..values import Call, Constant, Record, Sequence
from .chain import chains, name_of
from .reading import called_name, text, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value
    from .chain import Chain

_PLUGIN = "CamelCasePlugin"
_UNKNOWN = "the plugins of the instance are not known"
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
    """What was found; `casing` None: names are sent as they are written."""

    casing: Casing | None = None
    schema: str | None = None
    not_postgres: str | None = None
    reason: str | None = None  # why the schema is not known
    doubt: str | None = None  # why it is not known how names are sent

    def rename(self, name: str) -> str:
        """What an identifier is sent as."""
        return self.casing.snake(name) if self.casing is not None else name


def instance_of(chain: Chain, start: Value, resolve: Resolve) -> Instance:
    """The instance that the `start` of a chain is, else that of the project, and what the chain changes."""
    found = _made(chain, resolve) or next(
        (made for one in chains(start, resolve) if (made := _made(one, resolve))), None
    )
    if found is None:
        found = _of_project(resolve)
        for link in chain.links:
            found = _changed(found, link, resolve)
    return found


def _made(chain: Chain, resolve: Resolve) -> Instance | None:
    found = constructed(chain.root, resolve)
    for link in chain.links if found is not None else ():
        found = _changed(found or Instance(), link, resolve)
    return found


def _of_project(resolve: Resolve) -> Instance:
    """What all instances that the project makes have in common."""
    modules = resolve.modules_holding(b"new Kysely")
    calls = (call for module in modules for call in module.calls(frozenset({"Kysely"})))
    found = [made for call in calls if (made := constructed(call, resolve)) is not None]
    casings = {made.casing for made in found}
    others = [made.not_postgres for made in found]
    other = others[0] if found and None not in others else None
    if len(casings) == 1 or not found:
        return Instance(casings.pop() if casings else None, not_postgres=other)
    return Instance(not_postgres=other, doubt="some instances of Kysely rename identifiers, and it is not known which")


def constructed(value: Value, resolve: Resolve) -> Instance | None:
    """`new Kysely({ dialect, plugins })`; None for anything else."""
    if not isinstance(value, Call) or called_name(value) != "Kysely":
        return None
    options = resolve(value.args[0]) if value.args else None
    if not isinstance(options, Record):
        return None
    plugins, dialect = options.get("plugins"), options.get("dialect")
    found = Instance(not_postgres=_other(dialect, resolve), doubt=None if options.complete else _UNKNOWN)
    listed = resolve(plugins) if plugins is not None else Sequence(())
    if not isinstance(listed, Sequence):
        return replace(found, doubt=_UNKNOWN)
    for plugin in listed.items:
        found = _with_plugin(found, plugin, resolve)
    return found if listed.complete else replace(found, doubt=_UNKNOWN)


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
            return Instance(not_postgres=found.not_postgres)
        case _:
            return found


def _with_plugin(found: Instance, plugin: Value, resolve: Resolve) -> Instance:
    known = resolve(plugin)
    if not isinstance(known, Call):
        return replace(found, doubt=_UNKNOWN)
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
