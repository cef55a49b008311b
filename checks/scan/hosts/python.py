"""Python files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..values import Choice, Import, Name
from .host import Host
from .nodes import extent_of
from .python_grammar import PYTHON
from .python_names import PythonNames
from .python_results import result_of
from .python_strings import PythonStrings
from .python_values import PythonLowering
from .scopes import choose

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..model import Result
    from ..values import Class, Value


class PythonModule(Host):
    """One parsed Python file."""

    grammar = PYTHON
    lowers = PythonLowering
    names = PythonNames
    reads = PythonStrings
    own = frozenset({"self", "cls"})

    def read_result(self, call: SgNode) -> Result:
        """What is done with the result of a call."""
        return result_of(call)

    @cached_property
    def _stars(self) -> tuple[str, ...]:
        """The modules whose names are all imported (`from x import *`)."""
        found = self.root.find_all(kind="wildcard_import")
        modules = [holder.field("module_name") for node in found if (holder := node.parent()) is not None]
        return tuple(module.text() for module in modules if module is not None)

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there, also by `from x import *`."""
        found = super().lookup(name, offset)
        return found if found is not None or name not in self.file.text else self._starred(name)

    def class_at(self, offset: int) -> Class | None:
        """The class of the method that holds this offset."""
        around = self.function_around(offset)
        if around is None or not self.naming.is_inside_method(around[1]):
            return None
        owner = next((a for a in around[1].ancestors() if a.kind() in self.grammar.classes), None)
        return self.lowering.class_(owner) if owner is not None else None

    def exported(self, name: str) -> Value | None:
        """What another file gets when it imports that name."""
        end = len(self.file.text)
        found = choose(self.naming.bindings(name), end, lambda: [extent_of(node) for node in self.tree.functions()])
        if found is not None:
            return Name(name, end, self.file.path) if not isinstance(found, Import) else found
        return self._starred(name)

    def _starred(self, name: str) -> Value | None:
        stars = tuple(Import(module, name, self.file.path) for module in self._stars)
        return None if not stars else stars[0] if len(stars) == 1 else Choice(stars)
