"""Rust files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from ast_grep_py import SgRoot

from ..values import Call, Choice, Class, Import, Name, Param, Sequence, Text
from .host import Host
from .nodes import extent_of, start
from .rust_grammar import RUST
from .rust_macros import as_calls
from .rust_names import RustNames
from .rust_strings import RustStrings
from .rust_values import RustLowering, written
from .scopes import choose

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Value
    from .scopes import Extent

_OWN = frozenset({"self", "Self", "this"})


class RustModule(Host):
    """One parsed Rust file."""

    grammar = RUST
    lowers = RustLowering
    names = RustNames
    reads = RustStrings
    own = frozenset()

    def __init__(self, file: SourceFile) -> None:
        code, macros = as_calls(file.text, lambda text: SgRoot(text, RUST.name).root())
        super().__init__(file, code)
        cast("RustLowering", self.lowering).macros = macros
        self._owners: dict[int, Class] = {}

    @cached_property
    def _rust(self) -> RustNames:
        return cast("RustNames", self.naming)

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; "self" the type whose impl the offset is in."""
        if name in _OWN:
            return self._own_type(offset)
        leads = self.code.startswith("::", offset + len(name))  # to a module or type, which no variable hides
        known = [one for one in self.naming.bindings(name) if one.hoisted or not leads]
        found = choose(known, offset, lambda: self._extents, outward=True)
        if found is not None:
            return found
        globs = self._rust.from_globs(name)
        if not leads:
            return globs
        module = Import(name, None, self.file.path)
        if globs is None:
            return module
        return Choice((module, *(globs.options if isinstance(globs, Choice) else (globs,))))

    def _own_type(self, offset: int) -> Value | None:
        around = [impl for (begin, end), impl in self._impls if begin <= offset < end]
        if not around:
            return None
        begin = start(around[-1])
        if begin not in self._owners:
            self._owners[begin] = self._owner_of(around[-1])
        return self._owners[begin]

    @cached_property
    def _impls(self) -> list[tuple[Extent, SgNode]]:
        return [(extent_of(node), node) for node in self.tree.find_all("impl_item")]

    def _owner_of(self, impl: SgNode) -> Class:
        name, at = self._rust.owner_name(impl), start(impl)
        found = choose(self.naming.bindings(name), at, list)
        # Several impls may have a `type Form`: that of this one counts, and `member` takes the last.
        own = self._rust.of_impl(impl)
        if isinstance(found, Class):
            return replace(found, body=(*found.body, *own))
        bases = (found,) if found is not None else ()
        return Class(name, bases, (*self._rust.impls_of(name), *own), (("impl", Text(name)),), at, self.file.path)

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, also one with types between the name and the arguments."""
        callee, holder = name, name.parent()
        while holder is not None and holder.kind() in {"field_expression", "scoped_identifier", "generic_function"}:
            fields = self.grammar.members.get(holder.kind())
            if holder.field(fields[1] if fields is not None else "function") != callee:
                return None
            callee, holder = holder, holder.parent()
        is_call = holder is not None and holder.kind() == "call_expression"
        return holder if is_call and holder is not None and holder.field("function") == callee else None

    def text_of(self, node: SgNode) -> Value:
        """The value of an outermost string expression; of `write!(s, ..)` what `s` then holds."""
        made = super().text_of(node)
        match made:
            case Call(Name("write!" | "writeln!"), (Name(name, offset), *_)):
                before = self.lookup(name, offset)
                known = before is not None and not isinstance(before, Param)
                return written(Name(name, made.offset, self.file.path), made) if known else made
            case _:
                return made

    def exported(self, name: str) -> Value | None:
        """What another file means by that name of this module.

        "*" gives the modules of which all names are imported, "name!" the one table that a macro declares anywhere.
        """
        if name.endswith("!"):
            return self._rust.table_named(name[:-1])
        if name == "*":
            return Sequence(tuple(Text(module) for module in self._rust.globs_of()))
        end = len(self.file.text)
        found = choose(self.naming.bindings(name), end, list)
        return None if found is None else Name(name, end, self.file.path)
