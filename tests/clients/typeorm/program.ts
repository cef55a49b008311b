import "reflect-metadata";
import { DataSource } from "typeorm";
import { refused, run } from "./cases.mjs";
import { Address, Pet, Tag, Team, User } from "./entities.ts";

const source = new DataSource({
  type: "postgres",
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  username: process.env.PGUSER,
  database: process.env.PGDATABASE,
  entities: [Team, User, Tag, Pet],
});
await source.initialize();
const users = source.getRepository(User);

await run(
  {
    "sets the columns of the conflict too": async () => {
      await users.upsert({ email: "a", nickName: "x" }, ["email"]);
    },
    "takes several rows": async () => {
      await users.upsert([{ email: "a", nickName: "x" }, { email: "b" }], { conflictPaths: ["email"] });
    },
    "takes the paths as an object": async () => {
      await source.manager.upsert(User, { email: "a", home: { street: "s" } }, { conflictPaths: { email: true } });
    },
    "skips what has not changed": async () => {
      await users.upsert({ email: "a", nickName: "y" }, { conflictPaths: ["email"], skipUpdateIfNoValuesChanged: true });
    },
    "names the predicate of an index": async () => {
      await users.upsert({ nickName: "n" }, { conflictPaths: ["nickName"], indexPredicate: '"teamTeamId" IS NULL' });
    },
    "has no index on a relation": async () => {
      await refused(users.upsert({ email: "a", team: { teamId: 1 } }, ["team"]));
    },
    "never inserts a key that the server counts": async () => {
      await source.getRepository(Team).upsert({ teamId: 7, name: "t" }, ["teamId"]);
    },
    "is called on the class": async () => {
      await Tag.upsert({ id: 1, slug: "s" }, ["slug"]);
    },
    "knows entities without classes": async () => {
      await source.getRepository(Pet).upsert({ id: 2, slug: "p", label: "l" }, ["id"]);
    },
    "builds an update of columns": async () => {
      await source
        .createQueryBuilder()
        .insert()
        .into(User)
        .values({ email: "a", nickName: "z" })
        .orUpdate(["nickName"], ["e_mail"])
        .execute();
    },
    "builds an update by a constraint": async () => {
      await source
        .createQueryBuilder()
        .insert()
        .into(Team)
        .values([{ name: "t" }, { name: "u" }])
        .orUpdate(["name"], "team_name")
        .execute();
    },
    "builds an update without a target": async () => {
      await refused(source.createQueryBuilder().insert().into(Team).values({ name: "t" }).orUpdate(["name"]).execute());
    },
    "ignores any conflict": async () => {
      await users.createQueryBuilder().insert().values({ email: "a" }).orIgnore().execute();
    },
    "inserts chosen columns": async () => {
      await source
        .createQueryBuilder()
        .insert()
        .into(Tag, ["id", "slug"])
        .values({ id: 3, slug: "q" })
        .orUpdate(["slug"], ["id"], { indexPredicate: "id > 0" })
        .execute();
    },
  },
  () => source.destroy(),
);
void Address;
