import pg from "pg";
import format from "pg-format";
import { refused, run } from "./cases.mjs";

const client = new pg.Client({ host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE });
await client.connect();

await run(
  {
    "names a table and a target": async () => {
      await client.query(format("INSERT INTO %I (serial) VALUES (%L) ON CONFLICT (%I) DO NOTHING", "devices", "a", "serial"));
    },
    "writes rows of columns in a list": async () => {
      const rows = [["b", null], ["c", null]];
      await client.query(format("INSERT INTO devices (%I) VALUES %L ON CONFLICT (serial) DO NOTHING", ["serial", "seenAt"], rows));
    },
    "names a schema": async () => {
      const query = format("INSERT INTO %s (%I) VALUES %L ON CONFLICT (run_id, step) DO UPDATE SET state = EXCLUDED.state", "ops.runs", ["run_id", "step", "state"], [[1, 1, "x"]]);
      await client.query(query);
    },
    "takes a dot for a part of a name": async () => {
      await refused(client.query(format("INSERT INTO %I (step) VALUES (%L) ON CONFLICT DO NOTHING", "ops.runs", 1)));
    },
    "takes its arguments as an array": async () => {
      await client.query(format.withArray("INSERT INTO %I (serial) VALUES %L ON CONFLICT (serial) DO NOTHING", ["devices", [["d"]]]));
    },
    "takes arguments by number": async () => {
      await client.query(format("INSERT INTO %2$s (serial) VALUES (%1$L) ON CONFLICT DO NOTHING", "e", "devices"));
    },
  },
  () => client.end(),
);
