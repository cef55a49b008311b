"""Hasura: mutations in files and in strings, and their variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_ONE = """mutation Save($at: timestamptz!) {
  insert_devices_one(
    object: { serial: "x", seen_at: $at }
    on_conflict: { constraint: devices_serial_key, update_columns: [seen_at] }
  ) { id }
}
"""


def test_a_mutation_of_a_file_names_its_constraint(sites: Sites) -> None:
    (site,) = sites({"save.graphql": _ONE})
    assert (str(site.write.table), site.write.target) == ("devices", NamedConstraint("devices_serial_key"))
    assert (site.write.columns, site.write.set_columns) == (("serial", "seen_at"), ("seen_at",))
    assert (site.language, site.span.line, site.statement_line, site.status) == ("graphql", 4, 2, Status.RESOLVED)


@pytest.mark.parametrize(
    "code",
    ["const M = gql`MUTATION ${FIELDS}`", "const M = graphql(`MUTATION`)", "const M = /* GraphQL */ `\nMUTATION`"],
)
def test_a_mutation_of_a_string_is_read(sites: Sites, code: str) -> None:
    (site,) = sites({"a.ts": code.replace("MUTATION", _ONE)})
    assert (str(site.write.table), site.write.action, site.status) == ("devices", Action.UPDATE, Status.RESOLVED)


def test_names_in_camel_case_are_read(sites: Sites) -> None:
    (site,) = sites(
        {
            "metadata/tables/public_order_items.yaml": "table:\n  name: order_items\n  schema: public\n",
            "a.graphql": "mutation { insertOrderItems(objects: [{a: 1}],"
            " onConflict: {constraint: uq, updateColumns: []}) { affectedRows } }",
        }
    )
    assert (str(site.write.table), site.write.action) == ("order_items", Action.NOTHING)


def test_without_columns_to_update_nothing_is_done(sites: Sites) -> None:
    (site,) = sites({"a.graphql": "mutation { insert_t(objects: $o, on_conflict: {constraint: t_pkey}) { a } }"})
    assert (site.write.action, site.write.set_columns) == (Action.NOTHING, None)


def test_a_clause_that_is_a_variable_is_not_known(sites: Sites) -> None:
    (site,) = sites({"a.graphql": "mutation M($c: t_on_conflict) { insert_t(objects: $o, on_conflict: $c) { a } }"})
    assert site.write.target == Unresolved("the constraint is given by $c")
    assert str(site.write.table) == "t"


def test_variables_of_a_mutation_are_read_at_the_call(sites: Sites) -> None:
    found = sites(
        {
            "enums.ts": "export enum Users_Constraint { UsersPkey = 'users_pkey' }",
            "a.ts": "import { Users_Constraint } from './enums'\n"
            "const M = gql`mutation M($o: [x!]!, $c: y) { insert_users(objects: $o, on_conflict: $c) { id } }`\n"
            "const variables = { o: rows, c: 1, on_conflict: {\n"
            "  constraint: Users_Constraint.UsersPkey, update_columns: ['name'] } }\n"
            "await client.request(M, variables)",
        }
    )
    (known,) = [site for site in found if site.write.target == NamedConstraint("users_pkey")]
    assert (str(known.write.table), known.span.line, known.write.set_columns) == ("users", 3, ("name",))


def test_metadata_names_schemas_and_root_fields(sites: Sites) -> None:
    (one, other) = sites(
        {
            "hasura/metadata/tables/billing_invoice.yaml": "table:\n  name: invoice\n  schema: billing\n",
            "hasura/metadata/tables/public_people.yaml": "table:\n  name: people\n  schema: public\n"
            "configuration:\n  custom_root_fields:\n    insert: addPeople\n",
            "a.graphql": "mutation {\n a: insert_billing_invoice(objects: $o, on_conflict: {constraint: c}) { id }\n"
            " addPeople(objects: $o, on_conflict: {constraint: d}) { id }\n}",
        }
    )
    assert [str(one.write.table), str(other.write.table)] == ["billing.invoice", "people"]


def test_a_nested_insert_is_a_site_of_its_own(sites: Sites) -> None:
    nested = 'lines: { data: [{ sku: "a" }], on_conflict: { constraint: l, update_columns: [sku] } }'
    (inner, outer) = sites(
        {
            "a.graphql": f"mutation {{ insert_o(\n objects: [{{ n: 1, {nested} }}],\n"
            " on_conflict: {constraint: o}) { n } }"
        }
    )
    assert (inner.write.table, inner.write.columns, inner.reason) == (
        None,
        ("sku",),
        'the table is that of the relationship "lines"',
    )
    assert (str(outer.write.table), outer.write.columns) == ("o", ("n",))


def test_a_root_field_that_is_put_together_is_not_known(sites: Sites) -> None:
    (site,) = sites(
        {"a.ts": "const q = (t) => gql`mutation { insert_${t}(objects: $o, on_conflict: {constraint: c}) { a } }`"}
    )
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)


@pytest.mark.parametrize(
    "text", ["on_conflict: how it works", "query { users(where: {on_conflict: {_eq: 1}}) { id } }"]
)
def test_other_texts_are_no_sites(sites: Sites, text: str) -> None:
    assert sites({"a.ts": f"const t = `{text}`"}) == ()


def test_names_in_camel_case_without_metadata_are_not_guessed(sites: Sites) -> None:
    (site,) = sites(
        {"a.graphql": "mutation { insertAuthRole(object: $o, onConflict: {constraint: roles_pkey}) { role } }"}
    )
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)
