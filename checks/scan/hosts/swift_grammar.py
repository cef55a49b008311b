"""Swift as a table."""

from __future__ import annotations

from .grammar import Grammar, kinds

SWIFT = Grammar(
    name="swift",
    identifiers=("simple_identifier", "type_identifier"),
    literals=("line_string_literal", "multi_line_string_literal", "raw_string_literal"),
    functions=kinds("function_declaration init_declaration lambda_literal"),
    classes=kinds("class_declaration"),
    comments=kinds("comment multiline_comment"),
    transparent=kinds("try_expression await_expression tuple_expression_single directly_assignable_expression"),
    constants={"nil": None},
    numbers=kinds("integer_literal real_literal"),
    members={"navigation_expression": ("target", "suffix")},
    calls={"call_expression": ("function", "arguments")},  # which the grammar gives no names
    joins=kinds("additive_expression"),
    augmented=frozenset({"assignment"}),
    arguments=frozenset({"call_suffix"}),
    blocks=kinds("statements class_body enum_class_body for_statement if_statement switch_entry catch_block"),
    conditions=kinds("if_statement for_statement while_statement switch_entry catch_block"),
    branches=kinds("if_statement switch_entry"),
    chain=kinds("if_statement switch_statement"),
    returns=frozenset({"control_transfer_statement"}),
    through=kinds(
        "value_argument value_arguments call_suffix interpolated_expression ternary_expression array_literal "
        "navigation_expression"
    ),
    wrapping=kinds("joined trimmingCharacters replacingOccurrences String appending"),
    appending=frozenset({"append"}),
    no_code=kinds("statements source_file attribute"),
    comparisons=kinds("equality_expression"),
    asserting=kinds(
        "XCTAssertEqual XCTAssertTrue XCTAssert XCTAssertNotEqual expect contains hasPrefix hasSuffix range equal "
        "assertInlineSnapshot precondition assert"
    ),
    statements=("_statement", "_declaration", "statements"),
)
