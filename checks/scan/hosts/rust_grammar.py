"""Rust as a table."""

from __future__ import annotations

from .grammar import Grammar, kinds

RUST = Grammar(
    name="rust",
    identifiers=("identifier", "field_identifier", "type_identifier", "shorthand_field_identifier"),
    literals=("string_literal", "raw_string_literal"),
    functions=kinds("function_item closure_expression"),
    classes=kinds("struct_item enum_item"),
    transparent=kinds(
        "parenthesized_expression reference_expression try_expression await_expression type_cast_expression"
    ),
    numbers=kinds("integer_literal float_literal"),
    members={"field_expression": ("value", "field"), "scoped_identifier": ("path", "name")},
    calls={"call_expression": ("function", "arguments")},
    joins=frozenset({"binary_expression"}),
    augmented=frozenset({"compound_assignment_expr"}),
    lists=kinds("array_expression tuple_expression"),
    declarations={
        "let_declaration": ("pattern", "value"),
        "const_item": ("name", "value"),
        "static_item": ("name", "value"),
    },
    assignments={"assignment_expression": ("left", "right"), "compound_assignment_expr": ("left", "right")},
    blocks=kinds("block declaration_list match_arm for_expression while_expression"),
    conditions=kinds(
        "if_expression else_clause for_expression while_expression loop_expression match_arm closure_expression"
    ),
    branches=kinds("if_expression else_clause match_arm"),
    chain=kinds("if_expression else_clause match_block match_expression"),
    returns=frozenset({"return_expression"}),
    through=kinds("arguments array_expression field_expression"),
    wrapping=kinds(
        "format format_args formatdoc indoc concat write writeln push push_str push_bind push_values push_tuples "
        "push_unseparated build build_query_as build_query_scalar sql into_sql from join to_string to_owned into "
        "as_str trim replace clone QueryBuilder"
    ),
    appending=kinds("push push_str push_bind push_values push_tuples push_unseparated"),
    no_code=kinds("expression_statement attribute_item"),
    comparisons=frozenset({"binary_expression"}),
    asserting=kinds(
        "assert assert_eq assert_ne debug_assert debug_assert_eq debug_assert_ne contains starts_with ends_with eq ne "
        "find matches strip_prefix strip_suffix is_match assert_snapshot assert_debug_snapshot expect"
    ),
    statements=("_statement", "_declaration", "_item"),
)
# Calls of these names change what they are called on, when they stand as statements of their own.
CHANGING = kinds(
    "push push_str push_bind push_values push_tuples push_unseparated append extend insert add into_table columns "
    "values values_panic on_conflict select_from returning returning_col or_default_values update_column "
    "update_columns value do_nothing exprs"
)
