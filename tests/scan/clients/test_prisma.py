from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_SOURCE = 'datasource db {\n  provider = "postgresql"\n}\n'
_MODELS = """
model User {
  id        Int      @id @default(autoincrement())
  email     String   @unique /// the name, they sign in with
  fullName  String?  @map("full_name") // "shown"
  role      Role     @default(member)
  updatedAt DateTime @updatedAt @map("updated_at")
  posts     Post[]
  profile   Profile?

  @@map("users")
}

model Post {
  id       String  @id @default(cuid())
  slug     String
  site     Int
  note     String? @db.VarChar(99)
  authorId Int     @map("author_id")
  author   User    @relation(fields: [authorId], references: [id])
  tags     Tag[]

  @@unique([
    site,
    slug(sort: Desc)
  ], map: "post_key")
  @@unique(fields: [authorId, slug], name: "mine")
  @@schema("blog")
}

model Tag {
  id    Int    @id @default(dbgenerated("nextval('s')"))
  name  String @unique @default("new, @map(\\"x\\")")
  posts Post[]
}

model Profile {
  id     Int    @id @default(autoincrement())
  userId Int    @unique
  bio    String
  user   User   @relation(fields: [userId], references: [id])
}

enum Role {
  member
  owner
}
"""


def _all(sites: Sites, body: str, schema: str = _SOURCE + _MODELS, **files: str) -> tuple[WriteSite, ...]:
    return sites({"src/a.ts": "import { prisma } from './db'\n" + body, "prisma/schema.prisma": schema, **files})


def _only(sites: Sites, body: str, schema: str = _SOURCE + _MODELS, **files: str) -> WriteSite:
    (site,) = _all(sites, body, schema, **files)
    return site


def _key(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def _upsert(arguments: str, model: str = "prisma.user") -> str:
    return f"await {model}.upsert({{ {arguments} }})"


def test_an_upsert_by_one_unique_field_is_one_statement(sites: Sites) -> None:
    site = _only(sites, _upsert("where: { email }, create: { email, fullName: 'a' }, update: { fullName: 'b' }"))
    assert (str(site.write.table), site.mechanism, site.write.action) == ("users", Mechanism.ON_CONFLICT, Action.UPDATE)
    assert _key(site) == ("email",)
    assert site.write.columns == ("email", "full_name", "role", "updated_at")
    assert site.write.set_columns == ("full_name", "updated_at")
    assert site.status is Status.RESOLVED


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("where: { email }, create: { email }, update: {}", "nothing is updated"),
        ("where: { email }, create: { email }, update: { role: undefined }", "nothing is updated"),
        ("where: { email: 'a' }, create: { email: 'b' }, update: { role }", 'has another value of "email"'),
        ("where: { id }, create: { email }, update: { role }", '"create" has no "id"'),
        ("where: { email, role }, create: { email }, update: { role }", "more than one unique key"),
        ("where: { email }, create: { email, posts: { create: [] } }, update: { role }", "are written along"),
        ("where: { email }, create: { email }, update: { role }, include: { posts: true }", "are read along"),
        ("where: { email }, create: { email }, update: { role }, select: { _count: true }", "are read along"),
    ],
)
def test_an_upsert_of_any_other_kind_looks_first(sites: Sites, arguments: str, why: str) -> None:
    site = _only(sites, _upsert(arguments))
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns is not None
    assert why in (site.reason or "")


@pytest.mark.parametrize(
    "more", ["select: { id: true, email: true }", "include: { posts: false }", "include: undefined"]
)
def test_what_reads_no_other_model_changes_nothing(sites: Sites, more: str) -> None:
    site = _only(sites, _upsert(f"where: {{ email }}, create: {{ email }}, update: {{ role }}, {more}"))
    assert site.mechanism is Mechanism.ON_CONFLICT


@pytest.mark.parametrize(
    ("where", "key"),
    [
        ("site_slug: { site, slug }", ("site", "slug")),
        ("mine: { authorId: user.id, slug }", ("author_id", "slug")),
    ],
)
def test_compound_keys_are_known_by_their_names(sites: Sites, where: str, key: tuple[str, ...]) -> None:
    create = "{ site, slug, authorId: user.id }"
    site = _only(sites, _upsert(f"where: {{ {where} }}, create: {create}, update: {{ note }}", "this.db.post"))
    assert (str(site.write.table), _key(site), site.mechanism) == ("blog.Post", key, Mechanism.ON_CONFLICT)
    assert set(site.write.columns or ()) == {"id", "site", "slug", "author_id"}


def test_values_that_may_differ_are_told(sites: Sites) -> None:
    site = _only(sites, _upsert("where: { email: a }, create: { email: b }, update: { role }"))
    assert site.mechanism is Mechanism.ON_CONFLICT
    assert site.reason == 'Prisma looks first if "create" has another value of "email" than "where"'


