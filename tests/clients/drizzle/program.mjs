import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { run } from "./cases.mjs";
import * as tables from "./tables.mjs";
import { devices, notes, tags, users } from "./tables.mjs";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const db = drizzle(pool);
const snake = drizzle({ client: pool, casing: "snake_case" });
const put = (table, target, rows) => db.insert(table).values(rows).onConflictDoNothing({ target });

await run(
  {
    "updates by one column and lists every column": async () => {
      await db
        .insert(users)
        .values({ email: "a@x", fullName: "A" })
        .onConflictDoUpdate({ target: users.email, set: { fullName: "B" } });
    },
    "sets what was excluded": async () => {
      await db
        .insert(tables.users)
        .values([{ email: "a@x" }, { email: "b@x", fullName: "B" }])
        .onConflictDoUpdate({ target: [tables.users.email], set: { fullName: sql`excluded.full_name` } });
    },
    "ignores keys that are no columns": async () => {
      const row = { email: "c@x", nickname: "c" };
      await db.insert(users).values(row).onConflictDoNothing({ target: users.email });
    },
    "names no target": async () => {
      await db.insert(users).values({ email: "a@x" }).onConflictDoNothing();
    },
    "writes a table of a schema": async () => {
      await db
        .insert(devices)
        .values({ orgId: 1, serial: "s", kind: undefined })
        .onConflictDoUpdate({ target: [devices.orgId, devices.serial], set: { lastSeen: new Date(), label: undefined } });
    },
    "has the predicate of a partial index": async () => {
      await db
        .insert(devices)
        .values({ orgId: 2, serial: "t" })
        .onConflictDoNothing({ target: devices.serial, where: isNull(devices.freedAt) });
    },
    "has a predicate in a template": async () => {
      await db
        .insert(devices)
        .values({ orgId: 3, serial: "u" })
        .onConflictDoUpdate({
          target: devices.serial,
          targetWhere: sql`${devices.freedAt} is null`,
          set: { lastSeen: sql`now()` },
          setWhere: sql`${devices.orgId} > 0`,
        });
    },
    "binds the values of a predicate": async () => {
      await db
        .insert(devices)
        .values({ orgId: 4, serial: "v", label: "l", kind: "x" })
        .onConflictDoUpdate({
          target: [devices.serial, devices.label],
          targetWhere: and(eq(devices.kind, "x"), inArray(devices.orgId, [1, 2])),
          set: { lastSeen: null },
        });
    },
    "takes the old where for the row filter": async () => {
      await db
        .insert(devices)
        .values({ orgId: 5, serial: "w" })
        .onConflictDoUpdate({
          target: [devices.orgId, devices.serial],
          set: { kind: "y" },
          where: eq(devices.kind, "z"),
        });
    },
    "makes names of tables by a rule": async () => {
      await db
        .insert(notes)
        .values({ id: "n", noteText: "t" })
        .onConflictDoUpdate({ target: notes.id, set: { noteText: "u" } });
    },
    "makes names of columns of properties": async () => {
      await snake
        .insert(tags)
        .values({ tagId: "n", tagName: "t", html2Text: "h" })
        .onConflictDoUpdate({ target: tags.tagId, set: { tagName: "u" } });
    },
    "inserts what a query selects": async () => {
      await db
        .insert(notes)
        .select(db.select({ id: users.email, noteText: users.fullName }).from(users))
        .onConflictDoNothing({ target: notes.id });
    },
    "overrides the value of the system": async () => {
      await db
        .insert(users)
        .overridingSystemValue()
        .values({ id: 99, email: "z@x" })
        .onConflictDoNothing({ target: users.id });
    },
    "writes in a transaction": async () => {
      await db.transaction(async (tx) => {
        await tx.insert(notes).values({ id: "m" }).onConflictDoNothing({ target: [notes.id] });
      });
    },
    "writes a table in a template": async () => {
      await db.execute(sql`
        insert into ${devices} (org_id, serial) values (${6}, ${"x"})
        on conflict (org_id, serial) do nothing`);
    },
    "writes a table of a rule in a template": async () => {
      await db.execute(sql`insert into ${notes} (note_id) values (${"o"}) on conflict (note_id) do nothing`);
    },
    "takes a column that a function is given": async () => {
      await put(users, users.email, [{ email: "y@x" }]);
    },
  },
  () => pool.end(),
);
