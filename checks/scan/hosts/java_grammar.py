"""Java as a table."""

from __future__ import annotations

from .grammar import Branching, Grammar, kinds

JAVA = Grammar(
    name="java",
    identifiers=("identifier", "type_identifier"),
    literals=("string_literal",),
    functions=kinds(
        "method_declaration constructor_declaration compact_constructor_declaration lambda_expression "
        "static_initializer"
    ),
    classes=kinds("class_declaration interface_declaration enum_declaration record_declaration"),
    constants={"true": True, "false": False, "null_literal": None},
    numbers=kinds("decimal_integer_literal decimal_floating_point_literal"),
    members={"field_access": ("object", "field")},
    calls={"object_creation_expression": ("type", "arguments"), "annotation": ("name", "arguments")},
    methods={"method_invocation": ("object", "name", "arguments")},
    joins=frozenset({"binary_expression"}),
    augmented=frozenset({"assignment_expression"}),
    lists=kinds("array_initializer element_value_array_initializer"),
    arguments=kinds("argument_list annotation_argument_list"),
    declarations={"variable_declarator": ("name", "value"), "resource": ("name", "value")},
    assignments={"assignment_expression": ("left", "right")},
    blocks=kinds(
        "block constructor_body for_statement enhanced_for_statement switch_block_statement_group switch_rule "
        "catch_clause try_with_resources_statement class_body interface_body enum_body"
    ),
    conditions=kinds(
        "if_statement for_statement enhanced_for_statement while_statement do_statement "
        "switch_block_statement_group switch_rule catch_clause"
    ),
    branches=kinds("if_statement switch_block_statement_group switch_rule"),
    chain=kinds("if_statement switch_block switch_expression"),
    branchings={"if_statement": Branching(), "ternary_expression": Branching()},
    through=kinds(
        "argument_list annotation_argument_list element_value_pair array_initializer element_value_array_initializer "
        "array_creation_expression ternary_expression cast_expression"
    ),
    wrapping=kinds(
        "format formatted concat join append insert trim strip stripIndent stripLeading stripTrailing toString valueOf "
        "replace replaceAll StringBuilder StringBuffer"
    ),
    appending=kinds("append add"),
    no_code=kinds("expression_statement import_declaration"),
    comparisons=frozenset({"binary_expression"}),
    asserting=kinds(
        "equals equalsIgnoreCase contains startsWith endsWith matches indexOf contentEquals compile assertEquals "
        "assertThat assertTrue assertFalse isEqualTo containsString assertThatThrownBy hasMessage "
        "hasMessageContaining isEqualToIgnoringWhitespace containsExactly is equalTo"
    ),
    statements=("_statement", "_declaration"),
)
