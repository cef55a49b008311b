"""Knex and Objection: what is looked up, updated or deleted by a key before an INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_DB = "module.exports = require('knex')({ client: 'pg' })\n"
_MODEL = """const { Model, snakeCaseMappers } = require('objection')
class User extends Model {
  static get tableName() { return 'users' }
  static get columnNameMappers() { return snakeCaseMappers() }
}
module.exports = { User }
"""
LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


_INSERT = "db('users').insert({ org: input.org, email: input.email })"


def _after(sites: Sites, before: str, insert: str = _INSERT) -> tuple[WriteSite, ...]:
    body = f"const db = require('./db')\nasync function save(input) {{\n{before}\n  if (!done) await {insert}\n}}\n"
    return sites({"src/a.js": body, "src/db.js": _DB})


@pytest.mark.parametrize(
    ("before", "mechanism", "keys"),
    [
        ("db('users').where({ email: input.email }).first()", LOOKUP, ("email",)),
        ("db('users').where('email', input.email).andWhere('users.org', '=', input.org).first('id')",
         LOOKUP, ("email", "org")),
        ("db.select('id').from('users').where({ email: input.email })\nif (!done.length)", LOOKUP, ("email",)),
        ("db('users').where({ email: input.email }).update({ n: 1 })\nif (!done)", UPDATE, ("email",)),
        ("db('users').where({ email: input.email }).del()", DELETE, ("email",)),
    ],
)  # fmt: skip
def test_an_insert_follows_a_step_by_its_key(
    sites: Sites, before: str, mechanism: Mechanism, keys: tuple[str, ...]
) -> None:
    (site,) = _after(sites, f"const done = await {before}")
    assert (site.mechanism, site.key_columns, site.statement_line) == (mechanism, keys, 3)
    assert site.status is Status.RESOLVED
    assert site.write.columns == ("org", "email")


@pytest.mark.parametrize(
    "before",
    [
        "db('users').where({ org: input.org })",
        "db('users').where({ org: input.org }).orderBy('id').first()",
        "db('users').where({ org: input.org }).count('id as n').first()",
        "db('users').where({ email: input.email }).orWhere({ org: input.org }).first()",
        "db('users').where('org', '>', input.org).first()",
        "db('users').where({ email: input.other }).first()",
        "db('orgs').where({ email: input.email }).first()",
        "db('users').join('orgs', 'orgs.id', 'users.org').where({ email: input.email }).first()",
        "u; await db('users').where({ email: input.email }).update({ n: 1 })",
    ],
    ids=[
        "a list", "the last of a list", "a count", "one of two keys", "a range", "another value", "another table",
        "a join", "an update that nobody asks about",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_no_site(sites: Sites, before: str) -> None:
    assert not _after(sites, f"const done = await {before}")


def test_an_insert_without_a_step_is_no_site(sites: Sites) -> None:
    assert not _after(sites, "")


def test_an_upsert_is_no_part_of_it(sites: Sites) -> None:
    insert = "db('users').insert({ email: input.email }).onConflict('email').ignore()"
    (site,) = _after(sites, "const done = await db('users').where({ email: input.email }).first()", insert)
    assert site.mechanism is Mechanism.ON_CONFLICT


def test_a_model_of_objection_names_table_and_columns(sites: Sites) -> None:
    body = """const { User } = require('./models')
async function save(taxId, name) {
  const old = await User.query().findOne({ taxId })
  return old || User.query().insertAndFetch({ taxId, name })
}
"""
    (site,) = sites({"src/a.js": body, "src/models.js": _MODEL})
    assert (site.mechanism, site.key_columns, str(site.write.table)) == (LOOKUP, ("tax_id",), "users")
    assert site.write.columns == ("tax_id", "name")


def test_a_transaction_is_followed(sites: Sites) -> None:
    body = """const db = require('./db')
const save = ({ email }) => db.transaction(async (trx) => {
  const [old] = await trx('users').select('id').where({ email })
  if (!old) await trx.insert({ email }).into('users')
})
"""
    (site,) = sites({"src/a.js": body, "src/db.js": _DB})
    assert (site.mechanism, site.key_columns) == (LOOKUP, ("email",))
