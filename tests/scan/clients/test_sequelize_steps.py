"""Sequelize: what is looked up, updated or deleted by a key before a `create()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_MODELS = """const { DataTypes, Sequelize } = require('sequelize')
const sequelize = new Sequelize(url, { dialect: 'postgres' })
const User = sequelize.define('User', {
  email: { type: DataTypes.STRING, field: 'e_mail' }, org: DataTypes.INTEGER,
}, { tableName: 'users', timestamps: false })
const Org = sequelize.define('Org', { email: DataTypes.STRING }, { timestamps: false })
module.exports = { User, Org }
"""
_HEAD = "const { User, Org } = require('./models')\nasync function save(input) {\n"
LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


def _after(sites: Sites, before: str) -> tuple[WriteSite, ...]:
    body = f"{_HEAD}{before}\n  if (!old) await User.create({{ email: input.email, org: input.org }})\n}}\n"
    return sites({"src/a.js": body, "src/models.js": _MODELS})


@pytest.mark.parametrize(
    ("before", "mechanism", "keys"),
    [
        ("let old = await User.findOne({ where: { email: input.email } })", LOOKUP, ("e_mail",)),
        ("const { email, org } = input\nlet old = await User.findOne({ where: { email, org } })", LOOKUP,
         ("e_mail", "org")),
        ("const [n] = await User.update({ org: 1 }, { where: { email: input.email } })\nif (n === 0)", UPDATE,
         ("e_mail",)),
        ("await User.destroy({ where: { email: input.email } })", DELETE, ("e_mail",)),
    ],
)  # fmt: skip
def test_an_insert_follows_a_step_by_its_key(
    sites: Sites, before: str, mechanism: Mechanism, keys: tuple[str, ...]
) -> None:
    (site,) = _after(sites, before)
    assert (site.mechanism, site.key_columns, str(site.write.table)) == (mechanism, keys, "users")


@pytest.mark.parametrize(
    "before",
    [
        "let old = await User.findOne({ where: { org: input.org }, order: [['id', 'DESC']] })",
        "let old = await User.findOne({ where: { email: { [Op.like]: input.email } } })",
        "let old = await User.findOne({ where: { email: input.other } })",
        "let old = await Org.findOne({ where: { email: input.email } })",
        "let old = await User.findAll({ where: { email: input.email } })",
        "await User.update({ org: 1 }, { where: { email: input.email } })",
    ],
    ids=["the last of a list", "a pattern", "another value", "another table", "a list", "an update nobody asks about"],
)
def test_what_only_looks_alike_is_no_site(sites: Sites, before: str) -> None:
    assert not _after(sites, before)
