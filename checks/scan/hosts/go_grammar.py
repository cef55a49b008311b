"""Go as a table."""

from __future__ import annotations

from .grammar import Branching, Grammar, kinds

GO = Grammar(
    name="go",
    identifiers=("identifier", "field_identifier", "type_identifier", "package_identifier"),
    literals=("interpreted_string_literal", "raw_string_literal"),
    functions=kinds("function_declaration method_declaration func_literal"),
    transparent=kinds("parenthesized_expression literal_element parenthesized_type"),
    constants={"true": True, "false": False, "nil": None},
    numbers=kinds("int_literal float_literal"),
    members={"selector_expression": ("operand", "field"), "qualified_type": ("package", "name")},
    calls={"call_expression": ("function", "arguments")},
    joins=frozenset({"binary_expression"}),
    augmented=frozenset({"assignment_statement"}),
    arguments=frozenset({"argument_list"}),
    blocks=kinds(
        "block if_statement for_statement expression_switch_statement type_switch_statement expression_case "
        "default_case type_case communication_case"
    ),
    conditions=kinds("if_statement for_statement expression_case default_case type_case communication_case"),
    branches=kinds("if_statement expression_case default_case type_case communication_case"),
    chain=kinds("if_statement expression_switch_statement type_switch_statement select_statement"),
    branchings={"if_statement": Branching()},
    through=kinds(
        "argument_list expression_list literal_element literal_value keyed_element composite_literal "
        "selector_expression unary_expression"
    ),
    wrapping=kinds(
        "Sprintf Sprint Sprintln Join Replace ReplaceAll TrimSpace Trim TrimLeft TrimRight TrimPrefix TrimSuffix String"
    ),
    appending=frozenset({"WriteString"}),
    no_code=kinds("expression_statement field_declaration import_spec"),
    comparisons=frozenset({"binary_expression"}),
    asserting=kinds(
        "Contains HasPrefix HasSuffix EqualFold Index MatchString MustCompile Compile QuoteMeta ExpectExec ExpectQuery "
        "ExpectPrepare Equal Equalf NotEqual NotContains Regexp EqualError ErrorContains Eq Containsf DeepEqual"
    ),
    statements=("_statement", "_declaration", "_spec"),
)
