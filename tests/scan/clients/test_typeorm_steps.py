"""TypeORM: what is looked up, updated or deleted by a key before an INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_ENTITIES = """import { Entity, Column, PrimaryGeneratedColumn } from 'typeorm'
@Entity('app_users')
export class User {
  @PrimaryGeneratedColumn('uuid') id: string
  @Column({ name: 'e_mail' }) email: string
  @Column() org: number
}
@Entity() export class Org { @PrimaryGeneratedColumn() id: number; @Column() email: string }
"""
_HEAD = """import { User, Org } from './entities'
class Users {
  constructor(@InjectRepository(User) private users: Repository<User>, private orgs: Repository<Org>) {}
  async save(dto) {
"""
_SAVED = "await this.users.save(this.users.create({ ...dto, org: 1 }))"
LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


def _after(sites: Sites, before: str, insert: str = _SAVED) -> tuple[WriteSite, ...]:
    body = f"{_HEAD}{before}\n    if (!old) {insert}\n  }}\n}}\n"
    return sites({"src/a.ts": body, "src/entities.ts": _ENTITIES})


@pytest.mark.parametrize(
    ("before", "mechanism"),
    [
        ("const old = await this.users.findOne({ where: { email: dto.email } })", LOOKUP),
        ("const old = await this.users.findOne({ email: dto.email })", LOOKUP),
        ("const old = await this.users.findOneBy({ email: dto.email })", LOOKUP),
        ("const old = await this.users.existsBy({ email: dto.email })", LOOKUP),
        ("const old = await this.manager.findOneBy(User, { email: dto.email })", LOOKUP),
        ("const { affected } = await this.users.update({ email: dto.email }, { org: 1 })\nif (affected === 0)", UPDATE),
        ("await this.users.delete({ email: dto.email })", DELETE),
    ],
)
def test_an_insert_follows_a_step_by_its_key(sites: Sites, before: str, mechanism: Mechanism) -> None:
    (site,) = _after(sites, before)
    assert (site.mechanism, site.key_columns, site.statement_line) == (mechanism, ("e_mail",), 5)
    assert (str(site.write.table), site.write.columns) == ("app_users", ("id", "e_mail", "org"))


@pytest.mark.parametrize(
    "insert",
    [
        "await this.users.insert({ email: dto.email })",
        "await this.users.save({ email: dto.email })",
        "await this.manager.save(User, { email: dto.email })",
        "{ const made = this.users.create(dto); await this.users.save(made) }",
    ],
)
def test_rows_are_inserted_by_several_methods(sites: Sites, insert: str) -> None:
    (site,) = _after(sites, "const old = await this.users.findOneBy({ email: dto.email })", insert)
    assert site.mechanism is LOOKUP


@pytest.mark.parametrize(
    "before",
    [
        "const old = await this.users.findOne({ where: { email: dto.email }, order: { id: 'DESC' } })",
        "const old = await this.users.findOneBy({ email: Like(dto.email) })",
        "const old = await this.users.findOneBy({ id: dto.parent })",
        "const old = await this.orgs.findOneBy({ email: dto.email })",
        "const old = await this.users.findOneByOrFail({ email: dto.email })",
        "const old = await this.users.findBy({ email: dto.email })",
        "await this.users.update({ email: dto.email }, { org: 1 })",
    ],
    ids=[
        "the last of a list", "a pattern", "another value", "another table", "a row that has to be there", "a list",
        "an update that nobody asks about",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_no_site(sites: Sites, before: str) -> None:
    assert not _after(sites, before)


def test_what_was_read_is_updated_when_it_is_saved(sites: Sites) -> None:
    before = "const old = await this.users.findOneBy({ email: dto.email })"
    assert not _after(sites, before, "return\n    old.org = 2\n    await this.users.save(old)")
