"""Dart as a table."""

from __future__ import annotations

from .grammar import Grammar, kinds

DART = Grammar(
    name="dart",
    identifiers=("identifier", "type_identifier", "identifier_dollar_escaped"),
    literals=("string_literal",),
    functions=kinds(
        "method_declaration function_declaration function_expression getter_declaration local_function_declaration"
    ),
    classes=kinds("class_declaration mixin_declaration extension_declaration"),
    comments=kinds("comment documentation_comment"),
    transparent=kinds(
        "parenthesized_expression await_expression unary_expression null_assertion_expression type_cast_expression"
    ),
    constants={"true": True, "false": False, "null_literal": None},
    numbers=kinds("decimal_integer_literal decimal_floating_point_literal"),
    members={
        "member_expression": ("object", "property"),
        "null_aware_member_expression": ("object", "property"),
    },
    calls={
        "call_expression": ("function", "arguments"),
        "new_expression": ("type", "arguments"),
        "const_object_expression": ("type", "arguments"),
    },
    methods={"cascade_call_expression": ("object", "property", "arguments")},
    joins=frozenset({"additive_expression"}),
    augmented=frozenset({"assignment_expression"}),
    arguments=frozenset({"arguments"}),
    declarations={
        "initialized_variable_definition": ("name", "value"),
        "static_final_declaration": ("name", "value"),
        "initialized_identifier": ("name", "value"),
    },
    blocks=kinds("block class_body enum_body extension_body for_statement switch_block for_element"),
    conditions=kinds(
        "if_statement for_statement while_statement do_statement switch_statement_case switch_statement_default "
        "catch_clause"
    ),
    branches=kinds("if_statement switch_statement_case switch_statement_default"),
    chain=kinds("if_statement switch_block switch_statement"),
    through=kinds(
        "arguments named_argument template_substitution conditional_expression member_expression list_literal "
        "switch_expression switch_expression_case spread_element assignable_expression"
    ),
    wrapping=kinds("trim trimLeft trimRight replaceAll replaceFirst join toString StringBuffer"),
    appending=kinds("write writeln"),
    no_code=kinds("uri expression_statement annotation marker_annotation"),
    comparisons=kinds("equality_expression"),
    asserting=kinds(
        "expect contains startsWith endsWith indexOf allMatches hasMatch matches equals verify verifyNever when "
        "stringContaining expectLater"
    ),
    statements=("_statement", "_declaration"),
)
