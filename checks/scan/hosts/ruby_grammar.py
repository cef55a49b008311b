"""Ruby as a table."""

from __future__ import annotations

from .grammar import Branching, Grammar, kinds

RUBY = Grammar(
    name="ruby",
    identifiers=("identifier", "constant", "instance_variable"),
    literals=("string", "heredoc_body", "delimited_symbol", "subshell"),
    functions=kinds("method singleton_method block do_block lambda"),
    classes=kinds("class module"),
    transparent=frozenset({"parenthesized_statements"}),
    constants={"true": True, "false": False, "nil": None},
    numbers=kinds("integer float"),
    methods={"call": ("receiver", "method", "arguments")},
    joins=frozenset({"binary"}),
    joining=frozenset({"+", "<<"}),
    augmented=frozenset({"operator_assignment"}),
    lists=frozenset({"array"}),
    arguments=frozenset({"argument_list"}),
    assignments={"assignment": ("left", "right"), "operator_assignment": ("left", "right")},
    conditions=kinds(
        "if unless if_modifier unless_modifier elsif else when in_clause while until for rescue block do_block"
    ),
    branches=kinds("if unless elsif else when in_clause"),
    chain=kinds("if unless elsif case case_match"),
    branchings={
        "if": Branching(),
        "elsif": Branching(),
        "conditional": Branching(),
        "unless": Branching(negated=True),
        "if_modifier": Branching(body="body"),
        "unless_modifier": Branching(body="body", negated=True),
    },
    exits=kinds("return next break"),
    returns=frozenset({"return"}),
    through=kinds("argument_list array interpolation"),
    wrapping=kinds(
        "squish strip lstrip rstrip chomp freeze dup strip_heredoc strip_indent html_safe to_s join format sprintf "
        "concat gsub tr sql lit sanitize_sql sanitize_sql_array sanitize_sql_for_assignment"
    ),
    appending=kinds("concat push append"),
    comparisons=frozenset({"binary"}),
    comparing=frozenset({"==", "!=", "=~", "!~", "==="}),
    asserting=kinds(
        "eq eql equal include match match_array contain_exactly start_with end_with a_string_including including "
        "assert_equal assert_match assert_includes assert_no_match assert_sql assert_queries_match start_with? "
        "end_with? include? match? must_equal must_match must_include with"
    ),
    statements=("_statement", "_statements", "body", "program"),
)
