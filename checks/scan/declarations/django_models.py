"""Models that are found by something else than an import: by app and name, by their manager, by a relation to them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ..clients.reading import argument, called_name, text
from ..values import Call, Class, Import, Member, Name, Text
from .django import ID, app_of, is_model, read_model
from .django_names import truncated
from .lineage import lineage_of
from .model import ColumnDeclaration, TableDeclaration, Undeclared
from .once import once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Resolve, SourceFile
    from ..values import Value

_CLASS = re.compile(r"^class[ \t]+(\w+)", re.MULTILINE)
_USER = re.compile(r"""\bAUTH_USER_MODEL\b[^=\n"']*=\s*["'](\w+)\.(\w+)["']""")
_RELATED = re.compile(r"""\brelated_name[ \t]*=[ \t]*["'](\w+)["']""")
_MOST_FILES = 40  # that hold a word; more is no name to go by
_FOREIGN = frozenset({"ForeignKey", "OneToOneField", "TreeForeignKey", "ParentalKey", "ManyToManyField"})


def asked_model(call: Value, resolve: Resolve) -> Class | Import | None:
    """The model of `apps.get_model("app", "Model")` or `get_model("app.Model")`."""
    if not isinstance(call, Call) or called_name(call) != "get_model":
        return None
    given = [text(one, resolve) for one in (argument(call, 0, "app_label"), argument(call, 1, "model_name")) if one]
    words = ".".join(word for word in given if word is not None).split(".")
    if len(words) != 2 or None in given:  # noqa: PLR2004 - app and model
        return None
    app, name = words
    return _of_app(app, name, resolve)


def user_model(resolve: Resolve) -> Class | Import | None:
    """The model that AUTH_USER_MODEL names; Django's own without such a setting, None when there are several."""
    files = [file for file in resolve.holding(b"AUTH_USER_MODEL") if file.language == "python"]
    named = {match.groups() for file in files for match in _USER.finditer(file.text)}
    if not named:
        return Import("django.contrib.auth.models", "User")
    if len(named) > 1:
        return None
    ((app, name),) = named
    return _of_app(app, name, resolve)


def _of_app(app: str, name: str, resolve: Resolve) -> Class | Import | None:
    """The model of that name in the app of that label."""
    found = [one for one in _classes(resolve.holding(b"class "), resolve, name) if app_of(one, resolve) == app]
    contributed = Import(f"django.contrib.{app}.models", name)
    if not found and is_model(contributed, resolve):
        return contributed
    return found[0] if len(found) == 1 else None


def through(owner: Class, field: str, resolve: Resolve) -> TableDeclaration | Undeclared | None:
    """The table between two models that `owner.field.through` is; None when the field is not many-to-many.

    Named as fields.related.ManyToManyField._get_m2m_db_table and create_many_to_many_intermediary_model do.
    """
    value = lineage_of(owner, resolve).attribute(field)
    if not isinstance(value, Call) or called_name(value) != "ManyToManyField":
        return None
    given, named = argument(value, 99, "through"), argument(value, 99, "db_table")
    if given is not None:
        between = _between(resolve(given), owner, resolve)
        return read_model(between, resolve) if between else Undeclared(f'the model between is that of "{field}"')
    table, target = read_model(owner, resolve), argument(value, 0, "to")
    other = _model_name(target, resolve) if target is not None else None
    if isinstance(table, Undeclared) or table.schema is not None or other is None:
        return Undeclared(f'the table of "{field}" cannot be told')
    name = text(named, resolve) if named is not None else truncated(f"{table.name}_{field}")
    own = owner.name.lower()
    ends = (f"from_{own}", f"to_{own}") if other in {"self", own} else (own, other)
    columns = tuple(ColumnDeclaration(end, f"{end}_id", f"{end}_id") for end in ends)
    return TableDeclaration(name, None, (ID, *columns), ("id",), mapped=True) if name else Undeclared("it is computed")


def _between(given: Value, owner: Class, resolve: Resolve) -> Class | None:
    """The model that `through=` names, by itself or by its name."""
    if isinstance(given, Class):
        return given if is_model(given, resolve) else None
    if not isinstance(given, Text):
        return None
    app, _, name = given.text.rpartition(".")
    found = _classes(resolve.holding(b"class "), resolve, name)
    own = [one for one in found if app_of(one, resolve) == (app or app_of(owner, resolve))]
    return own[0] if len(own) == 1 else None


def _model_name(target: Value, resolve: Resolve) -> str | None:
    match resolve(target):
        case Class(name=name):
            return name.lower()
        case Text(name):
            return name.rpartition(".")[2].lower()
        case Import(name=str(name)):
            return name.lower()
        case _:
            return None


def managed(manager: str, resolve: Resolve) -> tuple[Class, ...]:
    """The models that have a manager, or a manager made of a query set, of that class."""
    files = resolve.holding(manager.encode())
    if len(files) > _MOST_FILES:
        return ()
    return tuple(one for one in _classes(files, resolve) if any(_makes(value, manager) for _, value in one.body))


def _makes(value: Value, manager: str) -> bool:
    match value:
        case Call(callee=callee, args=args):
            return _makes(callee, manager) or any(_makes(arg, manager) for arg in args)
        case Member(object=owner, name=name):
            return name == manager or _makes(owner, manager)
        case Name(name):
            return name == manager
        case _:
            return False


def related(name: str, resolve: Resolve) -> tuple[Class, str] | None:
    """The model whose rows `x.name` stands for and its field that leads back to `x`; None when it may be another.

    By `related_name` or the default `model_set` of a foreign key, when nothing else in the project has that name.
    """
    known = _known(resolve.holding(b"models."))
    if name not in known:
        known[name] = _related(name, resolve)
    return known[name]


@once
def _known(files: tuple[SourceFile, ...]) -> dict[str, tuple[Class, str] | None]:
    """What has been found by name, in the project that has these files."""
    del files
    return {}


def _related(name: str, resolve: Resolve) -> tuple[Class, str] | None:
    sources = resolve.holding(b"models.")
    found = {
        (one, field)
        for file, declared in _naming(resolve.holding(b"related_name")).get(name, ())
        if (one := _model(file, declared, resolve)) is not None
        for field in _back(one, name, resolve)
    }
    if name.endswith("_set"):
        own = _classes(sources, resolve, name.removesuffix("_set"))
        found |= {(one, field) for one in own for field in _unnamed(one)}
    if len(found) != 1 or any(_model(file, declared, resolve) for file, declared in _assigning(sources, name)):
        return None
    ((model, field),) = found
    return (model, field) if field is not None else None


@once
def _naming(files: tuple[SourceFile, ...]) -> dict[str, tuple[tuple[SourceFile, str], ...]]:
    """By each related_name the classes that give it, with their files."""
    found: dict[str, list[tuple[SourceFile, str]]] = {}
    for file in files:
        for match in _RELATED.finditer(file.text) if file.language == "python" else ():
            found.setdefault(match[1], []).append((file, _class_at(file, match.start())))
    return {name: tuple(dict.fromkeys(places)) for name, places in found.items()}


def _assigning(files: tuple[SourceFile, ...], name: str) -> Iterator[tuple[SourceFile, str]]:
    """The classes that assign a call to an attribute of that name."""
    pattern = re.compile(rf"^[ \t]+{re.escape(name)}[ \t]*(?::[^=\n]+)?=[ \t]*[\w.]+\(", re.MULTILINE)
    for file in files:
        if file.language == "python" and name in file.text:
            yield from {(file, _class_at(file, match.start())) for match in pattern.finditer(file.text)}


def _class_at(file: SourceFile, offset: int) -> str:
    """The last class at the top of a file that begins before a place."""
    return next((name for name, start in reversed(_declared(file)) if start < offset), "")


def _model(file: SourceFile, name: str, resolve: Resolve) -> Class | None:
    known = resolve(Name(name, len(file.text), file.path)) if name else None
    return known if isinstance(known, Class) and known.path == file.path and is_model(known, resolve) else None


def _back(one: Class, name: str, resolve: Resolve) -> Iterator[str | None]:
    """The fields of a model by which others reach it under that name; None for one that is no column."""
    for field, value in one.body:
        if isinstance(value, Call) and called_name(value) in _FOREIGN:
            given = argument(value, 99, "related_name")
            if given is not None and text(given, resolve) == name:
                yield None if called_name(value) == "ManyToManyField" else field


def _unnamed(one: Class) -> Iterator[str]:
    """The foreign keys of a model without a related_name, which are reached by `model_set`."""
    for field, value in one.body:
        foreign = isinstance(value, Call) and called_name(value) in _FOREIGN - {"ManyToManyField"}
        if foreign and isinstance(value, Call) and argument(value, 99, "related_name") is None:
            yield field


def _classes(files: Iterable[SourceFile], resolve: Resolve, name: str | None = None) -> Iterator[Class]:
    """The models at the top of these files; of that name, whatever its case."""
    for file in files:
        for declared, _ in _declared(file):
            if name is None or declared.lower() == name.lower():
                found = _model(file, declared, resolve)
                if found is not None:
                    yield found


@lru_cache(maxsize=4096)
def _declared(file: SourceFile) -> tuple[tuple[str, int], ...]:
    """The names of a Python file's classes, each with the place where it begins."""
    if file.language != "python":
        return ()
    return tuple((match[1], match.start()) for match in _CLASS.finditer(file.text))
