import { refused, run } from "./cases.mjs";
import { Document, OrderItem, Price, sequelize, UserStatus } from "./models.mjs";

await run(
  {
    "takes the first unique key of a written column": async () => {
      await Price.upsert({ sku: "a", amountCents: 1 });
    },
    "takes the primary key when it is written": async () => {
      await Price.upsert({ id: 1, sku: "b", amountCents: 2 });
    },
    "takes the primary key, never written, when no key is": async () => {
      await Price.upsert({ amountCents: 3, shown: "x" });
    },
    "takes the fields that it is given, as columns": async () => {
      await Price.upsert({ sku: "a", note: "n" }, { conflictFields: ["sku"], fields: ["note"] });
    },
    "writes a predicate into the text": async () => {
      await Price.upsert({ note: "z" }, { conflictFields: ["note"], conflictWhere: { amount_cents: null } });
    },
    "adds timestamps and defaults": async () => {
      await UserStatus.upsert({ handle: "h", email: "e" });
    },
    "maps names that are underscored": async () => {
      await OrderItem.upsert({ orderId: 1, lineNo: 1, itemName: "i" });
    },
    "takes an index when there is no key": async () => {
      await OrderItem.upsert({ itemName: "i" }).catch(() => {});
    },
    "fills in a primary key but does not set it": async () => {
      await Document.upsert({ title: "t", slug: "s" });
    },
    "updates many rows by attributes": async () => {
      await Price.bulkCreate([{ sku: "a", amountCents: 5 }, { sku: "c" }], {
        updateOnDuplicate: ["amountCents"],
        conflictAttributes: ["sku"],
      });
    },
    "joins all unique keys into a target that no index has": async () => {
      await refused(
        Document.bulkCreate([{ title: "t", slug: "s" }], { updateOnDuplicate: ["title"] }),
      );
    },
    "takes the first unique key for many rows": async () => {
      await UserStatus.bulkCreate([{ email: "q", handle: "r" }], { updateOnDuplicate: ["isActive", "updatedAt", "createdAt"] });
    },
    "ignores duplicates": async () => {
      await OrderItem.bulkCreate([{ orderId: 1, lineNo: 1 }], { ignoreDuplicates: true });
    },
    "finds or creates": async () => {
      await UserStatus.findOrCreate({ where: { email: "new" }, defaults: { handle: "n" } });
    },
    "finds, creates and finds": async () => {
      await Price.findCreateFind({ where: { sku: "new" }, defaults: { amountCents: 9 } });
    },
    "inserts without a model": async () => {
      await sequelize
        .getQueryInterface()
        .bulkInsert("prices", [{ sku: "a", note: "m" }], { updateOnDuplicate: ["note"], upsertKeys: ["sku"] });
    },
  },
  () => sequelize.close(),
);
