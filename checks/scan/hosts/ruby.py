"""Ruby files as modules: calls, string expressions, names and constants."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ..values import Call, Import, Member, Name
from .host import Host
from .nodes import extent_of, start
from .ruby_classes import CLASSES, METHODS, first_superclass, head_end, name_of, nesting, qualified
from .ruby_grammar import RUBY
from .ruby_heredocs import Heredocs
from .ruby_names import RubyNames
from .ruby_strings import RubyStrings
from .ruby_values import RubyLowering
from .scopes import choose

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Class, Value
    from .scopes import Extent

_OF_CLASS = frozenset({"table_name", "quoted_table_name"})  # methods that every model has
_READERS = ("@attr_reader", "@attr_accessor")


class RubyModule(Host):
    """One parsed Ruby file."""

    grammar = RUBY
    lowers = RubyLowering
    names = RubyNames
    reads = RubyStrings
    own = frozenset({"self", "this"})

    def __init__(self, file: SourceFile, text: str | None = None) -> None:
        """`text` is the file's text with all that is not of the language blanked out."""
        super().__init__(file, text)
        heredocs = Heredocs(self.tree)
        cast("RubyLowering", self.lowering).heredocs = heredocs
        cast("RubyStrings", self._strings).heredocs = heredocs

    @cached_property
    def _class_nodes(self) -> list[tuple[Extent, SgNode]]:
        return [(extent_of(node), node) for node in self.tree.find_all(*CLASSES)]

    @cached_property
    def _constants(self) -> dict[str, list[SgNode]]:
        """The nodes that give each constant its value, by its whole name: classes, modules, assignments."""
        found: dict[str, list[SgNode]] = {}
        for _, node in self._class_nodes:
            found.setdefault(name_of(node), []).append(node)
        for node in self.tree.find_all("assignment"):
            left = node.field("left")
            name = qualified(left) if left is not None else None
            if name is not None and not any(a.kind() in METHODS for a in node.ancestors()):
                found.setdefault("::".join([*nesting(node), name]), []).append(node)
        return found

    def _constant(self, name: str) -> Value | None:
        nodes = self._constants.get(name)
        if not nodes:
            return None
        classes = [node for node in nodes if node.kind() in CLASSES]
        if classes:
            return self.lowering.class_(first_superclass(classes))
        return self.lowering.lowered(nodes[-1].field("right"))

    @cached_property
    def _methods(self) -> list[Extent]:
        return [extent for extent, node in self._functions if node.kind() in METHODS]

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; a constant of another file is an Import of the modules around."""
        if name in self.own:
            return self.class_at(offset)
        if name[:1].isupper():
            return self._constant_at(name, offset)
        found = choose(self.naming.bindings(name), offset, lambda: self._methods)
        if found is None and name.startswith("@"):
            return choose(self.naming.bindings(name), len(self.code), list)
        if found is None and name in _OF_CLASS and self.class_at(offset) is not None:
            begin = offset
            return Call(Member(Name("self", begin, self.file.path), name, begin), (), (), begin, begin, begin)
        return found if found is not None else self._read(name, offset)

    def _constant_at(self, name: str, offset: int) -> Value | None:
        around = self._around(offset)
        inside = [f"{outer}::{name}" for outer in around]
        known = next((value for one in (*inside, name) if (value := self._constant(one)) is not None), None)
        if known is not None or not around:
            return known
        return Import(around[0], name, self.file.path)

    def _around(self, offset: int) -> tuple[str, ...]:
        """The whole names of the classes and modules around a place, innermost first."""
        around = [node for (_, end), node in self._class_nodes if head_end(node) <= offset < end]
        return tuple(name_of(node) for node in reversed(around))

    def _read(self, name: str, offset: int) -> Value | None:
        """What `attr_reader :name` of the class around gives."""
        if "attr_" not in self.code or (owner := self.class_at(offset)) is None:
            return None
        given = [value for key, value in owner.body if key in _READERS and isinstance(value, Call)]
        is_read = any(getattr(arg, "text", None) == name for call in given for arg in call.args)
        return Name(f"@{name}", offset, self.file.path) if is_read else None

    def class_at(self, offset: int) -> Class | None:
        """The innermost class or module that holds this offset."""
        around = [node for (begin, end), node in self._class_nodes if begin <= offset < end]
        return self.lowering.class_(around[-1]) if around else None

    def exported(self, name: str) -> Value | None:
        """What another file gets when it means that constant, by its whole name, or that method of no class."""
        if name[:1].isupper():
            return self._constant(name)
        return None

    def function_around(self, offset: int) -> tuple[Extent, SgNode] | None:
        """The innermost method that holds this offset, with its extent."""
        around = [pair for pair in self._functions if pair[0][0] <= offset < pair[0][1] and pair[1].kind() in METHODS]
        return min(around, key=lambda pair: pair[0][1] - pair[0][0], default=None)

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name; a method that is given nothing is called by its name alone."""
        holder = name.parent()
        if holder is None or holder.kind() != "call" or holder.field("method") != name:
            return None
        return holder if start(holder) <= start(name) else None
