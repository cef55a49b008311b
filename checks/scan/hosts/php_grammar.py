"""PHP as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import Branching, Grammar, kinds
from .nodes import items

if TYPE_CHECKING:
    from ast_grep_py import SgNode

PHP = Grammar(
    name="php",
    identifiers=("variable_name", "name", "qualified_name"),
    literals=("string", "encapsed_string", "heredoc", "nowdoc"),
    functions=kinds("function_definition method_declaration anonymous_function arrow_function"),
    classes=kinds("class_declaration trait_declaration interface_declaration enum_declaration anonymous_class"),
    transparent=kinds(
        "parenthesized_expression cast_expression error_suppression_expression argument clone_expression"
    ),
    constants={"null": None},
    numbers=kinds("integer float"),
    members={
        "member_access_expression": ("object", "name"),
        "nullsafe_member_access_expression": ("object", "name"),
        "scoped_property_access_expression": ("scope", "name"),
    },
    calls={"function_call_expression": ("function", "arguments")},
    methods={
        "member_call_expression": ("object", "name", "arguments"),
        "nullsafe_member_call_expression": ("object", "name", "arguments"),
        "scoped_call_expression": ("scope", "name", "arguments"),
    },
    joins=frozenset({"binary_expression"}),
    joining=frozenset({"."}),
    augmented=frozenset({"augmented_assignment_expression"}),
    lists=frozenset({"array_creation_expression"}),
    arguments=frozenset({"arguments"}),
    assignments={"assignment_expression": ("left", "right"), "augmented_assignment_expression": ("left", "right")},
    conditions=kinds(
        "if_statement else_if_clause else_clause for_statement foreach_statement while_statement do_statement "
        "case_statement default_statement catch_clause"
    ),
    branches=kinds("if_statement else_if_clause else_clause case_statement default_statement"),
    chain=kinds("if_statement else_if_clause else_clause switch_block switch_statement"),
    branchings={
        "if_statement": Branching(body="body"),
        "else_if_clause": Branching(body="body"),
        "conditional_expression": Branching(body="body"),
    },
    exits=kinds("return_statement throw_expression throw_statement continue_statement break_statement"),
    through=kinds("arguments argument array_creation_expression array_element_initializer heredoc_body"),
    wrapping=kinds("sprintf vsprintf implode join trim ltrim rtrim strtr str_replace preg_replace raw nl2br"),
    no_code=kinds("expression_statement"),
    comparisons=frozenset({"binary_expression"}),
    comparing=kinds("== === != !== <>"),
    asserting=kinds(
        "assertSame assertEquals assertStringContainsString assertStringNotContainsString assertStringStartsWith "
        "assertStringEndsWith assertMatchesRegularExpression assertNotSame assertContains assertEqualsIgnoringCase "
        "str_contains str_starts_with str_ends_with strpos stripos preg_match preg_match_all toBe toContain "
        "toEqual toStartWith toMatch expectExceptionMessage expectExceptionMessageMatches"
    ),
    statements=("_statement", "_declaration", "_definition"),
)


def arguments_of(node: SgNode) -> SgNode | None:
    """The arguments of a `new`, which the grammar has in no field."""
    return next((child for child in node.children() if child.kind() == "arguments"), None)


def dotted(name: str) -> str:
    """A name of a namespace with dots, as values have it."""
    return name.strip("\\").replace("\\", ".")


def plain(variable: SgNode) -> str:
    """The name of a variable without its dollar."""
    return variable.text().lstrip("$")


def part_of(element: SgNode) -> tuple[SgNode | None, SgNode | None]:
    """Key and value of an item of an array; no key where it has none."""
    inner = items(element)
    keyed = any(child.kind() == "=>" for child in element.children())
    if keyed and len(inner) == 2:  # noqa: PLR2004 - key and value
        return inner[0], inner[1]
    return None, inner[0] if inner else None
