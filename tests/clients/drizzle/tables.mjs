import { sql } from "drizzle-orm";
import { integer, pgSchema, pgTable, pgTableCreator, text, timestamp, varchar } from "drizzle-orm/pg-core";

const timestamps = {
  createdAt: timestamp("created_at", { withTimezone: true }).defaultNow(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).$onUpdate(() => new Date()),
};

export const users = pgTable("users", {
  id: integer("id").primaryKey().generatedAlwaysAsIdentity(),
  email: varchar("email", { length: 99 }).notNull().unique(),
  fullName: text("full_name"),
  shouted: text("shouted").generatedAlwaysAs(sql`upper(full_name)`),
  ...timestamps,
});

const iot = pgSchema("iot");

export const devices = iot.table("devices", (t) => ({
  orgId: t.integer("org_id"),
  serial: t.text(),
  label: t.text().$defaultFn(() => "new"),
  lastSeen: t.timestamp({ withTimezone: true }),
  freedAt: t.timestamp("freed_at"),
  kind: t.text(),
}));

const appTable = pgTableCreator((name) => `app_${name}`);

export const notes = appTable("notes", { id: text("note_id").primaryKey(), noteText: text() });

export const tags = appTable("tags", { tagId: text().primaryKey(), tagName: text(), html2Text: text() });
