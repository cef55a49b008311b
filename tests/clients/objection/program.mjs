import makeKnex from "knex";
import { Model, knexSnakeCaseMappers, snakeCaseMappers } from "objection";
import { refused, run } from "./cases.mjs";

const connection = { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE };
const plain = makeKnex({ client: "pg", connection, pool: { min: 1, max: 1 } });
const mapped = makeKnex({ client: "pg", connection, pool: { min: 1, max: 1 }, ...knexSnakeCaseMappers() });

class Base extends Model {
  static get columnNameMappers() {
    return snakeCaseMappers();
  }
}

class Person extends Base {
  static tableName = "persons";
  static get jsonSchema() {
    return { type: "object", properties: { firstName: { type: "string" }, isActive: { type: "boolean", default: true } } };
  }
}
Person.knex(plain);

await run(
  {
    "maps the row but not the target": async () => {
      await refused(Person.query().insert({ firstName: "a", taxId: "1" }).onConflict("taxId").merge());
    },
    "takes a target that is named as the column": async () => {
      await Person.query().insert({ firstName: "a", taxId: "1" }).onConflict("tax_id").merge();
    },
    "maps an object of merge": async () => {
      await Person.query().insert({ taxId: "1" }).onConflict("tax_id").merge({ firstName: "b" });
    },
    "maps no list of merge": async () => {
      await refused(Person.query().insert({ taxId: "1", firstName: "c" }).onConflict("tax_id").merge(["firstName"]));
    },
    "names a schema": async () => {
      await Person.query().withSchema("hr").insert({ taxId: "1", isActive: false }).onConflict("tax_id").ignore();
    },
    "maps all names by the instance": async () => {
      await mapped("userRoles").insert({ userId: 1, roleName: "x" }).onConflict("userId").merge(["roleName"]);
    },
  },
  async () => {
    await plain.destroy();
    await mapped.destroy();
  },
);
