"""The calls of a project's own function, and what each gives to its parameters."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from .languages import language_of
from .parameters import arguments
from .resolve import Resolver
from .values import Call, Choice, Class, Import, Lambda, Member, Name, Param

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Module
    from .parameters import ParamKey
    from .project import Project
    from .values import Value

_OPENING = r"\s*[(<\[{`?!.:/]"  # what may follow the name in a call: brackets, types, a template, `?.`, a comment
_OVERRIDES = re.compile(r"\boverride\b|@Override\b")
# Methods that many classes have: without a known receiver such a call is anybody's.
_COMMON = frozenset({
    "upsert", "insert", "save", "update", "query", "execute", "run", "create", "add", "set", "put", "write", "store",
    "get",    "call", "apply", "exec", "init", "__init__", "constructor", "build", "send", "handle",
})  # fmt: skip
_MIXING = frozenset({"@include", "@extend", "@prepend"})
_MOST_MIXED = 3  # modules in modules


def callers_of(
    project: Project, wrapper: Param, left: Iterable[Param], most: int, *, asked: bool
) -> Iterator[tuple[str, Call, dict[ParamKey, Value], dict[ParamKey, Param]]]:
    """Each call of the wrapper's function: its file, the call, its resolved arguments, and the parameters in them.

    `asked`: only the calls in what the run was asked for.
    """
    params = _params(project, wrapper) or tuple(
        p for p in left if p.offset == wrapper.offset and p.path == wrapper.path
    )
    key = wrapper.path, wrapper.offset
    if key not in project.calls:
        found = ((path, call) for path in _calling(project, wrapper) for call in _calls(project, path, wrapper))
        project.calls[key] = tuple(islice(found, most))
        if next(found, None) is not None:
            project.many.add(key)
            project.fail(
                wrapper.path or "", f'"{wrapper.function}" has more than {most} calls, the others are not read'
            )
    for path, call in project.calls[key]:
        if asked and not project.tree.is_asked(path):
            continue
        resolver = Resolver(project, path)
        args = tuple(resolver(arg) for arg in call.args)
        keywords = tuple((name, resolver(arg)) for name, arg in call.keywords)
        yield path, call, arguments(params, args, keywords), resolver.left


def _calling(project: Project, wrapper: Param) -> Iterator[str]:
    """The files that may call the function, by their bytes; parsing those that only hold its name is most of a scan."""
    name, paths, language = wrapper.function, project.related(wrapper.path or ""), language_of(wrapper.path or "")
    ends = "" if language is not None and language.bare_calls else _OPENING
    pattern = re.compile(rf"{re.escape(name)}(?<!\w{re.escape(name)})(?!\w){ends}".encode())

    def may_call(path: str) -> bool:
        data = project.data(path)
        return name.encode() in data and pattern.search(data) is not None

    spoken = language.name if language is not None else ""
    return project.seeming(f"calls {spoken} {name}{ends}", paths, may_call)


def is_doubtful(project: Project, wrapper: Param) -> bool:
    """Whether the function may have calls besides those that were found: too many, or by a common name alone."""
    key = wrapper.path, wrapper.offset
    return key in project.many or any(name == wrapper.function for name, _ in project.unsure.values())


def _params(project: Project, wrapper: Param) -> tuple[Param, ...]:
    module = project.module(wrapper.path) if wrapper.path is not None else None
    function = module.function_at(wrapper.offset) if module is not None else None
    return function.params if function is not None and function.offset == wrapper.offset else ()


def _calls(project: Project, path: str, wrapper: Param) -> Iterator[Call]:
    module, defining = project.module(path), project.module(wrapper.path or path)
    if module is None or defining is None:
        return
    for call in module.calls(frozenset({wrapper.function})):
        fits = _fits(project, call, wrapper) and _may_be_owned(module, call, defining, wrapper)
        reached = _is_of(project, path, call, wrapper, defining) if fits else False
        if reached:
            yield call
        elif reached is None:
            project.unsure[path, call.name_offset] = (wrapper.function, call.end)


def _is_of(project: Project, path: str, call: Call, wrapper: Param, defining: Module) -> bool | None:
    """Whether the call reaches the wrapper's function; None when it may, by a name alone that others have too."""
    resolver = Resolver(project, path)
    match call.callee:
        case Name():
            return _is_meant(resolver(call.callee), wrapper, call) or _is_mixed_in(resolver, project, call, wrapper)
        case Member(owner, name):
            receiver = resolver(owner)
            if isinstance(receiver, Import):
                return _same(resolver(call.callee), wrapper)
            if isinstance(receiver, Param) and receiver.type is not None:
                receiver = resolver(receiver.type)
            made = receiver.callee if isinstance(receiver, Call) else receiver
            if isinstance(made, Class):
                own = _is_meant(resolver(call.callee), wrapper, call) or _holds(project, made, wrapper)
                return own or _implements(project, made, wrapper) or _mixes_in(made, wrapper, resolver, project, 0)
            inherited = isinstance(made, Member) and isinstance(made.object, Class)  # `Model.objects`, a library's
            if inherited or not isinstance(made, (Name, Param, Member)) or project.is_of_library(made, path):
                return False
            return None if name.lower() in _COMMON or _overrides(defining, wrapper) else True
        case _:
            return False


