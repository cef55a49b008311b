"""Where models of Sequelize are found: behind a variable, in a class, or by their name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..clients.reading import called_name, path_of, text
from ..values import Call, Class, Constant, Import, Member, Name, Opaque, Record, Text
from .decorated import lineage, members
from .sequelize import Attribute, Options, SequelizeModel, attribute_of, attributes_of, declared, unique_name
from .sequelize_settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value

# The calls that define models, by their modules: every site asks for them.
_DEFINED: WeakKeyDictionary[Module, tuple[Call, ...]] = WeakKeyDictionary()
_INITIALISED: WeakKeyDictionary[Module, tuple[tuple[Value, Call], ...]] = WeakKeyDictionary()
_MODEL = frozenset({"Model"})
_STAMPS = {"CreatedAt": "createdAt", "UpdatedAt": "updatedAt", "DeletedAt": "deletedAt"}
_RELATED = frozenset({"BelongsTo", "HasMany", "HasOne", "BelongsToMany"})


def model_of(value: Value, resolve: Resolve) -> SequelizeModel | None:
    """The model that a value is; None when nothing shows that it is one."""
    typed = _injected(value, resolve)
    known = resolve(typed if typed is not None else value)
    if isinstance(known, Call):
        found = _of_call(known, resolve)
        if found is not None:
            return found
    if isinstance(known, Class):
        return _of_class(known, resolve)
    name = _name(value, known, resolve)
    return _named(name, resolve) if name else None


def _name(value: Value, known: Value, resolve: Resolve) -> str | None:
    """The name by which a model may be found: `db.User`, `models["User"]`, `sequelize.model("User")`."""
    if isinstance(known, Call) and called_name(known) == "model" and len(known.args) == 1:
        return text(known.args[0], resolve)
    for one in (known, value):
        match one:
            case Member(name=name) | Name(name=name) | Import(name=str(name)) if name[:1].isupper():
                return name
            case _:
                pass
    return None


def _injected(value: Value, resolve: Resolve) -> Value | None:
    """`this.userModel` of a class with `@InjectModel(User) private userModel`."""
    owner = resolve(value.object) if isinstance(value, Member) else None
    if not isinstance(value, Member) or not isinstance(owner, Class):
        return None
    for key, one in owner.body:
        if key == f"@{value.name}" and isinstance(one, Call) and called_name(one) == "InjectModel" and one.args:
            return one.args[0]
    return None


def _of_call(call: Call, resolve: Resolve) -> SequelizeModel | None:
    """`sequelize.define("User", attributes, options)`."""
    if called_name(call) != "define" or len(call.args) < 2 or not isinstance(call.callee, Member):  # noqa: PLR2004
        return None
    name = text(call.args[0], resolve)
    return _declared(name, call.args[1], call.args[2] if len(call.args) > 2 else None, resolve)  # noqa: PLR2004


def _declared(name: str | None, given: Value, options: Value | None, resolve: Resolve) -> SequelizeModel:
    known = resolve(options) if options is not None else Record(())
    own = known if isinstance(known, Record) else Record((), complete=False)
    attributes, reason = attributes_of(given, resolve)
    named = own.get("modelName")
    name = text(named, resolve) if named is not None else name
    return declared(name, attributes, Options(own, settings_of(resolve), resolve), resolve, reason)


def _of_class(owner: Class, resolve: Resolve) -> SequelizeModel | None:
    """A class with decorators, or one that `init()` is called on."""
    if any(key == "@" and _decorator(value)[0] == "Table" for key, value in owner.body):
        return _decorated(owner, resolve)
    for module in resolve.modules_holding(b"init("):
        for target, call in _initialised(module):
            bound = resolve(target)
            if isinstance(bound, Class) and (bound.path, bound.offset) == (owner.path, owner.offset) and call.args:
                return _declared(owner.name, call.args[0], call.args[1] if len(call.args) > 1 else None, resolve)
    return None


def _initialised(module: Module) -> tuple[tuple[Value, Call], ...]:
    """Each `User.init(..)`, and `super.init(..)` inside the class, with what it is called on."""
    if module not in _INITIALISED:
        _INITIALISED[module] = _inits(module)
    return _INITIALISED[module]


def _inits(module: Module) -> tuple[tuple[Value, Call], ...]:
    found: list[tuple[Value, Call]] = []
    for call in module.calls(frozenset({"init"})):
        owner = call.callee.object if isinstance(call.callee, Member) else None
        if isinstance(owner, Name) and owner.name != "this":
            found.append((owner, call))
        elif isinstance(owner, Opaque | Name):  # super, this
            around = module.lookup("this", call.offset)
            found += [(around, call)] if around is not None else []
    return tuple(found)


def _defined(module: Module) -> tuple[Call, ...]:
    if module not in _DEFINED:
        _DEFINED[module] = tuple(call for call in module.calls(frozenset({"define"})) if call.args)
    return _DEFINED[module]


def _named(name: str, resolve: Resolve) -> SequelizeModel | None:
    """The one model of the project that is defined by that name."""
    calls = [call for module in resolve.modules_holding(b".define(") for call in _defined(module)]
    found = [one for call in calls if _says(call.args[0], name, resolve) and (one := _of_call(call, resolve))]
    if not found:
        found = [one for owner in _classes(name, resolve) if (one := _of_class(owner, resolve))]
    return found[0] if len(found) == 1 else None


def _says(value: Value, name: str, resolve: Resolve) -> bool:
    if isinstance(value, Text):
        return value.text == name
    return text(value, resolve) == name


def _classes(name: str, resolve: Resolve) -> Iterator[Class]:
    for module in resolve.modules_holding(f"class {name}".encode()):
        found = module.lookup(name, len(module.file.text))
        if isinstance(found, Class):
            yield found
            continue
        for target, _ in _initialised(module):  # a class inside the function that makes the model
            bound = resolve(target)
            if isinstance(bound, Class) and bound.name == name:
                yield bound
                break


def _decorator(value: Value) -> tuple[str, tuple[Value, ...]]:
    if isinstance(value, Call):
        return called_name(value) or "", value.args
    return (path_of(value) or "").rpartition(".")[2], ()


def _decorated(owner: Class, resolve: Resolve) -> SequelizeModel:
    """A class of sequelize-typescript 2.1.6."""
    classes, reason = lineage(owner, resolve, _MODEL)
    options: list[tuple[str, Value]] = []
    complete = True
    for one in reversed(classes):
        for key, value in one.body:
            name, args = _decorator(value) if key.startswith("@") else ("", ())
            if key == "@" and name == "Table" and args:
                known = resolve(args[0])
                options += known.entries if isinstance(known, Record) else []
                complete = complete and isinstance(known, Record) and known.complete
            elif name in _STAMPS:
                options += [(_STAMPS[name], Text(key[1:])), ("timestamps", Constant(value=True))]
    attributes = [one for each in reversed(classes) for one in _members(each, resolve)]
    named = dict(options).get("modelName")
    name_of = text(named, resolve) if named is not None else owner.name
    settings = settings_of(resolve)
    own = Record(tuple(options), complete)
    return declared(name_of, attributes, Options(own, settings, resolve), resolve, reason)


def _members(owner: Class, resolve: Resolve) -> Iterator[Attribute]:
    """The members that have a `@Column`, or a timestamp's decorator."""
    for name in members(owner):
        found = dict(_decorator(value) for key, value in owner.body if key == f"@{name}")
        if "Column" not in found or _RELATED & set(found):
            continue
        given = resolve(found["Column"][0]) if found["Column"] else Opaque("")
        one = attribute_of(name, given, resolve)
        unique = unique_name(found["Unique"][0], name, resolve) if found.get("Unique") else ""
        yield Attribute(
            name,
            one.field,
            unique or (f"\0{name}" if "Unique" in found else one.unique),
            primary=one.primary or "PrimaryKey" in found,
            counts=one.counts or "AutoIncrement" in found,
            defaults=one.defaults or "Default" in found,
            virtual=one.virtual,
        )
