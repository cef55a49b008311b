import "reflect-metadata";
import {
  AutoIncrement,
  Column,
  CreatedAt,
  DataType,
  Default,
  Model,
  PrimaryKey,
  Sequelize,
  Table,
  Unique,
} from "sequelize-typescript";
import { run } from "./cases.mjs";

@Table
class Person extends Model {
  @PrimaryKey
  @AutoIncrement
  @Column(DataType.INTEGER)
  declare id: number;
  @Unique
  @Column({ type: DataType.TEXT, field: "e_mail" })
  declare email: string;
  @Column(DataType.TEXT)
  declare nickName: string;
  @Default(true)
  @Column(DataType.BOOLEAN)
  declare isOpen: boolean;
  @CreatedAt
  @Column(DataType.DATE)
  declare born: Date;
}

@Table({ timestamps: false, underscored: true })
class SalePoint extends Model {
  @Column({ type: DataType.TEXT, primaryKey: true })
  declare code: string;
  @Unique("by_region")
  @Column(DataType.TEXT)
  declare region: string;
  @Unique("by_region")
  @Column(DataType.TEXT)
  declare label: string;
}

const sequelize = new Sequelize({
  dialect: "postgres",
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  username: process.env.PGUSER,
  database: process.env.PGDATABASE,
  logging: false,
  models: [Person, SalePoint],
});

await run(
  {
    "names the table by the plural of the class": async () => {
      await Person.upsert({ email: "a", nickName: "n" });
    },
    "takes attributes of a key by its name": async () => {
      await SalePoint.bulkCreate([{ code: "x", region: "r", label: "l" }], { updateOnDuplicate: ["code"] });
    },
    "takes the primary key": async () => {
      await SalePoint.upsert({ code: "x", region: "q", label: "l" });
    },
    "ignores duplicates": async () => {
      await Person.bulkCreate([{ email: "b" }], { ignoreDuplicates: true });
    },
    "finds or creates": async () => {
      await SalePoint.findOrCreate({ where: { region: "r", label: "m" }, defaults: { code: "y" } });
    },
  },
  () => sequelize.close(),
);
