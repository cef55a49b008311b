import { CamelCasePlugin, Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { refused, run } from "./cases.mjs";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const dialect = new PostgresDialect({ pool });
const db = new Kysely({ dialect });
const camel = new Kysely({ dialect, plugins: [new CamelCasePlugin()] });
const pets = [
  { name: "a", owner: "x" },
  { name: "b", owner: "y" },
];

await run(
  {
    "updates by one column": async () => {
      await db
        .insertInto("pets")
        .values({ name: "rex", owner: "ann" })
        .onConflict((oc) => oc.column("name").doUpdateSet({ owner: "ann" }))
        .execute();
    },
    "updates several rows with what was excluded": async () => {
      await db
        .insertInto("pets")
        .values(pets)
        .onConflict((oc) =>
          oc.column("name").doUpdateSet((eb) => ({ owner: eb.ref("excluded.owner"), seen: sql`now()` })),
        )
        .execute();
    },
    "writes the keys of all rows": async () => {
      await db
        .insertInto("pets")
        .values([{ name: "c" }, { name: "d", seen: "2026-01-01" }])
        .onConflict((oc) => oc.column("name").doNothing())
        .execute();
    },
    "names a constraint": async () => {
      await db
        .insertInto("pets")
        .values({ name: "rex" })
        .onConflict((oc) => oc.constraint("pets_name_key").doUpdateSet({ owner: (eb) => eb.ref("excluded.owner") }))
        .execute();
    },
    "names no target": async () => {
      await db
        .insertInto("pets")
        .values({ name: "rex" })
        .onConflict((oc) => oc.doNothing())
        .execute();
    },
    "updates without a target": async () => {
      await refused(
        db
          .insertInto("pets")
          .values({ name: "rex" })
          .onConflict((oc) => oc.doUpdateSet({ owner: "bob" }))
          .execute(),
      );
    },
    "has an expression and a predicate without a value": async () => {
      await db
        .insertInto("people")
        .values({ id: 1, email: "A@x" })
        .onConflict((oc) => oc.expression(sql`lower(email)`).where("deleted_at", "is", null).doNothing())
        .execute();
    },
    "binds the value of a predicate": async () => {
      await db
        .insertInto("people")
        .values({ id: 2, email: "b@x", age: 30 })
        .onConflict((oc) =>
          oc.column("email").where("age", ">", 17).doUpdateSet({ age: 31 }).where("people.age", "<", 99),
        )
        .execute();
    },
    "adds columns one by one": async () => {
      await db
        .insertInto("ops.jobs")
        .values({ queue: "q", key: "k" })
        .onConflict((oc) => oc.column("queue").column("key").doUpdateSet({ runs: 2 }))
        .execute();
    },
    "takes a schema": async () => {
      await db
        .withSchema("ops")
        .insertInto("jobs")
        .values({ queue: "q", key: "l", runs: 1 })
        .onConflict((oc) => oc.columns(["queue", "key"]).doUpdateSet({ runs: 2 }))
        .execute();
    },
    "inserts what a query selects": async () => {
      await db
        .insertInto("ops.jobs")
        .columns(["queue", "key"])
        .expression((eb) => eb.selectFrom("pets").select(["name", "owner"]).where("owner", "is not", null))
        .onConflict((oc) => oc.columns(["queue", "key"]).doNothing())
        .execute();
    },
    "rewrites names in camel case": async () => {
      await camel
        .insertInto("userPrefs")
        .values({ userId: 1, darkMode: true, font2Size: 3 })
        .onConflict((oc) => oc.column("userId").doUpdateSet({ darkMode: false }))
        .execute();
    },
    "writes in a transaction": async () => {
      await db.transaction().execute(async (trx) => {
        await trx
          .insertInto("pets")
          .values({ name: "tom" })
          .onConflict((oc) => oc.columns(["name"]).doNothing())
          .execute();
      });
    },
    "ignores with a word of other databases": async () => {
      await refused(db.insertInto("pets").ignore().values({ name: "tom" }).execute());
    },
  },
  () => db.destroy(),
);
