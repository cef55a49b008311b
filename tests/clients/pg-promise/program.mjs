import pgPromise from "pg-promise";
import { run } from "./cases.mjs";

const pgp = pgPromise();
const db = pgp({ host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE });
const devices = new pgp.helpers.ColumnSet(["serial", { name: "seenAt", prop: "seen" }, "info:json"], { table: "devices" });
const runs = new pgp.helpers.ColumnSet(["?run_id", "step", "state"], { table: new pgp.helpers.TableName({ table: "runs", schema: "ops" }) });

await run(
  {
    "joins an insert and a clause": async () => {
      await db.none(
        pgp.helpers.insert([{ serial: "a", seen: null, info: {} }], devices) +
          ' ON CONFLICT (serial) DO UPDATE SET "seenAt" = EXCLUDED."seenAt"',
      );
    },
    "assigns the columns of the set": async () => {
      const query =
        pgp.helpers.insert({ run_id: 1, step: 1, state: "x" }, runs) +
        " ON CONFLICT (run_id, step) DO UPDATE SET " +
        runs.assignColumns({ from: "EXCLUDED", skip: ["step"] });
      await db.none(query);
    },
    "names columns and table in place": async () => {
      await db.none(`${pgp.helpers.insert({ serial: "b" }, null, "devices")} ON CONFLICT DO NOTHING`);
    },
    "names columns as a list": async () => {
      await db.none(pgp.helpers.insert({ serial: "b" }, ["serial"], "devices") + " ON CONFLICT (serial) DO NOTHING");
    },
    "extends a set of columns": async () => {
      const more = devices.extend(["id"]);
      await db.none(pgp.helpers.insert({ serial: "x", seen: null, info: {}, id: 9 }, more) + " ON CONFLICT (serial) DO NOTHING");
    },
  },
  () => pgp.end(),
);
