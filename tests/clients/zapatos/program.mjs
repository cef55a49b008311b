import pg from "pg";
import * as db from "zapatos/db";
import { run } from "./cases.mjs";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

await run(
  {
    "updates all by a column": async () => {
      await db.upsert("devices", { serial: "a", seenAt: null }, "serial").run(pool);
    },
    "updates some by columns of a schema's table": async () => {
      await db.upsert("ops.runs", [{ run_id: 1, step: 1, state: "x" }], ["run_id", "step"], { updateColumns: ["state"] }).run(pool);
    },
    "names a constraint": async () => {
      await db.upsert("devices", { serial: "a" }, db.constraint("devices_serial_key"), { updateValues: { seenAt: db.sql`now()` } }).run(pool);
    },
    "updates nothing": async () => {
      await db.upsert("devices", { serial: "a" }, ["serial"], { updateColumns: db.doNothing }).run(pool);
    },
  },
  () => pool.end(),
);
