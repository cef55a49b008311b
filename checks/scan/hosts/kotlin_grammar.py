"""Kotlin as a table; its grammar names few fields, so that much of it is read by the order of children."""

from __future__ import annotations

from .grammar import Grammar, kinds

KOTLIN = Grammar(
    name="kotlin",
    identifiers=("simple_identifier", "type_identifier", "interpolated_identifier"),
    literals=("string_literal",),
    functions=kinds("function_declaration secondary_constructor lambda_literal anonymous_function getter setter"),
    classes=kinds("class_declaration object_declaration"),
    comments=kinds("line_comment multiline_comment"),
    transparent=kinds("parenthesized_expression postfix_expression as_expression interpolated_expression"),
    constants={"null_literal": None},
    numbers=kinds("integer_literal real_literal long_literal"),
    calls={"call_expression": ("", ""), "constructor_invocation": ("", "")},
    joins=frozenset({"additive_expression"}),
    augmented=frozenset({"assignment"}),
    lists=frozenset({"collection_literal"}),
    arguments=kinds("value_arguments call_suffix"),
    blocks=kinds(
        "function_body control_structure_body for_statement catch_block try_expression when_entry class_body "
        "enum_class_body"
    ),
    conditions=kinds("if_expression when_entry for_statement while_statement do_while_statement catch_block"),
    branches=kinds("if_expression when_entry"),
    chain=kinds("if_expression control_structure_body when_expression"),
    returns=frozenset({"jump_expression"}),
    through=kinds(
        "value_arguments value_argument call_suffix navigation_expression navigation_suffix elvis_expression "
        "if_expression when_expression when_entry control_structure_body collection_literal constructor_invocation "
        "directly_assignable_expression"
    ),
    wrapping=kinds(
        "format trimIndent trimMargin trim append appendLine replace joinToString plus StringBuilder toString "
        "replaceIndent prependIndent lowercase"
    ),
    appending=kinds("append appendLine add"),
    no_code=kinds("import_header statements"),
    comparisons=frozenset({"equality_expression"}),
    asserting=kinds(
        "contains startsWith endsWith matches indexOf equals assertEquals assertThat assertTrue assertFalse shouldBe "
        "isEqualTo shouldContain assertContains containsExactly Regex toRegex compile"
    ),
    statements=("_statement", "_declaration", "statements"),
)
