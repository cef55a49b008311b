"""What the statements of a module of JavaScript export, read once: many files ask the same one for many names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode


@dataclass(frozen=True, slots=True)
class Export:
    """One export statement. `module`: what it exports from; `local`: names in this file, by those that others see.

    `default` is what `export default` gives: a value, or the name of a declaration. `pattern`: it may declare any name,
    `star`: it gives all names of `module`, `space`: those as members of this name.
    """

    module: str | None
    local: dict[str, str]
    default: SgNode | str | None = None
    pattern: bool = False
    star: bool = False
    space: str | None = None


def exports_of(root: SgNode) -> list[Export]:
    """Every export statement of a module, in order."""
    return [_export(statement) for statement in root.find_all(kind="export_statement")]


def _export(statement: SgNode) -> Export:
    declared, source = statement.field("declaration"), statement.field("source")
    children = {child.kind(): child for child in statement.children()}
    named = dict(_specified(children["export_clause"])) if "export_clause" in children else {}
    is_default = "default" in children
    names = [*_declared(declared)] if declared is not None and not is_default else []
    space = children.get("namespace_export")
    return Export(
        module=source.text()[1:-1] if source is not None else None,
        local={**named, **{name: name for name in names}},
        default=_default(statement, declared) if is_default else None,
        pattern=any("{" in name for name in names),
        star="*" in children,
        space=space.text().split()[-1] if space is not None else None,
    )


def _default(statement: SgNode, declared: SgNode | None) -> SgNode | str | None:
    value = statement.field("value")
    own = declared.field("name") if declared is not None else None
    return value if value is not None else own.text() if own is not None else None


def _specified(clause: SgNode) -> Iterator[tuple[str, str]]:
    for specifier in reversed(clause.find_all(kind="export_specifier")):  # the first of a name counts
        local, alias = specifier.field("name"), specifier.field("alias")
        if local is not None:
            yield (alias or local).text(), local.text()


def _declared(declaration: SgNode) -> Iterator[str]:
    """The names that a declaration gives, a pattern as it is written."""
    own = declaration.field("name")
    if own is not None:
        yield own.text()
        return
    for declarator in declaration.children():
        name = declarator.field("name") if declarator.kind() == "variable_declarator" else None
        if name is not None:
            yield name.text()
