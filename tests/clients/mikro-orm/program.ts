import { Entity, EntitySchema, ManyToOne, MikroORM, PrimaryKey, Property, raw, Unique } from "@mikro-orm/postgresql";
import { run } from "./cases.mjs";

@Entity()
@Unique({ properties: ["fullName", "born"] })
class Author {
  @PrimaryKey({ type: "integer" }) id!: number;
  @Property({ type: "text", unique: true }) email!: string;
  @Property({ type: "text" }) fullName!: string;
  @Unique() @Property({ type: "text", fieldName: "pen_name" }) alias!: string;
  @Property({ type: "integer" }) born!: number;
}

@Entity({ tableName: "books", schema: "ops" })
class Book {
  @PrimaryKey({ type: "text" }) isbn!: string;
  @Property({ type: "text" }) title!: string;
  @ManyToOne(() => Author) author!: Author;
}

const Person = new EntitySchema<{ id: number; email: string; pen: string }>({
  name: "Person",
  tableName: "people",
  properties: {
    id: { type: "integer", primary: true },
    email: { type: "text", unique: true },
    pen: { type: "text", fieldName: "pen_name" },
  },
});

const orm = await MikroORM.init({
  host: process.env.PGHOST,
  port: Number(process.env.PGPORT),
  user: process.env.PGUSER,
  dbName: process.env.PGDATABASE,
  entities: [Author, Book, Person],
  discovery: { requireEntitiesArray: true },
});
const em = orm.em.fork();

await run(
  {
    "takes the unique property that the data has": async () => {
      await em.fork().upsert(Author, { email: "a", fullName: "A" });
    },
    "takes the primary key when the data has it": async () => {
      await em.fork().upsert(Author, { id: 1, email: "a", fullName: "B" });
    },
    "takes the key of a decorator of a property": async () => {
      await em.fork().upsert(Author, { alias: "p", fullName: "C" });
    },
    "takes a key of several properties": async () => {
      await em.fork().upsert(Author, { fullName: "D", born: 1900 });
    },
    "takes the fields that it is given": async () => {
      await em.fork().upsert(
        Author,
        { email: "n", alias: "q", fullName: "E" },
        { onConflictFields: ["alias"], onConflictMergeFields: ["fullName"] },
      );
    },
    "leaves out fields": async () => {
      await em
        .fork()
        .upsert(Author, { email: "a", fullName: "F", born: 1 }, { onConflictExcludeFields: ["born"], onConflictFields: ["email"] });
    },
    "ignores a conflict": async () => {
      await em.fork().upsertMany(Author, [{ email: "a" }, { email: "b" }], { onConflictFields: ["email"], onConflictAction: "ignore" });
    },
    "upserts many": async () => {
      await em.fork().upsertMany(Author, [
        { email: "c", fullName: "G" },
        { email: "d", fullName: "H" },
      ]);
    },
    "names columns of relations": async () => {
      await em.fork().upsert(Book, { isbn: "1", title: "T", author: 1 });
    },
    "writes a target as SQL": async () => {
      await em
        .fork()
        .upsert(Book, { isbn: "1", title: "T" }, { onConflictFields: raw("(lower(title))"), onConflictMergeFields: ["title"] });
    },
    "knows entities without classes": async () => {
      await em.fork().getRepository(Person).upsert({ email: "a", pen: "z" });
    },
    "updates nothing when all is key": async () => {
      await em.fork().upsert(Author, { email: "e" });
    },
    "builds an update": async () => {
      await em.fork().createQueryBuilder(Author).insert({ email: "a", fullName: "I" }).onConflict("email").merge(["fullName"]).execute();
    },
    "builds an update of all": async () => {
      await em.fork().createQueryBuilder(Author).insert({ email: "a", fullName: "J" }).onConflict(["email"]).merge().execute();
    },
    "builds an insert that ignores": async () => {
      await em.fork().qb(Author).insert({ alias: "a" }).onConflict("alias").ignore().execute();
    },
  },
  () => orm.close(),
);
