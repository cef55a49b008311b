"""Sequelize: models, the targets that it chooses, and what it adds to a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, Status, Unresolved
from pgarbiter.scan.declarations.sequelize_plural import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_USER = """module.exports = (sequelize, DataTypes) => {
  const User = sequelize.define('User', {
    email: { type: DataTypes.STRING, unique: true },
    nickName: DataTypes.STRING,
    full: DataTypes.VIRTUAL,
  }, OPTIONS)
  return User
}
"""
_INDEX = "const db = {}\nfor (const file of files) load(db, file)\nmodule.exports = db\n"


def _only(sites: Sites, body: str, options: str = "{}", **files: str) -> WriteSite:
    own = {name.replace("__", "/").replace("_D_", "."): text for name, text in files.items()}
    (site,) = sites(
        {
            "models/user.js": _USER.replace("OPTIONS", options),
            "models/index.js": _INDEX,
            "app.js": f"const db = require('./models')\n{body}",
            **own,
        }
    )
    return site


def _target(site: WriteSite) -> tuple[str | None, ...]:
    assert isinstance(site.write.target, InferenceClause), site
    return site.write.target.columns


@pytest.mark.parametrize(
    "receiver", ["db.User", "db.sequelize.models.User", "db.sequelize.model('User')", "db.User.schema('public')"]
)
def test_a_model_that_is_loaded_by_its_file_is_found_by_its_name(sites: Sites, receiver: str) -> None:
    site = _only(sites, f"{receiver}.upsert({{ email, nickName }})")
    assert (site.write.table and site.write.table.name, _target(site)) == ("Users", ("email",))
    assert site.write.columns == ("email", "nickName", "createdAt", "updatedAt")
    assert site.write.set_columns == ("email", "nickName", "updatedAt")
    assert site.status is Status.RESOLVED


@pytest.mark.parametrize(
    ("options", "table", "columns"),
    [
        ("{ underscored: true }", "users", ("email", "nick_name", "created_at", "updated_at")),
        ("{ freezeTableName: true, timestamps: false }", "User", ("email", "nickName")),
        (
            "{ tableName: 'members', createdAt: false, updatedAt: 'changed' }",
            "members",
            ("email", "nickName", "changed"),
        ),
        ("{ schema: 'ops', timestamps: false }", "ops.Users", ("email", "nickName")),
    ],
)
def test_options_name_tables_and_columns(sites: Sites, options: str, table: str, columns: tuple[str, ...]) -> None:
    site = _only(sites, "db.User.upsert({ email, nickName, full })", options)
    assert (str(site.write.table), site.write.columns) == (table, columns)


def test_options_of_all_models_count(sites: Sites) -> None:
    code = "const s = new Sequelize(url, { dialect: 'postgres', define: { underscored: true, timestamps: false } })"
    site = _only(sites, "db.User.upsert({ nickName, email })", db_D_js=code)
    assert (str(site.write.table), site.write.columns) == ("users", ("nick_name", "email"))


def test_options_of_all_models_may_stand_in_the_configuration(sites: Sites) -> None:
    config = '{"production": {"dialect": "postgres", "define": {"underscored": true, "timestamps": false}}}'
    site = _only(sites, "db.User.upsert({ nickName, email })", config__config_D_json=config)
    assert (str(site.write.table), site.write.columns) == ("users", ("nick_name", "email"))


def test_options_of_all_models_that_are_not_known_leave_names_unknown(sites: Sites) -> None:
    code = "module.exports = { define: { underscored: flag() } }\nmake(new Sequelize(url, options()))"
    site = _only(sites, "db.User.upsert({ email })", db_D_js=code)
    assert site.write.table is None
    assert "an instance of Sequelize gives to all models" in (site.reason or "")


def test_the_dialect_of_the_instance_is_evidence(sites: Sites) -> None:
    site = _only(sites, "db.User.upsert({ email })", db_D_js="new Sequelize('app', 'u', 'p', { dialect: 'mysql' })")
    assert (site.status, site.reason) == (Status.NOT_POSTGRES, 'the dialect of Sequelize is "mysql"')


def test_the_primary_key_wins_when_it_is_written(sites: Sites) -> None:
    assert _target(_only(sites, "db.User.upsert({ id: 1, email })")) == ("id",)


def test_the_default_target_of_rows_that_are_not_known_is_not_known(sites: Sites) -> None:
    site = _only(sites, "module.exports = (row) => db.User.upsert(row)")
    assert site.write.target == Unresolved(
        "the default target depends on the columns that are written, which are not known"
    )
    assert str(site.write.table) == "Users"


def test_a_model_without_other_keys_has_one_default_target(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.js": "const Tag = sequelize.define('Tag', { slug: { type: DataTypes.TEXT, primaryKey: true } })\n"
            "module.exports = (row) => Tag.upsert(row)"
        }
    )
    assert (_target(site), site.status) == (("slug",), Status.PARTIAL)


def test_a_primary_key_that_is_written_decides_whatever_else_is(sites: Sites) -> None:
    assert _target(_only(sites, "module.exports = (row) => db.User.upsert({ ...row, id: 1 })")) == ("id",)


def test_conflict_fields_are_columns(sites: Sites) -> None:
    site = _only(sites, "db.User.upsert(row, { conflictFields: ['nick_name'] })", "{ underscored: true }")
    assert _target(site) == ("nick_name",)


def test_conflict_attributes_are_attributes(sites: Sites) -> None:
    site = _only(
        sites,
        "db.User.bulkCreate(rows, { updateOnDuplicate: ['nickName', 'createdAt'], conflictAttributes: ['nickName'] })",
        "{ underscored: true }",
    )
    assert (_target(site), site.write.set_columns) == (("nick_name",), ("nick_name",))


def test_many_rows_take_all_unique_indexes_and_the_first_key_together(sites: Sites) -> None:
    site = _only(
        sites,
        "db.User.bulkCreate([{ email }], { updateOnDuplicate: ['nickName'] })",
        "{ indexes: [{ unique: true, fields: ['nickName'] }, { fields: ['x'] },"
        " { unique: true, fields: ['y'], where: { a: 1 } }] }",
    )
    assert _target(site) == ("nickName", "email")
    assert (site.write.columns, site.write.defaulted) == (("email", "createdAt", "updatedAt", "id"), ("id",))


def test_duplicates_are_ignored_whatever_they_are(sites: Sites) -> None:
    site = _only(sites, "db.User.bulkCreate([{ email }], { ignoreDuplicates: true })")
    assert (site.write.target, site.write.action) == (AnyArbiter(), Action.NOTHING)


def test_rows_without_a_conflict_option_are_no_site(sites: Sites) -> None:
    files = {"models/user.js": _USER.replace("OPTIONS", "{}"), "a.js": "db.User.bulkCreate(rows, { validate: true })"}
    assert sites(files) == ()


def test_find_or_create_looks_up_and_inserts(sites: Sites) -> None:
    site = _only(sites, "db.User.findOrCreate({ where: { email }, defaults: { nickName } })")
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("email",))
    assert "answered by another lookup" in (site.reason or "")


def test_a_class_that_initialises_itself_is_a_model(sites: Sites) -> None:
    (site,) = sites(
        {
            "models/tag.ts": "import { Model, DataTypes } from 'sequelize'\nexport class Tag extends Model {\n"
            "  static initModel(sequelize) {\n"
            "    return Tag.init({ slug: { type: DataTypes.TEXT, primaryKey: true } }, { timestamps: false })\n"
            "  }\n}",
            "a.ts": "import { Tag } from './models/tag'\nTag.upsert({ slug: 'x' })",
        }
    )
    assert (str(site.write.table), _target(site)) == ("Tags", ("slug",))


def test_a_model_may_be_injected(sites: Sites) -> None:
    (site,) = sites(
        {
            "tag.ts": "import { Table, Column, Model, Unique } from 'sequelize-typescript'\n"
            "@Table({ tableName: 'tags', timestamps: false }) export class Tag extends Model<Tag> {\n"
            "  @Unique @Column({ field: 'slug_name' }) slug: string }",
            "a.ts": "import { Tag } from './tag'\nclass S { constructor(@InjectModel(Tag) private tagModel) {}\n"
            "  save(slug) { return this.tagModel.upsert({ slug }) } }",
        }
    )
    assert (str(site.write.table), _target(site), site.write.columns) == ("tags", ("slug_name",), ("slug_name",))


def test_rows_of_a_migration_name_columns(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.js": "queryInterface.bulkInsert({ tableName: 'tags', schema: 'ops' }, [{ slug_name: 'x' }],\n"
            "  { updateOnDuplicate: ['slug_name'], upsertKeys: ['slug_name'] })"
        }
    )
    assert (str(site.write.table), _target(site)) == ("ops.tags", ("slug_name",))


@pytest.mark.parametrize(
    "code", ["Index.upsert({ id })", "store.User.upsert(x, y)", "Cats.findOrCreate({ where: {} })"]
)
def test_a_name_of_no_model_is_no_site(sites: Sites, code: str) -> None:
    assert sites({"a.js": code}) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("User", "Users"), ("Category", "Categories"), ("Person", "People"), ("UserStatus", "UserStatuses"),
        ("Box", "Boxes"), ("Series", "Series"), ("Evidence", "Evidence"), ("Child", "Children"), ("Key", "Keys"),
        ("Leaf", "Leafs"), ("Wolf", "Wolves"), ("Datum", "Data"), ("Medium", "Media"), ("Users", "Users"),
    ],
)  # fmt: skip
def test_plurals_are_those_of_the_library(name: str, expected: str) -> None:
    assert plural(name) == expected
