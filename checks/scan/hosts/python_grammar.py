"""Python as a table."""

from __future__ import annotations

from .grammar import Branching, Grammar, kinds

PYTHON = Grammar(
    name="python",
    identifiers=("identifier",),
    literals=("string",),
    functions=frozenset({"function_definition", "lambda"}),
    classes=frozenset({"class_definition"}),
    transparent=kinds("parenthesized_expression await named_expression type"),
    constants={"true": True, "false": False, "none": None},
    numbers=frozenset({"integer", "float"}),
    members={"attribute": ("object", "attribute")},
    calls={"call": ("function", "arguments")},
    joins=frozenset({"binary_operator"}),
    augmented=frozenset({"augmented_assignment"}),
    lists=kinds("list tuple set expression_list"),
    arguments=frozenset({"argument_list"}),
    assignments={"assignment": ("left", "right"), "augmented_assignment": ("left", "right")},
    conditions=kinds("if_statement elif_clause else_clause for_statement while_statement except_clause case_clause"),
    branches=kinds("if_statement elif_clause else_clause"),
    chain=kinds("elif_clause else_clause if_statement"),
    branchings={
        "if_statement": Branching(),
        "elif_clause": Branching(),
        "conditional_expression": Branching(test=1, body=0),
    },
    through=kinds("argument_list list tuple attribute interpolation keyword_argument"),
    wrapping=kinds("SQL text dedent cleandoc format join strip lstrip rstrip Composed str"),
    appending=kinds("append extend update add insert"),
    comparisons=frozenset({"comparison_operator", "assert_statement"}),
    asserting=kinds(
        "assertEqual assertEquals assertIn assertNotIn assertMultiLineEqual assertRegex startswith "
        "endswith assert_called_with assert_called_once_with assert_any_call match search compile"
    ),
    statements=("_statement", "assignment", "block"),
)
