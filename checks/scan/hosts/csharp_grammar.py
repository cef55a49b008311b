"""C# as a table."""

from __future__ import annotations

from .grammar import Branching, Grammar, kinds

CSHARP = Grammar(
    name="csharp",
    identifiers=("identifier",),
    literals=(
        "string_literal",
        "verbatim_string_literal",
        "raw_string_literal",
        "interpolated_string_expression",
    ),
    functions=kinds(
        "method_declaration local_function_statement lambda_expression anonymous_method_expression "
        "constructor_declaration operator_declaration"
    ),
    classes=kinds("class_declaration record_declaration struct_declaration"),
    transparent=kinds("parenthesized_expression await_expression checked_expression ref_expression expression_element"),
    constants={"null_literal": None},
    numbers=kinds("integer_literal real_literal"),
    members={"member_access_expression": ("expression", "name")},
    calls={"invocation_expression": ("function", "arguments"), "object_creation_expression": ("type", "arguments")},
    joins=frozenset({"binary_expression"}),
    augmented=frozenset({"assignment_expression"}),
    arguments=frozenset({"argument_list"}),
    declarations={"property_declaration": ("name", "value")},
    blocks=kinds(
        "block for_statement foreach_statement using_statement catch_clause switch_body fixed_statement "
        "declaration_list"
    ),
    conditions=kinds(
        "if_statement for_statement foreach_statement while_statement do_statement switch_section catch_clause "
        "preproc_if"
    ),
    branches=kinds("if_statement switch_section"),
    chain=kinds("if_statement switch_body switch_statement"),
    branchings={"if_statement": Branching(), "conditional_expression": Branching()},
    through=kinds(
        "argument argument_list interpolation conditional_expression switch_expression switch_expression_arm "
        "member_access_expression collection_expression collection_element initializer_expression "
        "array_creation_expression implicit_array_creation_expression arrow_expression_clause"
    ),
    wrapping=kinds(
        "Format Concat Join Trim TrimStart TrimEnd Replace ToString Create ReplaceLineEndings Normalize StringBuilder"
    ),
    appending=kinds("Append AppendLine AppendFormat AppendJoin"),
    no_code=kinds("expression_statement"),
    comparisons=kinds("binary_expression is_pattern_expression"),
    comparing=kinds("== != is"),
    asserting=kinds(
        "Contains StartsWith EndsWith IndexOf Equals IsMatch Equal NotEqual AreEqual AreNotEqual That Be NotBe Contain "
        "NotContain Match StartWith EndWith BeEquivalentTo Is Matches DoesNotContain True False ShouldBe ShouldContain "
        "ShouldNotContain Verify Received"
    ),
    statements=("_statement", "_declaration"),
)
