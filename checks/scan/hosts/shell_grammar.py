"""Shell as a table."""

from __future__ import annotations

from .grammar import Grammar, kinds

SHELL = Grammar(
    name="bash",
    identifiers=("variable_name", "word"),
    literals=("string", "raw_string", "ansi_c_string", "heredoc_body"),
    functions=frozenset({"function_definition"}),
    transparent=frozenset(),
    calls={"command": ("name", "argument")},
    joins=frozenset({"concatenation"}),
    lists=frozenset({"array"}),
    assignments={"variable_assignment": ("name", "value")},
    conditions=kinds("if_statement elif_clause else_clause for_statement while_statement case_item"),
    branches=kinds("if_statement elif_clause else_clause case_item"),
    chain=kinds("if_statement elif_clause else_clause case_statement"),
    through=kinds("simple_expansion expansion heredoc_redirect redirected_statement command_substitution"),
    no_code=frozenset(),
    asserting=kinds("grep egrep fgrep rg ag sed awk test [ [[ git assert_contains assert_output"),
    statements=("_statement", "_definition", "program"),
)
