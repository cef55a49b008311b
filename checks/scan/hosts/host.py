"""A parsed file of any host language as a module: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from ..literals import place_of
from ..model import Function
from ..values import Call, Name
from .guards import Guards
from .lowering import Lowering
from .meeting import Meeting
from .naming import Names
from .nodes import extent_of, start
from .scopes import choose
from .strings import Strings
from .told import COMPARED
from .tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ast_grep_py import SgNode

    from ...model import Met
    from ..model import Result, SourceFile
    from ..values import Class, Guard, Value
    from .grammar import Grammar
    from .scopes import Extent


class Host:
    """One parsed file; a language gives its table and, where that does not do, its own three readers."""

    grammar: Grammar
    lowers: type[Lowering] = Lowering
    names: type[Names] = Names
    reads: type[Strings] = Strings
    own: frozenset[str] = frozenset({"this", "self"})  # names of the object that a method belongs to

    def __init__(self, file: SourceFile, text: str | None = None) -> None:
        """`text` is the file's text with all that is not of the language blanked out."""
        self.file = file
        self.code = file.text if text is None else text
        table = self.grammar
        self.tree = Tree(
            self.code, table.name, names=table.identifiers, literals=table.literals, functions=table.functions
        )
        self.root = self.tree.root
        self.lowering = self.lowers(table, self.code, file.path)
        self.naming = self.names(table, self.tree, self.lowering)
        self.lowering.function_of = self.naming.function
        self._strings = self.reads(table, self.tree, self.lookup)
        self._parts: set[int | None] = set()
        self._not_run: dict[int | None, str] = {}
        self._prepared: set[int | None] = set()

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name is in `names`, in source order."""
        found = {extent_of(node): node for node in self.named(names)}
        for _, node in sorted(found.items(), key=lambda item: item[0]):
            call = self.call_of(node)
            lowered = self.lowering.lower(call) if call is not None else None
            if isinstance(lowered, Call):
                yield lowered

    def named(self, names: frozenset[str]) -> list[SgNode]:
        """The nodes that name one of these."""
        return [node for name in names for node in self.tree.named(name)]

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, None when the name is not called."""
        table, callee, holder = self.grammar, name, name.parent()
        if holder is not None and holder.kind() in table.methods:
            return holder if holder.field(table.methods[holder.kind()][1]) == name else None
        while holder is not None and (holder.kind() in table.members or holder.kind() in table.transparent):
            fields = table.members.get(holder.kind())
            if fields is not None and holder.field(fields[1]) != callee:
                return None
            callee, holder = holder, holder.parent()
        is_call = holder is not None and holder.kind() in table.calls
        return holder if is_call and holder and holder.field(table.calls[holder.kind()][0]) == callee else None

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """Every outermost string expression of which a literal piece matches `pattern`, in source order."""
        for node, part in self._strings.outermost(pattern):
            value = self.text_of(node)
            place = place_of(value)
            self._parts.update({place} if part else ())
            if (why := self.why_not_run(node)) is not None:
                self._not_run[place] = why
            self._prepared.update({place} if self._strings.is_prepared(node) else ())
            yield value

    def text_of(self, node: SgNode) -> Value:
        """The value of an outermost string expression."""
        return self.lowering.lower(node)

    def is_part(self, offset: int) -> bool:
        """Whether the string that `strings` has yielded from there is only ever a part of longer ones."""
        return offset in self._parts

    def why_not_run(self, node: SgNode) -> str | None:
        """Why a string expression is not executed: it is only compared, or for people."""
        if self._strings.is_compared(node) or self._strings.is_expected(node):
            return COMPARED
        return self._strings.told(node)

    def not_run(self, offset: int) -> str | None:
        """Why the string that `strings` has yielded from there is not executed."""
        return self._not_run.get(offset)

    def is_prepared(self, offset: int) -> bool:
        """Whether an object keeps what is made of the string that `strings` has yielded from there."""
        return offset in self._prepared

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there."""
        if name in self.own and (owner := self.class_at(offset)) is not None:
            return owner
        return choose(self.naming.bindings(name), offset, lambda: self._extents)

    def class_at(self, offset: int) -> Class | None:
        """The innermost class that holds this offset."""
        kinds = self.grammar.classes
        around = [n for n in self.tree.find_all(*kinds) if extent_of(n)[0] <= offset < extent_of(n)[1]] if kinds else []
        return self.lowering.class_(around[-1]) if around else None

    def exported(self, name: str) -> Value | None:
        """What another file gets when it means that name of this one: what it is bound to at the top, at the end."""
        end = len(self.file.text)
        found = choose(self.naming.bindings(name), end, lambda: self._extents)
        return None if found is None else Name(name, end, self.file.path)

    @cached_property
    def _functions(self) -> list[tuple[Extent, SgNode]]:
        return [(extent_of(node), node) for node in self.tree.functions()]

    @cached_property
    def _extents(self) -> list[Extent]:
        return [extent for extent, _ in self._functions]

    def function_around(self, offset: int) -> tuple[Extent, SgNode] | None:
        """The innermost function that holds this offset, with its extent."""
        around = [(extent, node) for extent, node in self._functions if extent[0] <= offset < extent[1]]
        return min(around, key=lambda pair: pair[0][1] - pair[0][0], default=None)

    def function_at(self, offset: int) -> Function | None:
        """The innermost function that holds this offset, as its name and parameters."""
        found = self.function_around(offset)
        if found is None:
            return None
        extent, node = found
        return Function(self.naming.function_name(node), self.naming.params(node), *extent)

    def guards(self, offset: int) -> tuple[Guard, ...]:
        """What is the case wherever that place of a function is reached."""
        around = [(extent, node) for extent, node in self._functions if extent[0] <= offset < extent[1]]
        outermost = max(around, key=lambda pair: pair[0][1] - pair[0][0], default=None)
        return Guards(self.grammar, self.lowering, self.naming).at(outermost[1], offset) if outermost else ()

    def answers_to(self, pattern: str, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """What runs only when something is alike a string that matches, or a name."""
        found = [*self.tree.literals(pattern), *self.named(names)]
        for node in sorted(found, key=start):
            extent = Guards(self.grammar, self.lowering, self.naming).decided(node)
            if extent is not None:
                yield start(node), *extent

    def met(self, lookup: int, insert: Extent, until: int, others: Sequence[int] = ()) -> Met:
        """What is done about a row that another session makes between a lookup and an INSERT."""
        return self._meeting.met(lookup, insert, until, others)

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """Whether a statement by a key may be followed by an INSERT of that row."""
        return self._meeting.leads(lookup, insert, asked=asked, same=same)

    @cached_property
    def _meeting(self) -> Meeting:
        return Meeting(self.grammar, self.root, Guards(self.grammar, self.lowering, self.naming))

    def result_of(self, name: str, offset: int) -> Result | None:
        """What is done with the result of a call, in languages that say."""
        listed = chain(self.tree.named(name), self._other_names(name))
        named = next((node for node in listed if start(node) == offset), None)
        call = self.call_of(named) if named is not None else None
        return self.read_result(call) if call is not None else None

    def _other_names(self, name: str) -> Iterator[SgNode]:
        """What names a call besides identifiers; it is looked for only when they do not."""
        yield from self.named(frozenset({name}))

    def read_result(self, call: SgNode) -> Result | None:
        """What is done with the result of a call; not read unless the language says how."""
        del call
        return None
