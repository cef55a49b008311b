"""JavaScript and TypeScript as a table: the tsx and typescript grammars share their node kinds."""

from __future__ import annotations

from dataclasses import replace

from .grammar import Branching, Grammar, kinds

FUNCTIONS = kinds(
    "arrow_function function_expression function_declaration method_definition generator_function "
    "generator_function_declaration"
)

TYPESCRIPT = Grammar(
    name="typescript",
    identifiers=("identifier", "shorthand_property_identifier_pattern", "type_identifier", "property_identifier"),
    literals=("string", "template_string"),
    functions=FUNCTIONS,
    classes=kinds("class_declaration class abstract_class_declaration"),
    transparent=kinds(
        "parenthesized_expression as_expression satisfies_expression non_null_expression "
        "await_expression type_assertion"
    ),
    constants={"true": True, "false": False, "null": None},
    numbers=frozenset({"number"}),
    members={"member_expression": ("object", "property")},
    calls={"call_expression": ("function", "arguments"), "new_expression": ("constructor", "arguments")},
    joins=frozenset({"binary_expression"}),
    augmented=frozenset({"augmented_assignment_expression"}),
    lists=frozenset({"array"}),
    declarations={"variable_declarator": ("name", "value")},
    assignments={"assignment_expression": ("left", "right"), "augmented_assignment_expression": ("left", "right")},
    blocks=kinds("statement_block program for_statement for_in_statement switch_body catch_clause"),
    conditions=kinds(
        "if_statement else_clause for_statement for_in_statement while_statement do_statement "
        "switch_case switch_default catch_clause"
    ),
    branches=kinds("if_statement else_clause switch_case switch_default"),
    chain=kinds("else_clause if_statement switch_body switch_statement"),
    branchings={"if_statement": Branching(), "ternary_expression": Branching()},
    through=kinds("template_substitution arguments array member_expression ternary_expression"),
    wrapping=kinds("raw unsafe trim trimStart trimEnd concat join stripIndent dedent format pgFormat withArray"),
    appending=frozenset({"push", "unshift"}),
    no_code=kinds(
        "literal_type import_statement export_statement jsx_attribute expression_statement "
        "import_require_clause template_literal_type"
    ),
    comparisons=frozenset({"binary_expression"}),
    comparing=kinds("=== == !== !="),
    asserting=kinds(
        "expect assert includes startsWith endsWith match test indexOf toBe toContain toEqual toMatch "
        "toMatchInlineSnapshot toStrictEqual toHaveBeenCalledWith toHaveBeenNthCalledWith "
        "toHaveBeenLastCalledWith stringContaining stringMatching toThrow equal strictEqual deepEqual "
        "deepStrictEqual notEqual include contain toBeCalledWith toThrowError toContainEqual"
    ),
)
TSX = replace(TYPESCRIPT, name="tsx")
