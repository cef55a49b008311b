"""Scala as a table."""

from __future__ import annotations

from .grammar import Grammar, kinds

SCALA = Grammar(
    name="scala",
    identifiers=("identifier", "type_identifier"),
    literals=("string", "interpolated_string_expression"),
    functions=kinds("function_definition lambda_expression"),
    classes=kinds("class_definition object_definition trait_definition package_object enum_definition"),
    transparent=kinds("parenthesized_expression generic_function"),
    numbers=kinds("integer_literal floating_point_literal"),
    members={"field_expression": ("value", "field")},
    calls={"call_expression": ("function", "arguments"), "instance_expression": ("", "arguments")},
    joins=frozenset({"infix_expression"}),
    joining=kinds("+ ++"),
    augmented=frozenset({"infix_expression"}),
    arguments=frozenset({"arguments"}),
    declarations={"val_definition": ("pattern", "value"), "var_definition": ("pattern", "value")},
    assignments={"assignment_expression": ("left", "right")},
    blocks=kinds("block template_body case_clause for_expression enum_body indented_block"),
    conditions=kinds("if_expression case_clause for_expression while_expression catch_clause"),
    branches=kinds("if_expression case_clause"),
    chain=kinds("if_expression case_block match_expression"),
    through=kinds(
        "arguments field_expression interpolation block if_expression case_clause case_block match_expression"
    ),
    wrapping=kinds("stripMargin format formatted trim mkString const const0 concat replace stripIndent"),
    appending=kinds("append"),
    no_code=kinds("import_declaration"),
    comparing=kinds("== != eq ne equals"),
    comparisons=frozenset({"infix_expression"}),
    asserting=kinds(
        "contains startsWith endsWith matches indexOf equals assertEquals assertResult assert shouldBe shouldEqual "
        "mustEqual include r"
    ),
    statements=("_definition", "_declaration"),
)
