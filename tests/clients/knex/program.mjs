import makeKnex from "knex";
import { refused, run } from "./cases.mjs";

const knex = makeKnex({
  client: "pg",
  connection: { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE },
  pool: { min: 1, max: 1 },
});
const KEY = ["sku", "day"];
const row = { sku: "a", day: 1, px: 2 };

await run(
  {
    "merges all that is inserted": async () => {
      await knex("prices").insert(row).onConflict(KEY).merge();
    },
    "merges a list of columns": async () => {
      await knex("prices").insert([row, { sku: "b", day: 1, px: 3 }]).onConflict(["sku", "day"]).merge(["px"]);
    },
    "merges an object, undefined left out": async () => {
      await knex("prices")
        .insert({ ...row, seen: undefined })
        .onConflict(KEY)
        .merge({ seen: knex.fn.now(), px: undefined })
        .where("prices.px", ">", 0);
    },
    "takes a text given to merge for nothing": async () => {
      await knex("prices").insert(row).onConflict(KEY).merge("px");
    },
    "ignores any conflict": async () => {
      await knex.insert(row).into("prices").onConflict().ignore();
    },
    "merges without a target, which names a column true": async () => {
      await refused(knex("prices").insert(row).onConflict().merge());
    },
    "names a schema": async () => {
      await knex.withSchema("ops").table("jobs").insert({ queue: "q" }).onConflict("queue").ignore();
    },
    "names a schema in the table": async () => {
      await knex("ops.jobs as j").insert({ queue: "q", runs: 1 }).onConflict("queue").merge(["runs"]);
    },
    "keeps the case of names": async () => {
      await knex("camelCase").insert({ userId: 1, darkMode: true }).onConflict("userId").merge();
    },
    "writes a target as SQL": async () => {
      await knex("people")
        .insert({ id: 1, email: "A" })
        .onConflict(knex.raw("(lower(email)) where deleted_at is null"))
        .merge(["email"]);
    },
    "binds a value in the predicate": async () => {
      await knex("people")
        .insert({ id: 2, email: "B", age: 20 })
        .onConflict(knex.raw("(??) where age > ?", ["email", 17]))
        .ignore();
    },
    "names a constraint": async () => {
      await knex("prices").insert(row).onConflict(knex.raw("on constraint prices_sku_day")).merge(["px"]);
    },
    "writes in a transaction": async () => {
      await knex.transaction(async (trx) => {
        await trx("prices").insert(row).onConflict(KEY).merge(["px"]);
      });
    },
    "sends columns that some rows lack as defaults": async () => {
      await knex("ops.jobs").insert([{ queue: "x" }, { queue: "y", runs: 2 }]).onConflict("queue").merge();
    },
  },
  () => knex.destroy(),
);