def _overrides(defining: Module, wrapper: Param) -> bool:
    """Whether the function says that other types have one of its name."""
    text = defining.file.text
    return _OVERRIDES.search(text, wrapper.offset, max(text.find(wrapper.function, wrapper.offset), 0)) is not None


def _may_be_owned(module: Module, call: Call, defining: Module, wrapper: Param) -> bool:
    """Whether the function can be what is called: one of Go that is no method is a member of its package alone."""
    if not isinstance(call.callee, Member) or defining.file.language != "go":
        return True
    owner = call.callee.object
    of_package = isinstance(owner, Name) and isinstance(module.lookup(owner.name, owner.offset), Import)
    return of_package or defining.lookup("this", wrapper.offset + 1) is not None


def _fits(project: Project, call: Call, wrapper: Param) -> bool:
    """Whether a function may take so many arguments, where several of one name differ in their parameters."""
    language = language_of(wrapper.path or "")
    if language is None or not language.overloads:
        return True
    params, given = _params(project, wrapper), len(call.args) + len(call.keywords)
    needed = sum(param.default is None and not param.rest for param in params)
    return not params or (needed <= given and (given <= len(params) or any(param.rest for param in params)))


def _is_meant(value: Value, wrapper: Param, call: Call) -> bool:
    """Whether a value is the function, or of several of its name the one that takes so many arguments."""
    if isinstance(value, Choice):
        given = len(call.args)
        return any(
            _same(one, wrapper) and isinstance(one, Lambda) and len(one.params) == given for one in value.options
        )
    return _same(value, wrapper)


def _implements(project: Project, owner: Class, wrapper: Param) -> bool:
    """Whether the function is a method of a class that says it implements that type."""
    module = project.module(wrapper.path) if wrapper.path is not None else None
    inside = module.lookup("this", wrapper.offset + 1) if module is not None else None
    if not isinstance(inside, Class) or wrapper.path is None:
        return False
    bases = (Resolver(project, wrapper.path)(base) for base in inside.bases)
    return any(isinstance(base, Class) and (base.path, base.offset) == (owner.path, owner.offset) for base in bases)


def _is_mixed_in(resolver: Resolver, project: Project, call: Call, wrapper: Param) -> bool:
    """Whether a call without a receiver reaches a method of Ruby that the class around it has from another."""
    module = project.module(resolver.path)
    around = module.lookup("self", call.offset) if module is not None and module.file.language == "ruby" else None
    return isinstance(around, Class) and _mixes_in(around, wrapper, resolver, project, 0)


def _mixes_in(owner: Class, wrapper: Param, resolver: Resolver, project: Project, depth: int) -> bool:
    """Whether a class of Ruby has the method from a module that it includes or extends, or from its superclass."""
    defining = project.module(wrapper.path) if wrapper.path is not None else None
    if defining is None or defining.file.language != "ruby" or depth > _MOST_MIXED:
        return False
    inside = defining.lookup("self", wrapper.offset + 1)
    mixed = [arg for key, value in owner.body if key in _MIXING and isinstance(value, Call) for arg in value.args]
    for one in (*mixed, *owner.bases):
        known = resolver(one)
        if isinstance(known, Class) and isinstance(inside, Class):
            same = known.path == inside.path and inside.name in {known.name, f"{known.name}::ClassMethods"}
            if same or _mixes_in(known, wrapper, resolver, project, depth + 1):
                return True
    return False


def _same(value: Value, wrapper: Param) -> bool:
    return isinstance(value, Lambda) and (value.path, value.offset) == (wrapper.path, wrapper.offset)


def _holds(project: Project, owner: Class, wrapper: Param) -> bool:
    """Whether the function is a method of that class."""
    module = project.module(owner.path) if owner.path is not None else None
    if module is None or owner.path != wrapper.path:
        return False
    inside = module.lookup("self" if module.file.language == "python" else "this", wrapper.offset + 1)
    return isinstance(inside, Class) and inside.offset == owner.offset
