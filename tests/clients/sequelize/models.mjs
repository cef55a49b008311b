import { DataTypes, Model, Sequelize } from "sequelize";

export const sequelize = new Sequelize({
  dialect: "postgres",
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  username: process.env.PGUSER,
  database: process.env.PGDATABASE,
  logging: false,
  pool: { max: 1 },
});

export const Price = sequelize.define(
  "Price",
  {
    id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
    sku: { type: DataTypes.STRING, unique: true },
    amountCents: { type: DataTypes.INTEGER, field: "amount_cents" },
    note: DataTypes.TEXT,
    shown: { type: DataTypes.VIRTUAL(DataTypes.STRING) },
  },
  { tableName: "prices", timestamps: false },
);

export const UserStatus = sequelize.define("UserStatus", {
  email: { type: DataTypes.STRING, unique: true },
  handle: { type: DataTypes.STRING, unique: "by_handle" },
  isActive: { type: DataTypes.BOOLEAN, defaultValue: true },
});

export class OrderItem extends Model {}
OrderItem.init(
  {
    orderId: { type: DataTypes.INTEGER, primaryKey: true },
    lineNo: { type: DataTypes.INTEGER, primaryKey: true },
    itemName: DataTypes.STRING,
  },
  {
    sequelize,
    schema: "ops",
    underscored: true,
    updatedAt: "modified",
    indexes: [{ unique: true, fields: ["item_name"] }],
  },
);

export class Document extends Model {
  static initModel() {
    return super.init(
      {
        id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
        title: DataTypes.TEXT,
        slug: DataTypes.TEXT,
        lang: DataTypes.TEXT,
      },
      {
        sequelize,
        modelName: "document",
        timestamps: false,
        indexes: [
          { unique: true, fields: ["slug"] },
          { type: "UNIQUE", fields: ["slug", "lang"] },
        ],
      },
    );
  }
}
Document.initModel();