def test_the_same_expression_is_the_same_value(sites: Sites) -> None:
    body = _upsert(
        "where: { email: x.email.toLowerCase() }, create: { email: x.email.toLowerCase() }, update: { role }"
    )
    assert _only(sites, body).reason is None


def test_rows_with_a_spread_are_partly_known(sites: Sites) -> None:
    site = _only(sites, _upsert("where: { email }, create: { email, ...data }, update: data"))
    assert site.status is Status.PARTIAL
    assert site.mechanism is Mechanism.ON_CONFLICT


def test_a_where_that_is_not_known_leaves_the_target_open(sites: Sites) -> None:
    site = _only(sites, _upsert("where, create: { email }, update: { role }"))
    assert isinstance(site.write.target, Unresolved)
    assert str(site.write.table) == "users"


def test_a_client_before_native_upserts_looks_first(sites: Sites) -> None:
    body = _upsert("where: { email }, create: { email }, update: { role }")
    files = {"package.json": '{ "dependencies": { "@prisma/client": "~4.5.0" } }'}
    assert _only(sites, body, **files).reason == "Prisma before 4.6 looks the row up first"
    files = {"package.json": '{ "devDependencies": { "prisma": "^5.1.0" } }'}
    assert _only(sites, body, **files).mechanism is Mechanism.ON_CONFLICT


def test_a_schema_in_several_files_is_one(sites: Sites) -> None:
    found = sites({
        "src/a.ts": _upsert("where: { name }, create: { name }, update: { name }", "prisma.label"),
        "prisma/schema/base.prisma": _SOURCE,
        "prisma/schema/models/label.prisma": 'model Label {\n id Int @id\n name String @unique\n @@map("labels")\n}',
    })  # fmt: skip
    assert [str(site.write.table) for site in found] == ["labels"]


def test_the_nearest_of_several_schemas_counts(sites: Sites) -> None:
    model = 'model Label {{\n name String @unique\n @@map("{}")\n}}'
    found = sites({
        "apps/one/src/a.ts": _upsert("where: { name }, create: { name }, update: { name }", "prisma.label"),
        "apps/one/prisma/schema.prisma": _SOURCE + model.format("ones"),
        "apps/two/prisma/schema.prisma": _SOURCE + model.format("twos"),
    })  # fmt: skip
    assert [str(site.write.table) for site in found] == ["ones"]


def test_a_copy_of_a_schema_among_documents_does_not_count_elsewhere(sites: Sites) -> None:
    model = 'model Label {{\n name String @unique\n @@map("{}")\n}}'
    found = sites({
        "src/a.ts": _upsert("where: { name }, create: { name }, update: { name }", "prisma.label"),
        "packages/db/prisma/schema.prisma": _SOURCE + model.format("ones"),
        "apps/two/docs/reference/schema.prisma": _SOURCE + model.format("twos"),
        "apps/two/docs/reference/seed.ts": _upsert("where: { name }, create: { name }, update: {}", "prisma.label"),
    })  # fmt: skip
    assert [str(site.write.table) for site in found] == ["twos", "ones"]


def test_two_schemas_as_near_as_each_other_leave_the_table_open(sites: Sites) -> None:
    model = 'model Label {{\n name String @unique\n @@map("{}")\n}}'
    found = sites({
        "src/a.ts": _upsert("where: { name }, create: { name }, update: { name }", "prisma.label"),
        "one/schema.prisma": _SOURCE + model.format("ones"),
        "two/schema.prisma": _SOURCE + model.format("twos"),
    })  # fmt: skip
    assert [(site.write.table, site.reason) for site in found] == [
        (None, 'several schemas declare a model that is called "label"')
    ]


@pytest.mark.parametrize("provider", ["mysql", "sqlite", "mongodb"])
def test_other_providers_are_not_postgres(sites: Sites, provider: str) -> None:
    schema = (_SOURCE + _MODELS).replace("postgresql", provider)
    site = _only(sites, _upsert("where: { email }, create: { email }, update: { role }"), schema)
    assert (site.status, site.reason) == (Status.NOT_POSTGRES, f'schema.prisma has the provider "{provider}"')


def test_skipping_duplicates_has_no_target(sites: Sites) -> None:
    body = "await tx.tag.createMany({ data: names.map((name) => ({ name })), skipDuplicates: true })"
    site = _only(sites, body)
    assert (site.write.target, site.write.action, site.mechanism) == (
        AnyArbiter(),
        Action.NOTHING,
        Mechanism.ON_CONFLICT,
    )
    assert site.write.columns == ("name",)


def test_creating_many_is_a_plain_insert(sites: Sites) -> None:
    site = _only(sites, "await prisma.tag.createManyAndReturn({ data: [{ name: 'a' }] })")
    assert (site.mechanism, site.write.rows) == (Mechanism.PLAIN_INSERT, 1)


