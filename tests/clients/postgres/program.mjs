import postgres from "postgres";
import { run } from "./cases.mjs";

const place = { host: `${process.env.PGHOST}/.s.PGSQL.${process.env.PGPORT}`, path: `${process.env.PGHOST}/.s.PGSQL.${process.env.PGPORT}`, user: process.env.PGUSER, database: process.env.PGDATABASE, max: 1, onnotice: () => {} };
const sql = postgres(place);
const camel = postgres({ ...place, transform: postgres.camel });
const TABLE = "devices";
const rows = [{ run_id: 1, step: 1, state: "x" }, { run_id: 1, step: 2, state: "y" }];

await run(
  {
    "writes an object": async () => {
      await sql`insert into devices ${sql({ serial: "a", name: "x" })} on conflict (serial) do update set name = excluded.name`;
    },
    "names the table and the columns": async () => {
      const device = { serial: "b", name: "x", other: 1 };
      await sql`insert into ${sql(TABLE)} ${sql(device, "serial", "name")} on conflict (${sql("serial")}) do nothing`;
    },
    "names a schema, and writes several rows": async () => {
      await sql`insert into ${sql("ops.runs")} ${sql(rows)} on conflict (run_id, step) do nothing`;
    },
    "takes a list of columns": async () => {
      const columns = ["run_id", "step"];
      await sql`insert into ops.runs ${sql(rows, columns)} on conflict (${sql(columns)}) do nothing`;
    },
    "assigns an object": async () => {
      const device = { serial: "c", name: "y" };
      await sql`insert into devices ${sql(device)} on conflict (serial) do update set ${sql(device, "name")}`;
    },
    "adds a clause that is a fragment": async () => {
      const clause = sql`on conflict (serial) do nothing`;
      await sql`insert into devices (serial) values (${"d"}) ${clause}`;
    },
    "writes in a transaction": async () => {
      await sql.begin(async (tx) => {
        await tx`insert into devices ${tx({ serial: "e" })} on conflict (serial) do nothing`;
      });
    },
    "makes names of camel case": async () => {
      await camel`insert into devices ${camel({ serial: "f", seenAt: null })} on conflict (serial) do nothing`;
    },
  },
  () => Promise.all([sql.end(), camel.end()]),
);
