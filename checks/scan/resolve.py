"""Names to what they mean, in one file and across files."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from .branches import possible
from .fold import called, fold, member, table_name
from .languages import language_of
from .parameters import arguments, key_of
from .postgres_js import as_helper
from .ruby_models import named_table
from .values import (
    Call,
    Choice,
    Class,
    Constant,
    Import,
    Join,
    Lambda,
    Member,
    Name,
    Opaque,
    Param,
    Record,
    Sequence,
    Text,
)
from .ways import is_absent, is_there, source_of, spread_out, told, ways_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .model import Module, SourceFile
    from .parameters import ParamKey
    from .project import Project
    from .values import Value

DEEPEST = 40  # nested references; more is generated code or a cycle
MOST_OPTIONS = 16  # of one choice: a query that is built up in branches has one for each path through them
MOST_ITEMS = 64  # of a list that is gone through one by one
MOST_STEPS = 4000  # values looked at for one fact
_PLAIN_TAGS = frozenset({"dedent", "outdent", "stripIndent", "oneLine", "String.raw", "raw", "html", "css"})
# Methods that make a list of what a function returns.
_MAPS = frozenset({"map", "flatMap", "filter_map", "flat_map", "Select", "SelectMany", "for"})
_TRIVIAL = (Text, Constant, Opaque)
_PUT_TOGETHER = (Call, Choice, Join, Member, Record, Sequence)

_Key = tuple[object, ...]  # of a reference, of a call, or of a parameter


@dataclass(slots=True)
class Resolver:
    """Replaces names, members and imports by what they mean; `given` are the arguments of one call of a wrapper.

    `left` collects the parameters that stayed.
    """

    project: Project
    path: str
    given: Mapping[ParamKey, Value] = field(default_factory=dict)
    left: dict[ParamKey, Param] = field(default_factory=dict)
    _active: set[_Key] = field(default_factory=set)
    _known: dict[_Key, tuple[Value, tuple[_Key | None, ...]]] = field(default_factory=dict)
    _steps: int = 0
    # What it has made, by identity: clients ask again for parts of it, and walking them anew is most of a scan.
    _made: dict[int, Value] = field(default_factory=dict)
    # What was met that not every fact of the run would meet alike: parameters, references that lead back to
    # themselves until they are done, and None for what was cut short.
    _met: list[_Key | None] = field(default_factory=list)

    def __call__(self, value: Value) -> Value:
        """The value with everything replaced that is known."""
        self._steps = 0
        return self._value(value, 0)

    def files(self, pattern: str) -> tuple[SourceFile, ...]:
        """The project's files whose base name matches the pattern, nearest first."""
        return self.project.named(pattern, self.path)

    def holding(self, needle: bytes) -> tuple[SourceFile, ...]:
        """The project's host files that hold these bytes."""
        return self.project.files_holding(needle)

    def modules_holding(self, needle: bytes) -> tuple[Module, ...]:
        """The modules of this language's files that hold these bytes."""
        return self.project.modules_holding(needle, self.path)

    def declared(self, name: str) -> Value | None:
        """What another file of the language declares at its top by that name, resolved."""
        found = self.project.declared(name, self.path)
        return None if found is None else self._value(found, 0)

    def _value(self, value: Value, depth: int) -> Value:
        if isinstance(value, _TRIVIAL) or id(value) in self._made:
            return value
        known = self._resolved(value, depth)
        if known is not value and isinstance(known, _PUT_TOGETHER):
            self._made[id(known)] = known
        return known

    def _resolved(self, value: Value, depth: int) -> Value:  # noqa: C901, PLR0911 - one arm for each kind of value
        self._steps += 1
        if depth > DEEPEST or self._steps > MOST_STEPS:
            self._met.append(None)
            return value
        match value:
            case Name():
                return self._name(value, depth)
            case Member():
                return self._member(value, depth)
            case Call():
                return self._call(value, depth)
            case Join(parts, tag, offset):
                return Join(tuple(self._part(part, tag, depth) for part in parts), tag, offset)
            case Record():
                return spread_out(value, lambda one: self._value(one, depth + 1))
            case Sequence(items, complete, offset):
                return Sequence(tuple(self._value(item, depth + 1) for item in items), complete, offset)
            case Choice(options, _, True):
                return self._first(options, depth)
            case Choice():
                return self._choice(value, depth)
            case Param():
                return self._param(value)
            case Import():
                return self._import(value, depth)
            case Text() | Constant() | Opaque() | Class() | Lambda():
                return value

    def _name(self, name: Name, depth: int) -> Value:
        key = self._name_key(name)
        if (cached := self._cached(key)) is not None:
            return cached
        module = self.project.module(name.path or self.path)
        found = module.lookup(name.name, name.offset) if module is not None else None
        found = found or self.project.declared(name.name, name.path or self.path)
        return name if found is None else self._once(key, name, found, depth)

    def _cached(self, key: _Key) -> Value | None:
        found = self._known.get(key)
        if found is not None:
            self._met += found[1]  # what is made of it depends on the same
            return found[0]
        return self.project.known.get(key)

    def _once(self, key: _Key, name: Value, found: Value, depth: int) -> Value:
        """What a reference leads to; the reference itself when it leads back to itself."""
        if key in self._active:
            self._met.append(key)
            return name
        self._active.add(key)
        before = len(self._met)
        known = self._value(found, depth + 1)
        self._active.discard(key)
        met = tuple(one for one in dict.fromkeys(self._met[before:]) if one != key)
        self._met[before:] = met
        if met:
            self._known[key] = known, met
        else:  # it depends on no parameter and was not cut short: the same for every fact of the run
            self.project.known[key] = known
        return known

    def _member(self, value: Member, depth: int) -> Value:
        return self._member_of(self._value(value.object, depth + 1), value, depth)

    def _member_of(self, owner: Value, value: Member, depth: int) -> Value:
        """The member of an owner that is resolved already."""
        if isinstance(owner, Choice):
            members = [self._member_of(one, value, depth + 1) for one in owner.options]
            return self._one_of(members, complete=owner.complete)
        if isinstance(owner, Import) and owner.name is None:
            found = self._import(replace(owner, name=value.name), depth + 1)
            is_item = isinstance(found, Import) and found.name is not None  # not a module inside of the module
            return Member(owner, value.name, value.offset) if is_item else found
        if isinstance(owner, Lambda) and value.name in {"bind", "call"}:
            return owner
        known = self._attribute(owner, value.name, depth)
        if known is None:
            return Member(owner, value.name, value.offset)
        # What a resolved record or list holds is resolved; to walk it again for each member costs most of a scan.
        return known if isinstance(owner, Record | Sequence) else self._value(known, depth + 1)

    def _attribute(self, owner: Value, name: str, depth: int) -> Value | None:
        known = member(owner, name)
        if known is not None or depth > DEEPEST:
            return known
        match owner:
            case Param(type=type_) if type_ is not None:
                return self._attribute(self._value(type_, depth + 1), name, depth + 1)
            case Call():
                return self._field(owner, name, depth)
            case Class():
                return self._inherited(owner, name, depth)
            case _:
                return None

    def _field(self, made: Call, name: str, depth: int) -> Value | None:
        """A field of what a call of a type makes."""
        given = next((value for key, value in made.keywords if key == name), None)
        if isinstance(made.callee, Opaque):
            return given if made.callee.source.startswith("struct") else None  # without a name, of Go
        if not isinstance(made.callee, Class):
            return None
        language = language_of(made.callee.path or "")
        is_field = given is not None and language is not None and language.fields_given
        return given if is_field else self._attribute(made.callee, name, depth)

    def _inherited(self, owner: Class, name: str, depth: int) -> Value | None:
        """A member of a class that its body does not hold: of its own all the same, or of a base."""
        language = language_of(owner.path or "")
        if language is not None and language.functions_apart:
            module = self.project.module(owner.path or "")
            function = module.exported(f"{owner.name}.{name}") if module is not None else None
            if function is not None:
                return function
        for base in owner.bases[:4]:
            inherited = self._value(base, depth + 1)
            if isinstance(inherited, Class) and (inherited.path, inherited.offset) != (owner.path, owner.offset):
                known = self._attribute(inherited, name, depth + 1)
                if known is not None:
                    return known
        apart = language is not None and language.methods_apart
        return self.project.declared(f"{owner.name}.{name}", owner.path or self.path) if apart else None

    def _entered(self, call: Call, owner: Value, depth: int) -> Value:
        """`row[key] = value`, which says nothing of what is no record."""
        known = self._value(owner, depth + 1)
        options = known.options if isinstance(known, Choice) else (known,)
        options = tuple(Record(()) if one == Sequence((), offset=getattr(one, "offset", 0)) else one for one in options)
        if not any(isinstance(one, Record) for one in options):
            return known
        args = tuple(self._value(arg, depth + 1) for arg in call.args)
        made = tuple(fold(replace(call, callee=Member(one, "[]="), args=args)) for one in options)
        return Choice(made, known.complete) if isinstance(known, Choice) else made[0]

    def _call(self, call: Call, depth: int) -> Value:
        if isinstance(call.callee, Member) and call.callee.name == "[]=":
            return self._entered(call, call.callee.object, depth)
        callee = self._value(call.callee, depth + 1)
        args = tuple(self._value(arg, depth + 1) for arg in call.args)
        keywords = tuple((name, self._value(arg, depth + 1)) for name, arg in call.keywords)
        if ways := ways_of(callee, args):
            folded = tuple(fold(replace(call, callee=one, args=given, keywords=keywords)) for one, given in ways)
            if not any(isinstance(one, Call) for one in folded):
                given = callee if isinstance(callee, Choice) else args[0]
                return Choice(folded, not isinstance(given, Choice) or given.complete)
        if isinstance(callee, Lambda):
            found = self._applied(callee, args, keywords, depth)
            if found is not None:
                return found
        if isinstance(callee, Lambda):
            callee = call.callee  # nothing is known of what it returns
        maps = called(call) in _MAPS and isinstance(callee, Member | Choice)
        if maps and args and isinstance(args[0], Lambda):
            every = self._every(callee, args[0], depth)
            items = every if every is not None else (self._mapped(callee, args[0], depth),)
            return Sequence(items, complete=every is not None, offset=call.offset)
        if called(call) == "require" and len(args) == 1 and isinstance(args[0], Text):
            return self._required(Import(args[0].text, None, self._path_of(call)), depth)
        made = fold(Call(callee, args, keywords, call.offset, call.name_offset, call.end))
        return made if not isinstance(made, Call) else named_table(made, self) or made

    def _every(self, callee: Value, function: Lambda, depth: int) -> tuple[Value, ...] | None:
        """What a function makes of each item of a list that is wholly known."""
        owner = callee.object if isinstance(callee, Member) else None
        if not isinstance(owner, Sequence) or not owner.complete or not 0 < len(owner.items) <= MOST_ITEMS:
            return None
        made = [self._applied(function, (item,), (), depth) for item in owner.items]
        known = tuple(one for one in made if one is not None)
        return known if len(known) == len(made) else None

    def _mapped(self, callee: Value, function: Lambda, depth: int) -> Value:
        """What a function makes of any item of the list that its method is called on."""
        owner = callee.object if isinstance(callee, Member) else None
        if isinstance(owner, Param) and owner.type is not None:
            owner = self._value(owner.type, depth + 1)
        item = member(owner, "*") if isinstance(owner, Sequence) else None
        made = self._applied(function, (item,), (), depth) if item is not None else None
        return made if made is not None else self._value(function.result, depth + 1)

    def _required(self, module: Import, depth: int) -> Value:
        """What `require` gives: the module, or the one thing that `module.exports` was set to."""
        whole = self._import(replace(module, name="module.exports"), depth + 1)
        return module if isinstance(whole, Import) else whole

    def _path_of(self, call: Call) -> str:
        return (call.callee.path if isinstance(call.callee, Name) else None) or self.path

    def _applied(
        self, function: Lambda, args: tuple[Value, ...], keywords: tuple[tuple[str, Value], ...], depth: int
    ) -> Value | None:
        """What a call of one of the project's functions returns; None when that is not known."""
        if isinstance(function.result, Opaque):
            return None
        active = ("call", function.path, function.offset)
        if active in self._active:
            self._met.append(active)
            return None
        if (known := self.project.known.get(active)) is not None:
            return told(known)
        usual = {id(param.default) for param in function.params if param.default is not None}
        given = arguments(function.params, args, keywords)
        own = {key: self._value(one, depth + 1) if id(one) in usual else one for key, one in given.items()}
        inner = replace(self, given={**self.given, **own}, _known={}, _active=self._active | {active}, _met=[])
        inner._steps = self._steps  # noqa: SLF001 - another state of this same resolver
        found = inner._value(function.result, depth + 1)  # noqa: SLF001 - see above
        self._steps = inner._steps  # noqa: SLF001 - see above
        met = [met for met in dict.fromkeys(inner._met) if met != active]  # noqa: SLF001 - see above
        if not met:  # whatever it is given
            self.project.known[active] = found
        # On its own parameters it depends through the arguments, which have been met already.
        self._met += [one for one in met if one not in own]
        return told(found)

    def _first(self, options: tuple[Value, ...], depth: int) -> Value:
        """The first option that is there, as far as that is known."""
        left: list[Value] = []
        for option in options:
            known = self._value(option, depth + 1)
            if not is_absent(known) or (option is options[-1] and not left):
                left.append(known)
            if is_there(known):
                break
        return left[0] if len(left) == 1 else self._one_of(left, complete=True)

    def _choice(self, choice: Choice, depth: int) -> Value:
        known_of = partial(self._value, depth=depth + 1)
        options, complete = possible(choice, self.path, self.project, known_of)
        found = [known_of(option) for option in options]
        if all(isinstance(option, Import) for option in options):  # `export * from` several modules: one has the name
            own = [one for one, option in zip(found, options, strict=True) if one != option]
            return own[0] if own else options[0]
        return self._one_of(found, complete=complete)

    def _one_of(self, found: list[Value], *, complete: bool) -> Value:
        """One of several values that are resolved already, each of which may be one of several itself."""
        known: list[Value] = []
        for one in found:
            known += one.options if isinstance(one, Choice) else [one]
            complete = complete and (not isinstance(one, Choice) or one.complete)
        # A variable that may be what it was before is one of its other values.
        known = [one for one in known if not (isinstance(one, Name) and self._name_key(one) in self._active)] or known
        distinct: list[Value] = []
        for one in known:
            if one not in distinct:
                complete = complete and len(distinct) < MOST_OPTIONS
                distinct += [one] if len(distinct) < MOST_OPTIONS else []
        return distinct[0] if len(distinct) == 1 and complete else Choice(tuple(distinct), complete)

    def _name_key(self, name: Name) -> _Key:
        return "name", name.path or self.path, name.name, name.offset

    def _param(self, param: Param) -> Value:
        key = key_of(param)
        self._met.append(key)
        if key in self.given:
            return self.given[key]
        self.left[key] = param
        return param

    def _import(self, value: Import, depth: int) -> Value:
        """An export of another file of the project; the Import itself for a library."""
        key = ("import", value.path, value.module, value.name)
        if (cached := self._cached(key)) is not None:
            return cached
        found = self.project.exported(value, self.path)
        return value if found is None else self._once(key, value, found, depth)

    def _part(self, part: Value, tag: str | None, depth: int) -> Value:
        """A part of a string. A tagged template binds what it is given, unless that is SQL by its making."""
        if isinstance(part, Text):
            return part
        known = self._value(part, depth + 1)
        if tag is None or tag.rpartition(".")[2] in _PLAIN_TAGS or tag in _PLAIN_TAGS:
            return known
        match as_helper(part, known, tag) or known:
            case Join(tag=str()) | Call() as known if table_name(known) is None:
                return known
            case Choice(options) if all(isinstance(one, Join) and one.tag is not None for one in options):
                return known
            case Member(Import(), "empty"):
                return Text("")
            case _:
                named = table_name(known)
                hole = Opaque(source_of(part), getattr(part, "offset", 0))
                return hole if named is None else self._value(named, depth + 1)