def test_nested_writes_are_sites_of_the_model_that_they_write(sites: Sites) -> None:
    body = """
    await prisma.user.update({
      where: { id },
      data: {
        posts: {
          upsert: { where: { site_slug: { site, slug } }, create: { site, slug }, update: { note } },
          createMany: { data: [{ site, slug: 'x' }], skipDuplicates: true },
          create: {
            site, slug: 'y',
            tags: { connectOrCreate: names.map((name) => ({ where: { name }, create: { name } })) },
          },
        },
        profile: { upsert: { create: { bio }, update: { bio } } },
      },
    })
    """
    found = _all(sites, body)
    seen = [(site.span.line, str(site.write.table), site.mechanism.value, site.write.action) for site in found]
    assert seen == [
        (7, "blog.Post", "select_then_insert", Action.UPDATE),
        (8, "blog.Post", "on_conflict", Action.NOTHING),
        (11, "Tag", "select_then_insert", Action.NOTHING),
        (14, "Profile", "select_then_insert", Action.UPDATE),
    ]
    assert [set(site.write.columns or ()) for site in found] == [
        {"id", "site", "slug", "author_id"}, {"id", "site", "slug", "author_id"}, {"name"}, {"bio", "userId"},
    ]  # fmt: skip
    assert _key(found[3]) == ("userId",)


def test_nested_writes_are_found_through_conditions_and_the_rows_that_map_makes(sites: Sites) -> None:
    body = """
    await prisma.user.update({
      where: { id },
      data: {
        ...rest,
        profile: bio ? { upsert: { create: { bio }, update: { bio } } } : undefined,
        posts: posts
          ? {
              deleteMany: { slug: { notIn: kept } },
              create: posts.filter(isNew).map((post) => {
                const slug = post.slug.trim();
                return {
                  site,
                  slug,
                  tags: post.tag ? { connectOrCreate: { where: { name }, create: { name } } } : undefined,
                };
              }),
              createMany: own ? { data: [{ site, slug: 'x' }], skipDuplicates: true } : undefined,
            }
          : undefined,
      },
    })
    """
    found = _all(sites, body)
    assert [(site.span.line, str(site.write.table), site.mechanism.value) for site in found] == [
        (7, "Profile", "select_then_insert"), (16, "Tag", "select_then_insert"), (19, "blog.Post", "on_conflict"),
    ]  # fmt: skip


def test_a_model_that_is_chosen_at_run_time_is_a_site(sites: Sites) -> None:
    body = "export const put = (model, where, row) => prisma[model].upsert({ where, create: row, update: row })"
    site = _only(sites, body)
    assert site.status is Status.UNRESOLVED


def test_calls_of_a_helper_of_the_project_are_sites(sites: Sites) -> None:
    body = """
    export class Users {
      constructor(private readonly prisma: PrismaService) {}
      put(email: string, role: Role) {
        return this.prisma.user.upsert({ where: { email }, create: { email, role }, update: { role } })
      }
    }
    """
    assert _key(_only(sites, body)) == ("email",)


def test_another_client_with_an_upsert_is_left_alone(sites: Sites) -> None:
    body = "await index.upsert([{ id: '1', values }])\nawait store.upsert({ id: 1 })"
    assert [site for site in sites({"src/a.ts": body}) if site.client == "prisma"] == []


@pytest.mark.parametrize(
    ("before", "mechanism", "keys"),
    [
        ("findUnique({ where: { email } })", Mechanism.SELECT_THEN_INSERT, ("email",)),
        ("findFirst({ where: { email, role: 'owner' } })", Mechanism.SELECT_THEN_INSERT, ("email", "role")),
        ("updateMany({ where: { email }, data: { role } })", Mechanism.UPDATE_THEN_INSERT, ("email",)),
        ("deleteMany({ where: { email } })", Mechanism.DELETE_INSERT, ("email",)),
        ("findFirst({ where: { email: { contains: x } } })", Mechanism.PLAIN_INSERT, None),
        ("findFirst({ where: { id } })", Mechanism.PLAIN_INSERT, None),
        ("findFirst({ where: { email }, orderBy: { id: 'desc' } })", Mechanism.PLAIN_INSERT, None),
        ("deleteMany({ where: { updatedAt } })", Mechanism.PLAIN_INSERT, None),
    ],
)
def test_a_row_that_is_created_after_a_step_by_its_key_is_raced_for(
    sites: Sites, before: str, mechanism: Mechanism, keys: tuple[str, ...] | None
) -> None:
    body = f"""
    export async function add(email) {{
      const found = await prisma.user.{before}
      if (!found) await prisma.user.create({{ data: {{ email, role }} }})
    }}
    """
    site = _only(sites, body)
    assert (site.mechanism, site.key_columns) == (mechanism, keys)
    assert set(site.write.columns or ()) == {"email", "role", "updated_at"}


def test_a_row_that_is_created_without_a_step_is_not_reported(sites: Sites) -> None:
    body = """
    export const find = (email) => prisma.user.findUnique({ where: { email } })
    export const add = (email) => prisma.user.create({ data: { email } })
    """
    assert _all(sites, body) == ()
